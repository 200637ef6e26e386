"""A goal of the client's own on a phone: set, changed and put away by the keyboard, with its calendar."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.models import Client
from referrals import referring
from referrals.models import OwnGoal
from staff.models import StaffMember

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)


def checked(page: Page) -> None:
    """Nothing that axe or a narrow screen has to say against it, by day and by night."""
    for theme in ("dark", "light"):
        show(page, 390, theme)
        assert not accessibility_faults(page), page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url


def test_from_setting_it_to_putting_it_away(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, client_record: Client
) -> None:
    page, today = quiet_page, client_record.today
    referral = referring.offer(client=client_record, fellowship="lifering", by=counselor)
    for days in (0, 3, 9):
        referring.record_visit(
            referral=referral, visited_on=today - datetime.timedelta(days=days), attended=True, by=counselor
        )
    enter(counselor)
    show(page, 390, "light")
    page.goto(reverse("referrals:client_referrals", args=[client_record.pk]))
    goals = page.get_by_role("region", name="Goals of their own")
    goals.get_by_text("Record a goal").press("Enter")
    goals.get_by_label("Meetings").fill("90")
    goals.get_by_label("How often").select_option("in 90 days")
    goals.get_by_label("From").fill(f"{today - datetime.timedelta(days=10):%Y-%m-%d}")
    goals.get_by_role("button", name="Save goal").press("Enter")

    expect(goals.get_by_role("heading", name="90 meetings in 90 days")).to_be_visible()
    expect(goals.get_by_text("3 meetings so far. Each of them counts.")).to_be_visible()
    calendar = goals.get_by_role("table")
    expect(calendar.get_by_role("columnheader")).to_have_text(["Week of", "Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"])
    said = f"{today - datetime.timedelta(days=3):%b} {(today - datetime.timedelta(days=3)).day}: 1 meeting"
    expect(calendar.get_by_role("cell", name=said)).to_be_visible()
    checked(page)

    goals.get_by_text("Change this goal").press("Enter")
    change = goals.locator("form", has=page.get_by_role("button", name="Save the change"))
    change.get_by_label("Meetings").fill("2")
    change.get_by_label("How often").select_option("a week")
    checked(page)
    change.get_by_role("button", name="Save the change").press("Enter")
    expect(goals.get_by_role("heading", name="2 meetings a week")).to_be_visible()
    expect(goals.get_by_text("Before: 90 meetings in 90 days")).to_be_visible()

    goals.get_by_role("button", name="Put this goal away").press("Enter")
    expect(page.get_by_text("Goal put away. The visits stay.")).to_be_visible()
    goals.get_by_text("Put away (1)").press("Enter")
    expect(goals.get_by_text("Each of them counts.")).to_be_visible()
    checked(page)
    assert OwnGoal.objects.get().put_away_on == today

"""The guide from the first question to a home group, on a phone, with the client beside the counselor."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import Client
from referrals import referring
from referrals.models import Conversation, Meeting, MeetingFeed, MeetingVisit, Referral, Tie
from staff.models import StaffMember

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(counselor: StaffMember) -> Meeting:
    """Tonight and every week, an hour ago by the clinic's clock: it can be planned for next week."""
    feed = MeetingFeed.objects.create(clinic=counselor.clinic, name="Example list", fellowship="lifering")
    an_hour_ago = timezone.localtime(timezone=counselor.clinic.zone) - datetime.timedelta(hours=1)
    return Meeting.objects.create(
        feed=feed,
        external_id="m1",
        fellowship="lifering",
        name="Example Lantern",
        weekday=an_hour_ago.isoweekday() % 7,
        start=an_hour_ago.time().replace(second=0, microsecond=0),
        time_zone=str(counselor.clinic.zone),
        attendance="in_person",
        content_hash="1",
        imported_at=timezone.now(),
    )


@pytest.fixture
def phone(quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, live_server: Any) -> Page:
    enter(counselor)
    show(quiet_page, 390, "light")
    return quiet_page


def checked(page: Page) -> None:
    """Nothing that axe or a narrow screen has to say against it."""
    assert not accessibility_faults(page), page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url


def test_from_the_first_question_to_a_home_group(
    phone: Page, counselor: StaffMember, client_record: Client, meeting: Meeting
) -> None:
    page, args = phone, [client_record.pk]
    page.goto(reverse("referrals:client_referrals", args=args))
    page.get_by_role("link", name="Start the conversation").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Tried before")
    checked(page)
    page.get_by_label("Went before, not now").check()
    page.get_by_label("How was it?").fill("Too much prayer for her.")
    page.get_by_role("button", name="Save and go on").click()

    expect(heading).to_have_text("Concerns")
    checked(page)
    page.get_by_label("Religion").focus()
    page.keyboard.press("Space")  # by the keyboard alone
    page.get_by_role("button", name="Save and go on").press("Enter")

    expect(heading).to_have_text("Choose")
    page.get_by_role("link", name="Their concern: Secular meetings").click()
    expect(page.get_by_role("link", name="Example Lantern")).to_be_visible()
    checked(page)
    page.goto(reverse("referrals:client_referrals", args=args))  # called away; and back
    page.get_by_role("link", name="Resume the conversation").click()
    expect(heading).to_have_text("Choose")
    page.get_by_role("link", name="LifeRing Secular Recovery").click()
    page.get_by_role("button", name="Choose Example Lantern").click()
    expect(page.locator(".guide-chosen__line")).to_have_count(1)
    page.get_by_role("link", name="Go on to the call").click()

    expect(heading).to_have_text("Call together")
    checked(page)
    page.get_by_role("textbox", name="Volunteer").fill("Mary Jo Sample")
    page.get_by_role("button", name="Record the call").click()
    expect(page.get_by_text("Enter only a first name or initials")).to_be_visible()
    page.get_by_role("textbox", name="Volunteer").fill("Mary Jo")
    page.get_by_role("button", name="Record the call").click()

    expect(heading).to_have_text("Set a date")
    checked(page)
    page.get_by_role("button", name="Save the date").click()
    expect(page.get_by_text("Date set:")).to_be_visible()
    page.get_by_role("button", name="Finish the conversation").click()
    expect(heading).to_have_text("Mutual help")
    checked(page)
    referral = Referral.objects.get()
    assert referring.state_of(referral) == "planned"
    assert Conversation.objects.get().finished_at is not None

    # At the next contact: did you go? On a day before the planned one it is asked about.
    page.goto(reverse("referrals:referral", args=[*args, referral.pk]))
    checked(page)
    today = timezone.localdate(timezone=client_record.clinic.zone)
    form = page.locator("#visit")
    form.get_by_label("Day").fill(f"{today}")
    form.get_by_label("Yes, they went").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Record it as another visit, or instead of the planned one?")).to_be_visible()
    checked(page)
    assert not MeetingVisit.objects.exists()
    form.get_by_label("Another visit. The plan stays").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You said you would go, and you went.")).to_be_visible()
    checked(page)

    page.get_by_role("link", name="a sponsor or a home group").click()
    page.get_by_text("Record a home group").click()
    page.get_by_label("Meeting", exact=True).select_option(label="Example Lantern, " + meeting.when)
    page.get_by_role("button", name="Save home group").click()
    expect(page.get_by_role("heading", name="Home group: Example Lantern")).to_be_visible()
    checked(page)
    assert Tie.objects.get().meeting == meeting


def test_without_scripts(
    browser: Any,
    counselor: StaffMember,
    client_record: Client,
    meeting: Meeting,
    enter: Any,
    page: Page,
    live_server: Any,
) -> None:
    """Each step is a form of its own."""
    enter(counselor)
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    plain.add_cookies(page.context.cookies())
    phone = plain.new_page()
    phone.goto(reverse("referrals:guide", args=[client_record.pk]))
    phone.get_by_label("Never been").check()
    phone.get_by_role("button", name="Save and go on").click()
    phone.get_by_role("button", name="Save and go on").click()
    phone.get_by_role("link", name="LifeRing Secular Recovery").click()
    phone.get_by_role("button", name="Choose Example Lantern").click()
    phone.get_by_role("link", name="Go on to the call").click()
    phone.get_by_role("link", name="Go on without a call").click()
    phone.get_by_role("button", name="Save the date").click()
    expect(phone.get_by_text("Date set:")).to_be_visible()
    plain.close()
    assert referring.state_of(Referral.objects.get()) == "planned"

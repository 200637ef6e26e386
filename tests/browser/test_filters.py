"""Filter bars in a real browser: by keyboard, without scripts, narrow and wide, light and dark."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from groups.models import GroupType
from staff.models import Role, StaffMember
from tests import factories

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("ONWARD_SHOTS", "")  # a folder for pictures to look at


@pytest.fixture
def supervisor(transactional_db: None) -> StaffMember:
    clinic = factories.ClinicFactory(name="Example Clinic")
    program = factories.ProgramFactory(clinic=clinic, name="Outpatient")
    factories.GroupFactory(program=program, name="Evening process", type=GroupType.PROCESS)
    other = next(kind for kind in GroupType.values if kind != GroupType.PROCESS)
    factories.GroupFactory(program=program, name="Skills for the week", type=other)
    return factories.StaffMemberFactory(clinic=clinic, role=Role.SUPERVISOR)


@pytest.fixture
def lists(supervisor: StaffMember) -> list[str]:
    client = factories.ClientFactory(clinic=supervisor.clinic, counselor=supervisor)
    return [
        reverse("groups:groups") + "?type=process",
        reverse("cases:clients") + "?care=none&mine=on",
        reverse("cases:inquiries_ended") + "?since=9999-12-31",
        reverse("counseling:notes", args=[client.pk]) + "?q=payday&author=9",
        reverse("referrals:referrals") + "?state=all",
        reverse("reminders:reminders"),
    ]


def test_filter_bars_fit_narrow_and_wide_light_and_dark(
    quiet_page: Page, supervisor: StaffMember, lists: list[str], enter: Callable[[StaffMember], None]
) -> None:
    page = quiet_page
    enter(supervisor)
    for number, address in enumerate(lists):
        show(page, 390, "dark")
        page.goto(address)
        for width, scheme in ((390, "dark"), (1280, "light")):
            show(page, width, scheme)
            expect(page.get_by_role("search", name="Filter")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} at {width}"
            assert accessibility_faults(page) == [], f"{address} at {width}"
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{number}-{width}-{scheme}.png")


def test_a_list_is_narrowed_and_cleared_by_keyboard_without_scripts(
    browser: Browser, browser_context_args: dict[str, Any], page: Page, supervisor: StaffMember,
    enter: Callable[[StaffMember], None],
) -> None:  # fmt: skip
    enter(supervisor)
    plain = browser.new_context(**browser_context_args, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    desk = plain.new_page()
    desk.goto(reverse("groups:groups"))
    bar = desk.get_by_role("search", name="Filter")
    bar.get_by_label("Type").focus()
    bar.get_by_label("Type").select_option(GroupType.PROCESS)
    desk.keyboard.press("Tab")
    expect(bar.get_by_label("Show")).to_be_focused()
    desk.keyboard.press("Tab")
    expect(bar.get_by_role("button", name="Filter")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Skills for the week")).to_have_count(0)
    expect(desk.get_by_text("Evening process")).to_be_visible()
    bar.get_by_role("link", name="Clear").press("Enter")
    expect(desk.get_by_text("Skills for the week")).to_be_visible()
    plain.close()

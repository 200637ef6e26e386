"""On letter paper a week and a clinic's day take one sheet each, sideways; a list stands upright."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from appointments import booking
from appointments.models import Room
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)
SIDEWAYS, UPRIGHT = ("792", "612"), ("612", "792")  # points


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    clinic = factories.ClinicFactory(name="Example Clinic")
    person = factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR)
    room = Room.objects.create(clinic=clinic, name="Room 1")
    for number in range(8):
        client = factories.ClientFactory(clinic=clinic, counselor=person, family_name=f"Samplewright{number}")
        starts_at = datetime.datetime.combine(datetime.date(2031, 3, 4), datetime.time(7 + 2 * number), clinic.zone)
        booking.book(
            client=client,
            staff_member=person,
            starts_at=starts_at,
            room=room,
            by=person,
            outside_hours_reason="An hour of its own",
        )
    return person


def sheets(page: Page) -> list[tuple[str, str]]:
    """Width and height of each sheet, in points."""
    paper = page.pdf(prefer_css_page_size=True).decode("latin-1")
    boxes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    return [(f"{float(width):.0f}", f"{float(height):.0f}") for width, height in boxes]


def test_one_sheet_each(quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember) -> None:
    """From 7 AM to 10 PM, from the page itself and from its sheet."""
    page = quiet_page
    enter(counselor)
    week = f"{reverse('appointments:calendar')}?week=2031-03-04"
    day = f"{reverse('appointments:clinic_day')}?day=2031-03-04"
    for url in (week, day, f"{day}&by=rooms"):
        page.goto(url)
        assert sheets(page) == [SIDEWAYS], url
        page.get_by_role("link", name="Print").click()
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        expect(page.get_by_text(f"by {counselor.signature_name}")).to_be_visible()
        assert accessibility_faults(page) == []
        assert sheets(page) == [SIDEWAYS], page.url
        page.get_by_role("link", name="Back").click()
        expect(page.get_by_role("link", name="Print")).to_be_visible()
    for url in (f"{reverse('appointments:front_desk')}?day=2031-03-04&print=on", f"{week}&view=agenda&print=on"):
        page.goto(url)
        assert set(sheets(page)) == {UPRIGHT}, url

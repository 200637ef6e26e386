"""What a printed page about a meeting says: never whose it is, for it goes into a pocket or lies in a printer."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from cases.models import Client
from referrals import guide, referring
from referrals.models import Meeting, MeetingFeed
from staff.models import StaffMember

from .conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(counselor: StaffMember) -> Meeting:
    feed = MeetingFeed.objects.create(clinic=counselor.clinic, name="Example list", fellowship="aa")
    return Meeting.objects.create(
        feed=feed,
        external_id="m1",
        fellowship="aa",
        name="Example Lantern",
        weekday=2,
        start=datetime.time(19),
        time_zone="America/Chicago",
        attendance="hybrid",
        conference_url="https://zoom.us/j/5550100",
        address="10 Example St, Albany, NY 12207",
        latitude=42.6526,
        longitude=-73.7562,
        content_hash="1",
        imported_at=timezone.now(),
    )


def test_a_meeting_printed_for_a_client_names_neither_them_nor_a_visit(
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    client_record: Client,
    meeting: Meeting,
) -> None:
    client_record.postal_code = "12207"
    client_record.preferred_name = "Robbie"
    client_record.save()
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
    went_on = client_record.today - datetime.timedelta(days=3)
    referring.record_visit(referral=referral, visited_on=went_on, attended=True, by=counselor)
    enter(counselor)
    args = [client_record.pk]
    for url in (
        reverse("referrals:client_meeting", args=[*args, meeting.pk]),
        reverse("referrals:client_finder", args=args),
        reverse("referrals:guide_stage", args=[*args, "choose"]) + "?program=aa",
    ):
        quiet_page.emulate_media(media="screen")
        quiet_page.goto(url)
        assert "Sample" in quiet_page.inner_text("body"), "the screen says whose it is"
        quiet_page.emulate_media(media="print")
        on_paper = quiet_page.inner_text("body")
        assert "Example Lantern" in on_paper
        told = (client_record.family_name, client_record.called, client_record.birth_words, f"{went_on:%b %-d, %Y}")
        assert all(told)
        for words in told:
            assert words not in on_paper, f"{url}: {words}"
        assert f"No. {client_record.pk}" not in on_paper


def test_the_handout_is_made_from_ticks_and_fits_every_window_and_one_sheet(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, meeting: Meeting
) -> None:
    for number in (2, 3):
        meeting.pk, meeting.external_id, meeting.name = None, f"m{number}", f"Example {number}"
        meeting.notes = "No meeting on the last Tuesday of the month."
        meeting.save()
    enter(counselor)
    page = quiet_page
    page.goto(reverse("referrals:finder"))
    for name in ("Example Lantern", "Example 2", "Example 3"):
        page.get_by_label(f"Handout: {name}").check()
    page.get_by_role("button", name="Make a handout").click()
    expect(page.get_by_role("heading", name="Meetings")).to_be_visible()
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
        show(page, width, scheme)
        assert not accessibility_faults(page), (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    on_paper = page.inner_text("body")
    assert str(counselor.clinic) not in on_paper
    assert counselor.family_name not in on_paper
    assert "Take off" not in on_paper
    assert on_paper.count("Directions") == 3
    [sheet] = PdfReader(io.BytesIO(page.pdf(format="Letter"))).pages
    assert "last Tuesday" in sheet.extract_text()

"""Booking begins where the need for it shows: the note, Today, a missed appointment, a free time in the calendar."""

from __future__ import annotations

import datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking
from appointments.models import Appointment
from appointments.openings import value_of
from cases.intake import inquiries
from cases.models import Client
from counseling import notes
from staff.models import StaffMember
from staff.models.clinic import Setting
from tests import factories
from tests.appointments.stories import discharged

pytestmark = pytest.mark.usefixtures("today")


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def addresses(page: Any, part: str) -> list[str]:
    found = (unescape(each.split('"')[0]) for each in page.content.decode().split('href="')[1:])
    return [each for each in found if part in each]


def test_from_the_note(
    client_record: Client, counselor: StaffMember, book: Any, signed_in: Any, at: Any, make_staff: Any
) -> None:
    episode = factories.TreatmentEpisodeFactory(client=client_record)
    note = notes.start(client=client_record, episode=episode, by=counselor, session_started_at=at(2, 6))
    browser, here = signed_in(counselor), reverse("counseling:note_edit", args=[client_record.pk, note.pk])
    page = browser.get(here)
    aside = words(page).split('id="aside-next"')[1].split("</section>")[0]
    assert "Nothing booked." in aside
    (address,) = addresses(page, reverse("appointments:book", args=[client_record.pk]))
    led = browser.get(address)
    assert f"First openings of {counselor} from Mar 9" in words(led)
    made = browser.post(
        address,
        {"purpose": "individual", "staff_member": counselor.pk, "minutes": 50, "mode": "in_person",
         "opening": value_of(at(9, 10))},
    )  # fmt: skip
    assert made.url == here
    assert "Mon, Mar 9, 10:00 AM" in words(browser.get(here)).split('id="aside-next"')[1].split("</section>")[0]


def test_a_page_of_another_site_is_no_way_back(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    address = reverse("appointments:book", args=[client_record.pk])
    for asked in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "back"):
        page = signed_in(counselor).get(address, {"next": asked}).content.decode()
        assert "elsewhere" not in page
        assert "javascript:" not in page
        assert f'href="{reverse("appointments:client_appointments", args=[client_record.pk])}">Cancel' in page


def test_from_my_day(book: Any, counselor: StaffMember, signed_in: Any, at: Any) -> None:
    made = book(starts_at=at(2, 15), purpose="family", minutes=40)
    (address,) = addresses(signed_in(counselor).get("/"), "/book/?")
    assert address.startswith(reverse("appointments:book", args=[made.client_id]))
    page = words(signed_in(counselor).get(address))
    assert f"First openings of {counselor} from Mar 9, 40 minutes" in page
    assert '<option value="family" selected>' in page


def test_who_covers_sees_who_comes_and_no_way_to_book_on_a_chart_that_is_not_theirs(
    book: Any, client_record: Client, make_staff: Any, signed_in: Any, supervisor: StaffMember, at: Any
) -> None:
    other = make_staff("counselor")
    booking.book(client=client_record, staff_member=other, by=supervisor, starts_at=at(2, 15), tell=False)
    page = signed_in(other).get("/")
    assert client_record.full_name in page.content.decode()
    assert not addresses(page, "/book/?")


def test_from_a_missed_appointment(book: Any, counselor: StaffMember, signed_in: Any, at: Any) -> None:
    missed = book(starts_at=at(2, 9), minutes=30)
    with time_machine.travel(at(2, 11), tick=False):
        booking.no_show(appointment=missed, by=counselor)
        here = reverse("appointments:no_show", args=[missed.client_id, missed.pk])
        browser = signed_in(counselor)
        (address,) = addresses(browser.get(here), reverse("appointments:book", args=[missed.client_id]))
        answer = browser.post(
            address,
            {"purpose": "individual", "staff_member": counselor.pk, "minutes": 30, "mode": "in_person",
             "opening": value_of(at(3, 10))},
        )  # fmt: skip
        assert answer.url == here
        assert "Nothing more to do" in words(browser.get(here))


def test_from_a_visit_that_is_due_after_residential_care(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    discharged(client_record, datetime.date(2026, 2, 27), setting=Setting.RESIDENTIAL)
    browser = signed_in(counselor)
    today = browser.get("/")
    assert "Book a visit<span" in words(today)
    (address,) = addresses(today, reverse("appointments:book", args=[client_record.pk]))
    page = reverse("appointments:follow_up", args=[client_record.pk])
    assert f'href="{page}#windows">Cancel' in words(browser.get(address))
    assert addresses(browser.get(page), reverse("appointments:book", args=[client_record.pk])) == [address]


def test_from_a_free_time_in_the_calendar(
    book: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    book(starts_at=at(4, 9), minutes=60)
    browser, asks = signed_in(counselor), reverse("appointments:book_whom")
    page = browser.get(reverse("appointments:calendar"))
    free = [each for each in addresses(page, asks) if "opening=" in each]
    assert any(f"opening={value_of(at(4, 8))}" in each for each in free)
    assert not any(f"opening={value_of(at(4, 9))}" in each for each in free)
    assert not any(f"opening={value_of(at(1, 9))}" in each for each in free)  # Sunday
    address = next(each for each in free if f"opening={value_of(at(4, 16))}" in each)
    whom = browser.get(address)
    assert f"Wednesday, March 4, 4:00 PM, with {counselor}" in words(whom)
    (own,) = addresses(whom, reverse("appointments:book", args=[client_record.pk]))
    chosen = browser.get(own).content.decode().split(f'value="{value_of(at(4, 16))}"')[1]
    assert chosen.split(">")[0].strip() == "checked"
    found = browser.post(address, {"q": client_record.full_name})
    assert found.url == own
    assert "calendar" in unescape(browser.get(own).content.decode().split(">Cancel<")[0].rsplit('href="', 1)[1])


def test_whom_to_book_offers_nobody_of_another_caseload(
    client_record: Client, counselor: StaffMember, make_staff: Any, make_client: Any, signed_in: Any
) -> None:
    """Neither in the list of a colleague's clients nor by a search."""
    other = make_staff("counselor")
    address = f"{reverse('appointments:book_whom')}?staff={counselor.pk}"
    for page in (signed_in(other).get(address), signed_in(other).post(address, {"q": client_record.full_name})):
        assert page.status_code == 200
        assert f"/clients/{client_record.pk}/" not in page.content.decode()
    assert client_record.full_name not in signed_in(other).get(address).content.decode()
    assert client_record.full_name in signed_in(counselor).get(address).content.decode()


def test_the_sheet_and_a_role_that_may_not_book_show_no_free_times(
    counselor: StaffMember, make_staff: Any, signed_in: Any
) -> None:
    week, asks = reverse("appointments:calendar"), reverse("appointments:book_whom")
    assert addresses(signed_in(counselor).get(week), asks)
    assert not addresses(signed_in(counselor).get(week, {"print": "on"}), asks)
    assert signed_in(make_staff("administrator")).get(asks).status_code == 403


def test_a_caller_can_be_chosen(counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any) -> None:
    call = inquiries.take(by=supervisor, given_name="Casey", family_name="Sampleton")
    address = f"{reverse('appointments:book_whom')}?opening={value_of(at(4, 9))}&staff={counselor.pk}"
    page = signed_in(supervisor).get(address)
    assert addresses(page, reverse("appointments:inquiry_book", args=[call.pk]))


def test_few_queries(book: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any) -> None:
    book(starts_at=at(2, 9))
    factories.TreatmentEpisodeFactory(client=client_record)
    pages = (
        reverse("appointments:book_whom"),
        reverse("appointments:book", args=[client_record.pk]),
        reverse("appointments:calendar"),
        reverse("appointments:move", args=[client_record.pk, Appointment.objects.get().pk]),
    )
    browser = signed_in(counselor)
    for page in pages:
        browser.get(page)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(page)
        assert len(asked) <= 12, page

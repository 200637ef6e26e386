"""The calendar feed: when, and nothing else, for whoever has the address, until it is renewed."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar

from appointments import booking, feeds
from appointments.models import CalendarFeed
from groups import sessions
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted
from tests import factories

pytestmark = pytest.mark.usefixtures("today")


def get(token: str) -> Any:
    return Browser().get(reverse("appointments:feed"), {"key": token})


def events(token: str) -> list[Any]:
    answer = get(token)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_times_by_the_clinics_clock_and_no_names(
    book: Any, counselor: StaffMember, supervisor: StaffMember, room: Any, at: Any
) -> None:
    book(starts_at=at(6, 10), room=room)
    book(starts_at=at(9, 10))  # after the clocks went forward
    group = factories.GroupFactory(clinic=counselor.clinic, name="Seeking safety")
    sessions.plan(group=group, starts_at=at(5, 18), facilitators=[counselor], by=supervisor, overlap_reason="evening")
    token = feeds.renew(by=counselor)
    found = events(token)
    zone = ZoneInfo("America/New_York")
    assert [each["DTSTART"].dt for each in found] == [
        datetime.datetime(2026, 3, 5, 18, tzinfo=zone),
        datetime.datetime(2026, 3, 6, 10, tzinfo=zone),
        datetime.datetime(2026, 3, 9, 10, tzinfo=zone),
    ]
    assert {str(each["SUMMARY"]) for each in found} == {"Appointment"}
    text = get(token).content.decode()
    assert "BEGIN:VTIMEZONE" in text
    for word in ("Robin", "Sample", "Seeking", "Example Clinic", "Room", "Individual", "session", "counsel"):
        assert word.lower() not in text.lower(), word


def test_what_was_canceled_or_is_a_colleagues_is_not_in_it(
    book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    booking.cancel(appointment=book(starts_at=at(6, 10)), by=counselor, by_client=True)
    book(staff_member=supervisor, by=supervisor, starts_at=at(6, 11))
    assert events(feeds.renew(by=counselor)) == []


def test_a_new_address_ends_the_old_one(counselor: StaffMember) -> None:
    old = feeds.renew(by=counselor)
    new = feeds.renew(by=counselor)
    assert old != new
    assert (get(old).status_code, get(new).status_code) == (404, 200)
    assert feeds.end(by=counselor)
    assert get(new).status_code == 404
    assert not feeds.end(by=counselor)
    assert AuditEntry.objects.filter(act="appointments.renew_feed").count() == 2
    assert AuditEntry.objects.filter(act="appointments.end_feed").count() == 1


def test_the_database_does_not_know_the_address(counselor: StaffMember) -> None:
    token = feeds.renew(by=counselor)
    assert token not in str(CalendarFeed.objects.values().get())


@pytest.mark.parametrize(("key", "status"), [("", 404), ("x", 404), ("é" * 200, 404), ("\x00", 400)])
def test_anything_else_is_not_found(counselor: StaffMember, key: str, status: int) -> None:
    feeds.renew(by=counselor)
    assert get(key).status_code == status


def test_it_ends_with_the_account(counselor: StaffMember) -> None:
    token = feeds.renew(by=counselor)
    counselor.is_active = False
    counselor.save()
    assert get(token).status_code == 404


def test_the_page_shows_the_address_once(counselor: StaffMember, signed_in: Any) -> None:
    browser = signed_in(counselor)
    shown = browser.post(reverse("appointments:renew_feed")).content.decode()
    assert "http://testserver/calendar/feed.ics?key=" in shown
    assert "?key=" not in browser.get(reverse("appointments:feed_settings")).content.decode()
    browser.post(reverse("appointments:end_feed"))
    assert not CalendarFeed.objects.exists()


def test_who_has_no_appointments_has_no_feed(administrator: StaffMember) -> None:
    with pytest.raises(NotPermitted):
        feeds.renew(by=administrator)

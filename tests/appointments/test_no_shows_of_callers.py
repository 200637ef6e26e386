"""A caller who missed the first appointment is followed up like a client; only a person closes the inquiry."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking, no_shows
from appointments.models import Appointment, NoShowContact
from cases.intake import inquiries
from cases.models import Client, Inquiry
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted

MARCH = [datetime.date(2026, 3, each) for each in range(1, 32)]
Book = Callable[..., Appointment]


@pytest.fixture
def clock() -> Any:
    """Monday, March 2, 2026, 5 PM in the clinic, and later days by `move_to`."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 22, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(clock: Any, intake: StaffMember) -> Inquiry:
    return inquiries.take(by=intake, given_name="Casey", family_name="Sampleton", call_back_phone="(518) 555-0130")


@pytest.fixture
def missed(call: Inquiry, intake: StaffMember, counselor: StaffMember, at: Any) -> Appointment:
    appointment = booking.book(inquiry=call, staff_member=counselor, starts_at=at(2, 10), by=intake)
    return booking.no_show(appointment=appointment, by=intake)


def to_do(appointment: Appointment, on: datetime.date) -> str:
    protocol = no_shows.protocol(appointment, on)
    step = protocol.to_do(on) if protocol else None
    return step.label if step else ""


def lines(browser: Any) -> str:
    return " ".join(browser.get("/").content.decode().split())


def test_the_same_steps_but_no_letter(missed: Appointment, clock: Any, intake: StaffMember, at: Any) -> None:
    assert [(each.label, each.due_on) for each in no_shows.steps(missed, MARCH[1])] == [
        ("Call the same day", MARCH[1]),
        ("Try another way", MARCH[3]),
        ("Intake review", MARCH[8]),
    ]
    no_shows.record(appointment=missed, step="call", outcome="not_reached", by=intake)
    assert (to_do(missed, MARCH[2]), to_do(missed, MARCH[3])) == ("", "Try another way")
    clock.move_to(at(9, 9))
    no_shows.record(appointment=missed, step="second", outcome="message", by=intake)
    assert to_do(missed, MARCH[8]) == "Intake review"
    no_shows.record(appointment=missed, step="review", by=intake, note="No ride. Offer a phone visit.")
    assert to_do(missed, MARCH[30]) == ""
    with pytest.raises(no_shows.NoAddress):
        no_shows.record(appointment=missed, step="letter", by=intake)
    assert AuditEntry.objects.filter(act="appointments.record_no_show_step", clinic=intake.clinic).count() == 3
    missed.inquiry.refresh_from_db()  # type: ignore[union-attr]
    assert missed.inquiry.stage == Inquiry.Stage.NEW  # type: ignore[union-attr]  # no step closes it


def reached(missed: Appointment, call: Inquiry, by: StaffMember, at: Any) -> None:
    no_shows.record(appointment=missed, step="call", outcome="reached", by=by)


def booked_again(missed: Appointment, call: Inquiry, by: StaffMember, at: Any) -> None:
    booking.book(inquiry=call, staff_member=missed.staff_member, starts_at=at(12, 10), by=by)


def came_late(missed: Appointment, call: Inquiry, by: StaffMember, at: Any) -> None:
    later = booking.book(inquiry=call, staff_member=missed.staff_member, starts_at=at(2, 15), by=by)
    booking.arrive(appointment=later, by=by)


def closed(missed: Appointment, call: Inquiry, by: StaffMember, at: Any) -> None:
    inquiries.move(inquiry=call, stage=Inquiry.Stage.CLOSED, reason="Chose another clinic", by=by)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (reached, "reached on Mar 2"),
        (booked_again, "booked for Mar 12"),
        (came_late, "came on Mar 2"),
        (closed, "ended as “Closed”: Chose another clinic"),
    ],
)
def test_it_ends_by_itself(
    missed: Appointment, call: Inquiry, intake: StaffMember, at: Any, what: Any, words: str
) -> None:
    what(missed, call, intake, at)
    protocol = no_shows.protocol(missed, MARCH[4])
    assert protocol is not None
    assert words in protocol.ended
    assert protocol.to_do(MARCH[30]) is None


def test_another_callers_appointment_does_not_end_it(
    missed: Appointment, intake: StaffMember, counselor: StaffMember, at: Any
) -> None:
    other = inquiries.take(by=intake, given_name="Jo", family_name="Else")
    booking.book(inquiry=other, staff_member=counselor, starts_at=at(12, 10), by=intake)
    assert to_do(missed, MARCH[1]) == "Call the same day"


def test_today_asks_the_intake_desk_and_whoever_was_to_be_met(
    missed: Appointment,
    clock: Any,
    intake: StaffMember,
    counselor: StaffMember,
    make_staff: Any,
    signed_in: Any,
    at: Any,
) -> None:
    url = reverse("appointments:inquiry_no_show", args=[missed.inquiry_id, missed.pk])
    for who in (intake, counselor, make_staff("supervisor")):
        page = lines(signed_in(who))
        assert "Call about a missed appointment" in page
        assert "Casey Sampleton" in page
        assert url in page
    for stranger in (make_staff("counselor"), make_staff("privacy")):
        assert "Casey" not in lines(signed_in(stranger))
    no_shows.record(appointment=missed, step="call", outcome="message", by=intake)
    assert "a missed appointment" not in lines(signed_in(intake))
    clock.move_to(at(4, 9))
    assert "Try another way after a missed appointment" in lines(signed_in(intake))


def test_on_the_page_of_the_call_and_on_its_own(missed: Appointment, intake: StaffMember, signed_in: Any) -> None:
    browser = signed_in(intake)
    page = " ".join(browser.get(reverse("cases:inquiry", args=[missed.inquiry_id])).content.decode().split())
    assert "Call the same day, by Mon, Mar 2" in page
    url = reverse("appointments:inquiry_no_show", args=[missed.inquiry_id, missed.pk])
    assert url in page
    assert (
        url
        in browser.get(
            reverse("appointments:inquiry_appointment", args=[missed.inquiry_id, missed.pk])
        ).content.decode()
    )
    shown = " ".join(browser.get(url).content.decode().split())
    assert "Casey Sampleton" in shown
    assert "None of them closes the inquiry" in shown
    assert "Send a letter" not in shown
    assert browser.post(url, {"step": "letter", "outcome": "message"}).status_code == 422
    saved = browser.post(url, {"step": "call", "outcome": "reached", "note": "Overslept"}, follow=True)
    assert "They were reached on Mar 2, 2026." in " ".join(saved.content.decode().split())
    page = " ".join(browser.get(reverse("cases:inquiry", args=[missed.inquiry_id])).content.decode().split())
    assert "They were reached on Mar 2, 2026." in page


def test_strangers_see_nothing_of_it(
    missed: Appointment,
    intake: StaffMember,
    counselor: StaffMember,
    make_staff: Any,
    other_clinic: Clinic,
    signed_in: Any,
) -> None:
    no_shows.record(appointment=missed, step="call", outcome="message", by=intake, note="Left with his sister")
    url = reverse("appointments:inquiry_no_show", args=[missed.inquiry_id, missed.pk])
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        assert signed_in(stranger).get(url).status_code == 404
        assert signed_in(stranger).post(url, {"step": "review"}).status_code == 404
        assert not NoShowContact.objects.visible_to(stranger).exists()
        with pytest.raises(NotPermitted):
            no_shows.record(appointment=missed, step="review", by=stranger)
    assert NoShowContact.objects.visible_to(intake).count() == 1
    assert NoShowContact.objects.visible_to(counselor).count() == 1  # they were to meet


def test_once_the_caller_is_a_client_it_goes_on_in_the_chart(
    missed: Appointment,
    call: Inquiry,
    intake: StaffMember,
    counselor: StaffMember,
    client_record: Client,
    signed_in: Any,
) -> None:
    no_shows.record(appointment=missed, step="call", outcome="message", by=intake)
    inquiries.link(inquiry=call, client=client_record, by=intake)
    missed.refresh_from_db()
    steps = no_shows.steps(missed, MARCH[1])
    assert (steps[0].contact is not None, steps[-1].label) == (True, "Send a letter")
    assert NoShowContact.objects.visible_to(counselor).count() == 1
    old = reverse("appointments:inquiry_no_show", args=[call.pk, missed.pk])
    assert signed_in(intake).get(old)["Location"] == reverse("appointments:no_show", args=[client_record.pk, missed.pk])
    inquiries.unlink(inquiry=call, reason="Another Casey", by=intake)
    missed.refresh_from_db()
    assert [each.label for each in no_shows.steps(missed, MARCH[1])][-1] == "Intake review"


def test_todays_cost_does_not_grow_with_callers(
    missed: Appointment, intake: StaffMember, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    browser, counts = signed_in(intake), []
    for number in (1, 3):
        for each in range(number):
            call = inquiries.take(by=intake, given_name=f"Caller{number}{each}")
            booked = booking.book(inquiry=call, staff_member=counselor, starts_at=at(2, 11 + each + number), by=intake)
            booking.no_show(appointment=booked, by=intake)
        browser.get("/")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12

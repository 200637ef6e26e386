"""A visit agreed on for after a discharge is reminded of as any other; an earlier one is not."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from appointments import booking, continuing_care, no_shows
from appointments.codes import NoShowStep, Outcome, Pace, Purpose
from appointments.models import Appointment
from cases.models import Client
from reminders import sender, sources
from reminders.models import Kind, Reminder, StaffTask
from staff.models import StaffMember
from tests.appointments.stories import discharged
from tests.reminders.conftest import reachable

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 3, 2)  # discharged at noon


@pytest.fixture
def clock() -> Any:
    """The morning of that Monday in the clinic (New York), before the discharge."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 14, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def reached(clock: Any, client_record: Client, counselor: StaffMember) -> None:
    reachable(client_record, counselor)


def afternoon(clock: Any) -> None:
    clock.move_to(datetime.datetime(2026, 3, 2, 19, tzinfo=datetime.UTC))


def send_all(clock: Any, until: datetime.datetime) -> list[str]:
    """The kinds that leave until then, as the sender works at every moment that something is due."""
    while due := Reminder.objects.waiting().filter(due_at__lte=until).order_by("due_at").first():
        clock.move_to(max(due.due_at, datetime.datetime.now(datetime.UTC)))
        sender.empty_outbox()
    sent = Reminder.objects.filter(client__isnull=False, state="sent").order_by("sent_at", "pk")
    return list(sent.values_list("kind", flat=True))


def chart(signed_in: Any, reader: StaffMember, client: Client) -> str:
    page = signed_in(reader).get(reverse("reminders:client_reminders", args=[client.pk]))
    return " ".join(page.content.decode().split())


def booked_on_the_page(signed_in: Any, by: StaffMember, client: Client, purpose: str = "individual") -> Appointment:
    typed = {
        "purpose": purpose, "staff_member": by.pk, "minutes": 50, "mode": "phone", "opening": "other",
        "day": "2026-03-06", "time": "11:00",
    }  # fmt: skip
    answer = signed_in(by).post(reverse("appointments:book", args=[client.pk]), typed)
    assert answer.status_code == 302
    return Appointment.objects.latest("pk")


def test_a_visit_booked_after_the_discharge_is_reminded_of(
    clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    discharged(client_record, MONDAY)
    afternoon(clock)
    booked_on_the_page(signed_in, counselor, client_record)
    page = chart(signed_in, counselor, client_record)
    assert "Scheduled for" in page
    assert "Won’t be sent" not in page
    assert send_all(clock, at(5, 12)) == [Kind.CLIENT_BOOKED, Kind.CLIENT_APPOINTMENT]
    assert len(mail.outbox) == 2
    assert not StaffTask.objects.exists()


def test_a_visit_of_before_the_discharge_is_not(
    clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    booked_on_the_page(signed_in, counselor, client_record)
    discharged(client_record, MONDAY)
    afternoon(clock)
    assert "Won’t be sent: the client was discharged" in chart(signed_in, counselor, client_record)
    assert Kind.CLIENT_APPOINTMENT not in send_all(clock, at(5, 12))


@pytest.mark.parametrize("purpose", [Purpose.AFTER_DISCHARGE, Purpose.CHECKUP])
def test_one_made_for_after_it_is_whenever_it_was_booked(
    purpose: str, clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    booked_on_the_page(signed_in, counselor, client_record, purpose)
    discharged(client_record, MONDAY)
    afternoon(clock)
    assert "Won’t be sent" not in chart(signed_in, counselor, client_record)
    assert Kind.CLIENT_APPOINTMENT in send_all(clock, at(5, 12))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("died", "the client died"),
        ("transferred", "the client was transferred to another provider"),
        ("incarcerated", "the client is incarcerated, and others may read messages"),
    ],
)
def test_who_died_or_went_elsewhere_is_not_written_to(
    reason: str, words: str, clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    """Booked as a follow-up before it."""
    booked_on_the_page(signed_in, counselor, client_record, Purpose.AFTER_DISCHARGE)
    discharged(client_record, MONDAY, reason=reason)
    afternoon(clock)
    assert f"Won’t be sent: {words}" in chart(signed_in, counselor, client_record)
    assert send_all(clock, at(5, 12)) == []
    assert mail.outbox == []


def test_who_wants_no_follow_up_is_not_written_to(
    clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    stay = discharged(client_record, MONDAY)
    afternoon(clock)
    booked_on_the_page(signed_in, counselor, client_record)
    continuing_care.choose(episode=stay, pace=Pace.NONE, reason="", by=counselor)
    assert "Won’t be sent: the client was discharged" in chart(signed_in, counselor, client_record)
    assert send_all(clock, at(5, 12)) == []


def test_its_move_and_its_end_are_told(
    clock: Any, client_record: Client, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    discharged(client_record, MONDAY)
    afternoon(clock)
    first = booking.book(client=client_record, staff_member=counselor, starts_at=at(6, 11), by=counselor, tell=False)
    second = booking.move(appointment=first, starts_at=at(9, 11), by=counselor)
    assert send_all(clock, at(3, 12)) == [Kind.CLIENT_MOVED]
    clock.move_to(at(4, 9))
    booking.cancel(appointment=second, by=counselor, by_client=False, reason="Counselor ill")
    assert send_all(clock, at(4, 10)) == [Kind.CLIENT_MOVED, Kind.CLIENT_CANCELED]


def test_who_missed_it_is_asked_to_call(clock: Any, client_record: Client, counselor: StaffMember, at: Any) -> None:
    discharged(client_record, MONDAY)
    afternoon(clock)
    visit = booking.book(client=client_record, staff_member=counselor, starts_at=at(6, 11), by=counselor, tell=False)
    clock.move_to(at(6, 12))
    booking.no_show(appointment=visit, by=counselor)
    assert send_all(clock, at(7, 12)) == [Kind.CLIENT_MISSED_APPOINTMENT]


def test_the_steps_after_a_missed_follow_up_are_not_forgotten(
    clock: Any, client_record: Client, counselor: StaffMember, at: Any
) -> None:
    """The page shows the step, so the colleague is reminded of it."""
    discharged(client_record, MONDAY)
    afternoon(clock)
    visit = booking.book(client=client_record, staff_member=counselor, starts_at=at(6, 11), by=counselor, tell=False)
    clock.move_to(at(6, 12))
    booking.no_show(appointment=visit, by=counselor)
    no_shows.record(appointment=visit, step=NoShowStep.CALL, outcome=Outcome.NOT_REACHED, by=counselor)
    sources.schedule_due(datetime.datetime.now(datetime.UTC))
    step = Reminder.objects.get(kind=Kind.STAFF_NO_SHOW_STEP)
    clock.move_to(step.due_at)
    sender.empty_outbox()
    step.refresh_from_db()
    assert step.state == "sent"

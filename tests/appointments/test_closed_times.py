"""What is booked in time off or on a holiday: on Today until it is moved, and no message invites anyone to it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking, closed_times, schedules
from appointments.models import Appointment
from cases.models import Client
from reminders import staff_tasks, upcoming
from reminders.models import Kind, Reminder, StaffTask
from staff.models import StaffMember
from staff.needs import Need, Urgency
from tests import factories
from tests.appointments.stories import discharged
from tests.reminders.conftest import reachable
from tests.reminders.passes import one_pass

pytestmark = pytest.mark.django_db
D = datetime.date


@pytest.fixture
def clock() -> Any:
    """Monday, March 2, 2026, 7 AM in the clinic, and later by `move_to`."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


def asked(reader: StaffMember, now: datetime.datetime) -> list[Need]:
    return closed_times.needs(staff_member=reader, now=now)


def test_a_holiday_puts_what_is_booked_on_today_until_it_is_moved(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    made, other = book(), book(starts_at=at(4, 10))
    assert not asked(counselor, at(2, 8))
    schedules.add_holiday(day=D(2026, 3, 3), name="Founders Day", by=supervisor)
    (need,) = asked(counselor, at(2, 8))
    assert need.detail == "Individual session, Tue, Mar 3, 10:00 AM. The clinic is closed: Founders Day."
    move = reverse("appointments:move", args=[made.client_id, made.pk])
    assert (need.title, need.url, need.button, need.urgency) == ("Move an appointment", move, "Move", Urgency.TODAY)
    page = signed_in(counselor).get(reverse("desk:today")).content.decode()
    assert f'href="{move}"' in page
    assert not asked(supervisor, at(2, 8))  # the counselor is at work and does it
    booking.move(appointment=made, starts_at=at(5, 10), by=counselor)
    assert not asked(counselor, at(2, 8))
    assert other.steps.count() == 1


def test_time_off_by_the_minute_and_only_what_is_ahead(
    clock: Any, book: Any, counselor: StaffMember, make_staff: Any, at: Any
) -> None:
    book(starts_at=at(3, 9), minutes=60)
    inside = book(starts_at=at(3, 10))
    book(starts_at=at(3, 12))
    colleague = make_staff()
    book(
        staff_member=colleague,
        by=colleague,
        client=factories.ClientFactory(clinic=counselor.clinic, counselor=colleague),
    )
    schedules.take_time_off(staff_member=counselor, starts_at=at(3, 10), ends_at=at(3, 12), by=counselor)
    (need,) = asked(counselor, at(2, 8))
    assert need.detail == "Individual session, Tue, Mar 3, 10:00 AM. You are off."
    assert not asked(colleague, at(2, 8))
    assert not asked(counselor, at(3, 10, 1))
    booking.cancel(appointment=inside, by=counselor, by_client=True)
    assert not asked(counselor, at(2, 8))


def test_who_is_away_today_does_not_read_it_so_their_supervisor_does(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, intake: StaffMember, at: Any
) -> None:
    book(starts_at=at(4, 10))
    schedules.take_time_off(staff_member=counselor, starts_at=at(3, 0), ends_at=at(7, 0), by=counselor)
    assert not asked(supervisor, at(2, 8))
    (need,) = asked(supervisor, at(3, 8))
    assert need.detail == f"Individual session, Wed, Mar 4, 10:00 AM. {counselor} is off."
    assert not asked(intake, at(3, 8))


def test_what_was_booked_there_with_a_reason_is_not_asked_about(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    """A reason is about what was known when it was booked: a holiday that comes later is asked about."""
    schedules.take_time_off(staff_member=counselor, starts_at=at(3, 0), ends_at=at(4, 0), by=counselor)
    clock.move_to(at(2, 8))
    book(outside_hours_reason="The client leaves for good on Wednesday")
    book(starts_at=at(7, 10), outside_hours_reason="Works all week")
    assert not asked(counselor, at(2, 9))
    clock.move_to(at(2, 9))
    schedules.add_holiday(day=D(2026, 3, 7), name="Founders Day", by=supervisor)
    (need,) = asked(counselor, at(2, 9))
    assert "Sat, Mar 7" in need.detail


def test_weeks_ahead_are_soon_and_many_are_one_line(
    clock: Any, client_record: Client, counselor: StaffMember, at: Any
) -> None:
    booking.book_series(
        client=client_record,
        staff_member=counselor,
        first_day=D(2026, 3, 3),
        last_day=D(2026, 5, 12),
        time=datetime.time(10),
        by=counselor,
    )
    schedules.take_time_off(staff_member=counselor, starts_at=at(3, 0), ends_at=at(31, 0, month=5), by=counselor)
    found = asked(counselor, at(2, 8))
    assert [need.urgency for need in found] == [Urgency.TODAY] * 2 + [Urgency.SOON] * 5
    assert (found[-1].title, found[-1].url) == ("5 more appointments to move", reverse("appointments:calendar"))


def test_nobody_is_asked_about_someone_who_died(clock: Any, book: Any, counselor: StaffMember, at: Any) -> None:
    made = book()
    schedules.take_time_off(staff_member=counselor, starts_at=at(3, 0), ends_at=at(4, 0), by=counselor)
    discharged(made.client, D(2026, 3, 1), reason="died")
    assert not asked(counselor, at(2, 8))


def held(appointment: Appointment) -> list[tuple[str, str]]:
    own = Reminder.objects.filter(context__appointment_id=appointment.pk).order_by("due_at")
    return [(each.state, each.reason) for each in own]


def test_a_reminder_of_a_visit_on_a_holiday_is_held_for_a_person(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    """Nobody is invited to a closed clinic. One task says so, not one for each message."""
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    reachable(client, counselor)
    made = book(client=client, starts_at=at(5, 14), tell=True)
    schedules.add_holiday(day=D(2026, 3, 5), name="Founders Day", by=supervisor)
    waiting = upcoming.foreseen(list(Reminder.objects.filter(client=client)), [], at(2, 8))
    assert {each.held for each in waiting} == {"the clinic is closed that day (Founders Day)"}
    for moment in (at(2, 8), at(4, 14), at(5, 12)):
        clock.move_to(moment)
        one_pass(moment)
    assert held(made) == [("cancelled", "the clinic is closed that day (Founders Day)")] * 3
    (task,) = StaffTask.objects.all()
    assert task.kind == StaffTask.Kind.HELD_BACK
    assert task.sentence.endswith(
        "was held: the clinic is closed that day (Founders Day). Move or cancel the appointment, and tell the client."
    )


def test_time_off_holds_it_too_and_without_it_the_reminder_leaves(
    clock: Any, book: Any, counselor: StaffMember, at: Any
) -> None:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    reachable(client, counselor)
    first, second = book(client=client, starts_at=at(5, 14)), book(client=client, starts_at=at(9, 14))
    off, _ = schedules.take_time_off(staff_member=counselor, starts_at=at(5, 0), ends_at=at(10, 0), by=counselor)
    clock.move_to(at(4, 14))
    one_pass(at(4, 14))
    assert held(first)[0] == ("cancelled", f"{counselor} is off at that time")
    schedules.remove_time_off(off=off, by=counselor)
    clock.move_to(at(8, 14))
    one_pass(at(8, 14))
    assert held(second)[0] == ("sent", "")


def test_a_cancellation_is_told_whatever_the_day(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    reachable(client, counselor)
    made = book(client=client, starts_at=at(5, 14))
    schedules.add_holiday(day=D(2026, 3, 5), name="Founders Day", by=supervisor)
    booking.cancel(appointment=made, by=counselor, by_client=False, reason="Closed")
    clock.move_to(at(2, 9))
    one_pass(at(2, 9))
    assert Reminder.objects.get(kind=Kind.CLIENT_CANCELED).state == "sent"
    assert staff_tasks.StaffTask.objects.count() == 0

"""Reminders of appointments: once, at the right hour, and never of what is not to come."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
import time_machine

from appointments import booking, no_shows
from appointments.codes import NoShowStep, Outcome, Step
from cases.models import Client
from reminders import delivery, wordings
from reminders.models import Kind, Reminder, StaffTask
from staff.models import Clinic, ClinicThreshold, StaffMember
from tests.appointments.stories import discharged
from tests.reminders.conftest import reachable
from tests.reminders.passes import cause_gone

pytestmark = pytest.mark.usefixtures("today")
UTC = datetime.UTC


def waiting(client: Client) -> list[datetime.datetime]:
    return list(Reminder.objects.filter(client=client).waiting().order_by("due_at").values_list("due_at", flat=True))


def said(reminder: Reminder) -> tuple[str, str]:
    """The day and the time that its text names."""
    text = wordings.text_of(reminder).body
    found = re.search(r"(\w+day, \w{3} \d+) at (\d+:\d\d [AP]M)", text)
    assert found, text
    return found[1], found[2]


def test_the_day_before_means_the_same_hour_across_a_clock_change(book: Any, at: Any) -> None:
    """Scenario 9: New York, Sunday, March 8, 2026, 10 AM: the day before is March 7, 10 AM, which is 15:00 UTC."""
    appointment = book(starts_at=at(8, 10), outside_hours_reason="Sunday session")
    assert appointment.starts_at.astimezone(UTC).hour == 14
    due = waiting(appointment.client)
    assert due[0] == datetime.datetime(2026, 3, 7, 15, tzinfo=UTC)
    assert due[1] == datetime.datetime(2026, 3, 8, 12, tzinfo=UTC)
    reminder = Reminder.objects.order_by("due_at")[0]
    assert said(reminder) == ("Sunday, Mar 8", "10:00 AM")
    assert reminder.not_after == appointment.starts_at


def test_the_client_reads_their_own_clock(book: Any, client_record: Client, at: Any) -> None:
    client_record.time_zone = "America/Los_Angeles"
    client_record.save()
    appointment = book(starts_at=at(5, 13))
    own = Reminder.objects.filter(client=appointment.client)
    assert {said(each) for each in own} == {("Thursday, Mar 5", "10:00 AM")}
    client_record.time_zone = "America/New_York"  # it was recorded wrongly: what waits says so, too
    client_record.save()
    assert {said(each) for each in own.all()} == {("Thursday, Mar 5", "1:00 PM")}


def test_moving_an_appointment_moves_its_reminders(book: Any, counselor: StaffMember, at: Any) -> None:
    old = book(starts_at=at(5, 10))
    booking.move(appointment=old, starts_at=at(6, 11), by=counselor)
    assert waiting(old.client) == [at(2, 7), at(5, 11), at(6, 9)]  # at once, that it moved
    canceled = Reminder.objects.filter(state=Reminder.State.CANCELLED)
    assert {each.reason for each in canceled} == {"the appointment was moved"}


def test_canceled_and_taken_back_the_client_hears_of_it_again(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(5, 10))
    booking.cancel(appointment=appointment, by=counselor, by_client=True)
    assert waiting(appointment.client) == []
    booking.reopen(appointment=appointment, reason="Wrong row", by=counselor)
    assert waiting(appointment.client) == [at(4, 10), at(5, 8)]


def test_what_became_of_it_is_asked_when_it_is_sent(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(5, 10))
    reminder = Reminder.objects.order_by("due_at")[0]
    assert cause_gone(reminder) == ""
    booking.confirm(appointment=appointment, by=None)
    assert cause_gone(reminder) == ""
    appointment.steps.create(step=Step.LATE_CANCEL, at=at(4, 9))  # past the function, as a repair by hand would be
    assert cause_gone(reminder) == "the appointment is marked “Late cancellation”"


def test_a_clinic_says_when_it_reminds(book: Any, clinic: Clinic, at: Any) -> None:
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.remind_days_before", value=2)
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.remind_hours_before", value=0)
    assert waiting(book(starts_at=at(5, 10)).client) == [at(3, 10)]


def test_nothing_is_due_already_when_it_is_booked(book: Any, at: Any) -> None:
    assert waiting(book(starts_at=at(2, 8)).client) == []


@pytest.fixture
def robin_hears(client_record: Client, counselor: StaffMember) -> None:
    reachable(client_record, counselor)


def missed(client: Client) -> Reminder:
    return Reminder.objects.get(client=client, kind=Kind.CLIENT_MISSED_APPOINTMENT)


def test_after_a_missed_appointment_the_client_is_asked_to_call(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(3, 10))
    with time_machine.travel(at(3, 10, 30), tick=False):
        booking.no_show(appointment=appointment, by=counselor)
    reminder = missed(appointment.client)
    assert reminder.due_at == at(3, 12, 50)  # two hours after it would have been over
    assert reminder.context.keys() == {"number", "appointment_id"}  # neither day nor what was missed
    assert cause_gone(reminder) == ""


def test_who_comes_late_after_all_is_not_written_to(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(3, 10))
    with time_machine.travel(at(3, 10, 30), tick=False):
        booking.no_show(appointment=appointment, by=counselor)
        booking.arrive(appointment=appointment, by=counselor)
    assert cause_gone(missed(appointment.client)) == "the appointment is marked “Arrived”"


def test_who_was_reached_by_phone_is_not_written_to(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(3, 10))
    with time_machine.travel(at(3, 11), tick=False):
        booking.no_show(appointment=appointment, by=counselor)
        no_shows.record(appointment=appointment, step=NoShowStep.CALL, outcome=Outcome.REACHED, by=counselor)
        assert cause_gone(missed(appointment.client)) != ""


def test_what_was_missed_long_ago_writes_to_nobody(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(3, 10))
    with time_machine.travel(at(6, 9), tick=False):
        booking.no_show(appointment=appointment, by=counselor)
    assert not Reminder.objects.filter(kind=Kind.CLIENT_MISSED_APPOINTMENT).exists()


def test_a_clinic_that_only_calls_writes_nothing(book: Any, counselor: StaffMember, clinic: Clinic, at: Any) -> None:
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.missed_message_hours", value=0)
    appointment = book(starts_at=at(3, 10))
    with time_machine.travel(at(3, 11), tick=False):
        booking.no_show(appointment=appointment, by=counselor)
    assert not Reminder.objects.filter(kind=Kind.CLIENT_MISSED_APPOINTMENT).exists()


def test_nobody_is_written_to_before_eight(book: Any, at: Any) -> None:
    appointment = book(starts_at=at(5, 9))
    assert waiting(appointment.client) == [at(4, 9)]  # two hours before would be 7 AM


def test_what_the_day_before_said_leaves_no_task_if_it_cannot_be_said_again(
    book: Any, robin_hears: Any, at: Any
) -> None:
    """Four messages about two visits, three a week: the fourth was said the day before, so nobody has to call."""
    for day in (4, 6):
        book(starts_at=at(day, 13))
    sent = []
    for day in (3, 4, 5, 6):
        for hour in (11, 13):
            with time_machine.travel(at(day, hour), tick=False):
                sent += [delivery.deliver(*each, at(day, hour)) for each in delivery.claim_due(at(day, hour), 10)]
    assert sent.count("sent") == 3
    assert "cancelled" in sent
    assert not StaffTask.objects.exists()


def told(client: Client) -> list[tuple[str, str]]:
    """What the client is told at once, with the day that it names."""
    at_once = Reminder.objects.filter(client=client).exclude(kind=Kind.CLIENT_APPOINTMENT).waiting().order_by("pk")
    return [(each.kind, said(each)[0]) for each in at_once]


def test_booked_moved_and_canceled_the_client_is_told(book: Any, counselor: StaffMember, at: Any) -> None:
    first = book(starts_at=at(5, 10), tell=True)
    assert told(first.client) == [(Kind.CLIENT_BOOKED, "Thursday, Mar 5")]
    second = booking.move(appointment=first, starts_at=at(6, 11), by=counselor)
    assert told(first.client) == [(Kind.CLIENT_MOVED, "Friday, Mar 6")]
    booking.cancel(appointment=second, by=counselor, by_client=False, reason="The counselor is ill")
    assert told(first.client) == [(Kind.CLIENT_CANCELED, "Friday, Mar 6")]
    (canceled,) = Reminder.objects.filter(kind=Kind.CLIENT_CANCELED)
    assert cause_gone(canceled) == ""
    booking.reopen(appointment=second, reason="The counselor is back", by=counselor)
    assert cause_gone(canceled) == "the appointment is marked “Booked again”"


def test_who_is_reminded_within_a_day_is_not_told_besides(book: Any, client_record: Client, at: Any) -> None:
    book(starts_at=at(3, 10), tell=True)
    assert told(client_record) == []


def test_who_cancels_needs_no_message_about_it(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(5, 10))
    booking.cancel(appointment=appointment, by=counselor, by_client=True)
    assert told(appointment.client) == []


def test_what_was_is_not_told(book: Any, client_record: Client, counselor: StaffMember, at: Any) -> None:
    past = book(starts_at=at(1, 10), outside_hours_reason="Came on Sunday", tell=True)
    booking.cancel(appointment=past, by=counselor, by_client=False, reason="Entered twice")
    assert told(client_record) == []


def test_a_series_is_told_once(client_record: Client, counselor: StaffMember, at: Any) -> None:
    booked = booking.book_series(
        client=client_record,
        staff_member=counselor,
        first_day=datetime.date(2026, 3, 9),
        last_day=datetime.date(2026, 4, 13),
        time=datetime.time(10),
        by=counselor,
    )
    assert told(client_record) == [(Kind.CLIENT_BOOKED, "Monday, Mar 9")]
    booking.cancel_series(series=booked.series, reason="The counselor leaves", by=counselor)
    assert told(client_record) == [(Kind.CLIENT_CANCELED, "Monday, Mar 9")]


def series_of(client: Client, counselor: StaffMember, weeks: int) -> booking.SeriesBooked:
    """Mondays at 10 AM from March 9."""
    return booking.book_series(
        client=client,
        staff_member=counselor,
        first_day=datetime.date(2026, 3, 9),
        last_day=datetime.date(2026, 3, 9) + datetime.timedelta(weeks=weeks - 1),
        time=datetime.time(10),
        by=counselor,
    )


def test_the_rest_of_a_canceled_series_is_a_task(client_record: Client, counselor: StaffMember) -> None:
    """The message names the first day only; somebody tells the client of the others."""
    booked = series_of(client_record, counselor, 4)
    booking.cancel_series(series=booked.series, reason="The counselor leaves", by=counselor)
    (task,) = StaffTask.objects.open().with_owner()
    assert (task.kind, task.client, task.owner_id) == (StaffTask.Kind.TELL, client_record, counselor.pk)
    assert task.sentence == (
        "A series was canceled. Any message to the client is about Mar 9, 2026 only. "
        "Tell them these are canceled, too: Mar 16, Mar 23, Mar 30."
    )


def test_a_year_of_canceled_weeks_fits_into_the_task(client_record: Client, counselor: StaffMember) -> None:
    booked = series_of(client_record, counselor, 50)
    booking.cancel_series(series=booked.series, reason="The counselor leaves", by=counselor)
    task = StaffTask.objects.get()
    assert (
        "Mar 16, Mar 23, Mar 30, Apr 6, Apr 13, Apr 20, Apr 27, May 4, May 11, May 18, May 25, Jun 1" in task.sentence
    )
    assert task.sentence.endswith("Jun 1, and 37 more, the last on Feb 15, 2027.")
    assert len(task.sentence) < 300


def test_no_task_where_the_client_knows_or_there_is_no_rest(client_record: Client, counselor: StaffMember) -> None:
    """Who cancels knows; a single one is told by the message; nobody is told after a death."""
    booked = series_of(client_record, counselor, 4)
    booking.cancel_series(series=booked.series, reason="", by=counselor, by_client=True)
    only = series_of(client_record, counselor, 1)
    booking.cancel_series(series=only.series, reason="The counselor leaves", by=counselor)
    assert told(client_record)[-1] == (Kind.CLIENT_CANCELED, "Monday, Mar 9")
    last = series_of(client_record, counselor, 4)
    discharged(client_record, datetime.date(2026, 3, 1), reason="died")
    booking.cancel_series(series=last.series, reason="The client died", by=counselor)
    assert not StaffTask.objects.exists()


def test_hours_before_are_hours_that_pass(book: Any, clinic: Clinic, at: Any) -> None:
    """Sunday, November 1, 2026, 7 AM in New York: twelve hours before, it is 8 PM on Saturday, not 7 PM."""
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.remind_days_before", value=0)
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.remind_hours_before", value=12)
    appointment = book(starts_at=at(1, 7, month=11), outside_hours_reason="Sunday session")
    assert waiting(appointment.client) == [datetime.datetime(2026, 11, 1, 0, tzinfo=UTC)]

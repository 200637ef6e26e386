"""Booking: nobody is in two places, everything that happens is a dated row, and time is the clinic's clock."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from appointments import booking, free_rooms, spans
from appointments.codes import Mode, Purpose, Step
from appointments.models import Appointment, BookedSpan, Holiday, Room, TimeOff, WorkingHours
from cases.intake import inquiries
from cases.models import Client, Inquiry
from reminders.models import Reminder
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.ownership import as_owner

pytestmark = pytest.mark.usefixtures("today")


def steps(appointment: Appointment) -> list[str]:
    return list(appointment.steps.order_by("pk").values_list("step", flat=True))


def test_an_appointment_is_booked_confirmed_and_kept(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(purpose=Purpose.INDIVIDUAL, minutes=50)
    assert appointment.ends_at == at(3, 10, 50)
    booking.confirm(appointment=appointment, by=counselor)
    with pytest.raises(booking.NotPossibleNow, match="on Mar 3"):
        booking.arrive(appointment=appointment, by=counselor)
    assert steps(appointment) == [Step.BOOKED, Step.CONFIRMED]


def test_they_come_on_the_day_and_what_happened_stays(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(2, 10))
    booking.arrive(appointment=appointment, by=counselor)
    booking.keep(appointment=appointment, by=counselor)
    assert steps(appointment) == [Step.BOOKED, Step.ARRIVED, Step.KEPT]
    with pytest.raises(booking.NotPossibleNow, match="already marked “Kept”"):
        booking.cancel(appointment=appointment, by=counselor, by_client=True)
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        appointment.steps.update(step=Step.NO_SHOW)
    assert AuditEntry.objects.filter(act="appointments.kept", client_id=appointment.client_id).count() == 1


def test_nobody_can_miss_what_has_not_begun(book: Any, counselor: StaffMember) -> None:
    with pytest.raises(booking.NotPossibleNow, match="hasn’t begun"):
        booking.no_show(appointment=book(), by=counselor)


def test_one_person_is_in_one_place(book: Any, make_client: Any, counselor: StaffMember, at: Any) -> None:
    book()
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    with pytest.raises(spans.StaffTaken, match="from 10:00 to 10:50 AM"):
        book(client=other, starts_at=at(3, 10, 30))
    assert book(client=other, starts_at=at(3, 10, 50)).pk  # one ends when the next begins


def test_a_room_is_used_once_at_a_time(book: Any, supervisor: StaffMember, room: Room, at: Any) -> None:
    book(room=room)
    with pytest.raises(spans.RoomTaken, match="Room 1 is taken from 10:00 to 10:50 AM"):
        book(staff_member=supervisor, by=supervisor, room=room, starts_at=at(3, 10, 30))
    assert book(staff_member=supervisor, by=supervisor, starts_at=at(3, 10, 30)).pk


def test_a_deliberate_overlap_says_why(book: Any, at: Any) -> None:
    first = book()
    second = book(starts_at=at(3, 10, 30), overlap_reason="Family joins for the second half")
    assert second.overlap_reason == "Family joins for the second half"
    assert set(BookedSpan.objects.values_list("holder_id", flat=True)) == {first.pk, second.pk}


def test_a_reason_for_the_hour_is_no_reason_to_overlap(book: Any, counselor: StaffMember, at: Any) -> None:
    book(starts_at=at(3, 19), outside_hours_reason="Works all day")
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    with pytest.raises(spans.StaffTaken):
        book(client=other, starts_at=at(3, 19), outside_hours_reason="Works all day")
    with pytest.raises(booking.NotAvailable):
        book(client=other, starts_at=at(3, 19), overlap_reason="Family joins")


def test_a_reason_that_was_not_needed_is_not_kept(book: Any, counselor: StaffMember) -> None:
    made = book(outside_hours_reason="Works all day", overlap_reason="Just in case")
    assert (made.outside_hours_reason, made.overlap_reason) == ("", "")
    span = BookedSpan.objects.get(holder_id=made.pk)
    assert span.overlap_reason == ""
    with pytest.raises(IntegrityError, match="staff_booked_once_at_a_time"), transaction.atomic():
        BookedSpan.objects.create(
            clinic=span.clinic, held_by=span.held_by, holder_id=0, staff_member=counselor, during=span.during
        )


def test_only_what_overlaps_leaves_the_exclusion(book: Any, room: Room, at: Any) -> None:
    book()
    both = book(starts_at=at(3, 10, 30), room=room, overlap_reason="Family joins")
    held = BookedSpan.objects.filter(holder_id=both.pk)
    assert held.get(room=None).overlap_reason == "Family joins"
    assert held.get(room=room).overlap_reason == ""


def test_taking_back_a_cancellation_overlaps_nothing_that_came_since(
    book: Any, counselor: StaffMember, at: Any
) -> None:
    first = book()
    second = book(starts_at=at(3, 10, 30), overlap_reason="Family joins")
    for each in (first, second):
        booking.cancel(appointment=each, by=counselor, by_client=True)
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    book(client=other, starts_at=at(3, 11))
    with pytest.raises(spans.StaffTaken):
        booking.reopen(appointment=second, by=counselor, reason="Canceled the wrong one")


def test_the_database_refuses_a_second_span(book: Any, counselor: StaffMember, at: Any) -> None:
    span = BookedSpan.objects.get(holder_id=book().pk)
    with pytest.raises(IntegrityError, match="staff_booked_once_at_a_time"), transaction.atomic():
        BookedSpan.objects.create(
            clinic=span.clinic, held_by=span.held_by, holder_id=0, staff_member=counselor, during=span.during
        )


def test_what_is_canceled_is_free_again_and_can_be_taken_back(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(5, 10))
    booking.cancel(appointment=appointment, by=counselor, by_client=True, reason="work")
    assert steps(appointment)[-1] == Step.CANCELLED_BY_CLIENT
    other = book(starts_at=at(5, 10))
    with pytest.raises(spans.StaffTaken):
        booking.reopen(appointment=appointment, by=counselor, reason="Canceled the wrong one")
    booking.cancel(appointment=other, by=counselor, by_client=False, reason="Counselor ill")
    booking.reopen(appointment=appointment, by=counselor, reason="Canceled the wrong one")
    assert steps(appointment)[-1] == Step.REOPENED
    assert steps(other)[-1] == Step.CANCELLED_BY_CLINIC
    with pytest.raises(booking.ReasonNeeded):
        booking.cancel(appointment=appointment, by=counselor, by_client=False)


def test_a_cancellation_within_a_day_is_late(book: Any, counselor: StaffMember, at: Any) -> None:
    appointment = book(starts_at=at(3, 6, 59), outside_hours_reason="before work")
    booking.cancel(appointment=appointment, by=counselor, by_client=True)
    assert steps(appointment)[-1] == Step.LATE_CANCEL
    in_time = book(starts_at=at(3, 8))
    booking.cancel(appointment=in_time, by=counselor, by_client=True)
    assert steps(in_time)[-1] == Step.CANCELLED_BY_CLIENT


def test_a_move_makes_a_new_row_and_the_old_one_points_to_it(book: Any, counselor: StaffMember, at: Any) -> None:
    old = book()
    new = booking.move(appointment=old, starts_at=at(3, 10, 30), by=counselor, reason="Bus was late")
    old.refresh_from_db()
    assert old.moved_to == new
    assert steps(old) == [Step.BOOKED, Step.MOVED]
    assert steps(new) == [Step.BOOKED]
    assert list(BookedSpan.objects.values_list("holder_id", flat=True)) == [new.pk]
    with pytest.raises(booking.NotPossibleNow):
        booking.move(appointment=old, starts_at=at(4, 10), by=counselor)
    with as_owner(), pytest.raises(DatabaseError, match="stands as it was booked"), transaction.atomic():
        Appointment.objects.filter(pk=new.pk).update(starts_at=at(4, 10))


def test_a_move_to_a_taken_time_leaves_everything_as_it_was(book: Any, counselor: StaffMember, at: Any) -> None:
    old, _ = book(), book(starts_at=at(4, 10))
    with pytest.raises(spans.StaffTaken):
        booking.move(appointment=old, starts_at=at(4, 10), by=counselor)
    assert steps(old) == [Step.BOOKED]
    assert BookedSpan.objects.filter(holder_id=old.pk).exists()


def test_working_hours_time_off_and_holidays_count(
    book: Any, counselor: StaffMember, supervisor: StaffMember, clinic: Clinic, at: Any
) -> None:
    WorkingHours.objects.create(
        staff_member=counselor, weekday=1, opens_at="12:00", closes_at="18:00", first_day="2026-01-01"
    )
    with pytest.raises(booking.NotAvailable, match=r"outside Sample .* working hours"):
        book()
    assert book(outside_hours_reason="The client works in the afternoon").pk
    TimeOff.objects.create(staff_member=counselor, starts_at=at(3, 12), ends_at=at(3, 14))
    with pytest.raises(booking.NotAvailable, match="is off at that time"):
        book(starts_at=at(3, 13))
    Holiday.objects.create(clinic=clinic, day="2026-03-04", name="Founder’s Day")
    with pytest.raises(booking.NotAvailable, match="closed that day: Founder’s Day"):
        book(staff_member=supervisor, by=supervisor, starts_at=at(4, 10))


def test_working_hours_do_not_overlap(counselor: StaffMember) -> None:
    def hours(opens_at: str, closes_at: str, **facts: Any) -> None:
        with transaction.atomic():
            WorkingHours.objects.create(
                staff_member=counselor,
                opens_at=opens_at,
                closes_at=closes_at,
                weekday=1,
                first_day="2026-01-01",
                **facts,
            )

    hours("08:00", "12:00", last_day="2026-03-31")
    hours("12:30", "17:00")
    with pytest.raises(IntegrityError, match="working_hours_never_overlap"):
        hours("11:00", "12:00")


def test_a_series_keeps_its_hour_across_both_clock_changes_and_leaves_out_what_is_taken(
    client_record: Client, counselor: StaffMember, clinic: Clinic, book: Any, at: Any
) -> None:
    """A year of Tuesdays at 10 AM: 15:00 UTC in winter, 14:00 in summer."""
    Holiday.objects.create(clinic=clinic, day="2026-07-07", name="Closed for repairs")
    TimeOff.objects.create(staff_member=counselor, starts_at=at(4, 0, month=8), ends_at=at(12, 0, month=8))
    book(starts_at=at(10, 10, 30))
    booked = booking.book_series(
        client=client_record,
        staff_member=counselor,
        first_day=datetime.date(2026, 3, 3),
        last_day=datetime.date(2027, 3, 2),
        time=datetime.time(10),
        by=counselor,
    )
    assert [day.isoformat() for day, _ in booked.left_out] == ["2026-03-10", "2026-07-07", "2026-08-04", "2026-08-11"]
    assert len(booked.appointments) == 53 - 4
    assert Appointment.objects.filter(series=booked.series).count() == 49
    hours = {(each.local_start.hour, each.starts_at.astimezone(datetime.UTC).hour) for each in booked.appointments}
    assert hours == {(10, 14), (10, 15)}
    days = {each.local_date for each in booked.appointments}
    assert {datetime.date(2026, 3, 3), datetime.date(2026, 11, 3), datetime.date(2027, 3, 2)} <= days
    assert AuditEntry.objects.filter(act="appointments.book_series").count() == 1
    assert booking.cancel_series(series=booked.series, by=counselor, reason="Moves away") == 49
    assert BookedSpan.objects.count() == 1


def test_every_two_weeks(client_record: Client, counselor: StaffMember) -> None:
    booked = booking.book_series(
        client=client_record,
        staff_member=counselor,
        first_day=datetime.date(2026, 3, 3),
        last_day=datetime.date(2026, 4, 1),
        time=datetime.time(10),
        every_weeks=2,
        by=counselor,
    )
    assert [each.local_date.day for each in booked.appointments] == [3, 17, 31]


def test_a_series_with_no_free_day_is_not_kept(client_record: Client, counselor: StaffMember, book: Any) -> None:
    book()
    with pytest.raises(booking.NotAvailable, match="No day is free"):
        booking.book_series(
            client=client_record,
            staff_member=counselor,
            first_day=datetime.date(2026, 3, 3),
            last_day=datetime.date(2026, 3, 3),
            time=datetime.time(10),
            by=counselor,
        )
    assert client_record.appointment_series.count() == 0


def test_a_call_has_no_room_and_only_video_has_a_link(book: Any, room: Room) -> None:
    with pytest.raises(booking.NoRoomNeeded):
        book(mode=Mode.PHONE, room=room)
    assert book(mode=Mode.VIDEO, link="https://video.example/room").link


@pytest.fixture
def call(clinic: Clinic, intake: StaffMember, at: Any) -> Inquiry:
    return Inquiry.objects.create(clinic=clinic, taken_at=at(2, 7), taken_by=intake, given_name="Casey")


@pytest.fixture
def first_visit(call: Inquiry, counselor: StaffMember, intake: StaffMember, at: Any) -> Appointment:
    """Thursday at 11, for a caller who is not a client yet."""
    return booking.book(
        inquiry=call, staff_member=counselor, purpose=Purpose.ASSESSMENT, starts_at=at(5, 11), minutes=90, by=intake
    )


def test_a_caller_gets_a_first_appointment_and_no_message(first_visit: Appointment) -> None:
    assert first_visit.person is None
    assert Reminder.objects.count() == 0


def test_a_caller_who_becomes_a_client_takes_their_appointment_along(
    first_visit: Appointment, call: Inquiry, intake: StaffMember, clinic: Clinic
) -> None:
    client = factories.ClientFactory(clinic=clinic)
    inquiries.link(inquiry=call, client=client, by=intake)
    first_visit.refresh_from_db()
    assert first_visit.client == client
    assert list(Appointment.objects.of_client(client)) == [first_visit]
    assert Reminder.objects.filter(client=client).waiting().count() == 2


def test_a_call_linked_by_mistake_leaves_nothing_with_the_wrong_person(
    first_visit: Appointment, call: Inquiry, intake: StaffMember, clinic: Clinic
) -> None:
    namesake, caller = factories.ClientFactory(clinic=clinic), factories.ClientFactory(clinic=clinic)
    inquiries.link(inquiry=call, client=namesake, by=intake)
    inquiries.unlink(inquiry=call, by=intake, reason="Another Casey")
    assert not Appointment.objects.of_client(namesake).exists()
    assert not Reminder.objects.filter(client=namesake).waiting().exists()
    inquiries.link(inquiry=Inquiry.objects.get(pk=call.pk), client=caller, by=intake)
    assert list(Appointment.objects.of_client(caller)) == [first_visit]
    assert Reminder.objects.filter(client=caller).waiting().count() == 2


def test_linked_unlinked_and_linked_again_the_client_hears_of_it(
    first_visit: Appointment, call: Inquiry, intake: StaffMember, clinic: Clinic
) -> None:
    client = factories.ClientFactory(clinic=clinic)
    for _ in range(2):
        inquiries.link(inquiry=Inquiry.objects.get(pk=call.pk), client=client, by=intake)
        inquiries.unlink(inquiry=Inquiry.objects.get(pk=call.pk), by=intake, reason="Not sure")
    inquiries.link(inquiry=Inquiry.objects.get(pk=call.pk), client=client, by=intake)
    assert Reminder.objects.filter(client=client).waiting().count() == 2


def test_nobody_is_booked_from_another_persons_call(call: Inquiry, book: Any) -> None:
    with pytest.raises(booking.AnotherPersonsCall):
        book(inquiry=call)


def test_strangers_can_neither_see_nor_book(
    book: Any, make_staff: Any, other_clinic: Clinic, client_record: Client, administrator: StaffMember, at: Any
) -> None:
    appointment = book()
    colleague, stranger = make_staff(), make_staff(clinic=other_clinic)
    supervisor_elsewhere = make_staff("supervisor", clinic=other_clinic)
    for person in (colleague, stranger, supervisor_elsewhere, administrator):
        assert not Appointment.objects.visible_to(person).exists()
        with pytest.raises(NotPermitted):
            booking.cancel(appointment=appointment, by=person, by_client=True)
        with pytest.raises(NotPermitted):
            book(by=person, starts_at=at(4, 10))
    with pytest.raises(NotPermitted):
        book(staff_member=stranger, starts_at=at(4, 10))
    with pytest.raises(IntegrityError, match="one clinic"), transaction.atomic():
        Appointment.objects.create(
            clinic=client_record.clinic, client=client_record, staff_member=stranger, starts_at=at(4, 10)
        )


def test_who_covers_for_a_colleague_sees_who_comes(book: Any, make_staff: Any, supervisor: StaffMember) -> None:
    covering = make_staff()
    appointment = book(staff_member=covering, by=supervisor)
    assert list(Appointment.objects.visible_to(covering)) == [appointment]
    assert not Client.objects.visible_to(covering).exists()


def test_nothing_is_booked_after_a_death(
    book: Any, client_record: Client, counselor: StaffMember, program: Any
) -> None:
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, discharged_on=datetime.date(2026, 3, 1), discharge_reason="died"
    )
    with pytest.raises(Refusal, match="death is on record"):
        book()


@pytest.mark.parametrize(
    ("begins", "over"),
    [
        ((8, 1, 30, 3), datetime.datetime(2026, 3, 8, 8, 0, tzinfo=datetime.UTC)),  # 1:30 to 4:00: 2:00 is left out
        ((1, 0, 45, 11), datetime.datetime(2026, 11, 1, 6, 15, tzinfo=datetime.UTC)),  # 0:45 to 1:15, which comes twice
    ],
)
def test_an_appointment_lasts_its_minutes_in_the_nights_of_the_clock_changes(
    book: Any, room: Room, at: Any, begins: tuple[int, int, int, int], over: datetime.datetime
) -> None:
    """Booked by a time that was typed, which is on the clinic's clock: 90 minutes pass, whatever a wall shows."""
    day, hour, minute, month = begins
    made = book(starts_at=at(day, hour, minute, month), minutes=90, room=room, outside_hours_reason="Night watch")
    assert made.ends_at == over
    assert {span.during.upper for span in BookedSpan.objects.filter(holder_id=made.pk)} == {over}
    made.refresh_from_db()
    assert made.ends_at == over
    begun, after = made.starts_at.astimezone(made.clinic.zone), over.astimezone(made.clinic.zone)
    assert free_rooms.first([room], moments=[begun, after], minutes=30) is None
    assert free_rooms.first([room], moments=[after], minutes=30) == room
    before = (begun.astimezone(datetime.UTC) - datetime.timedelta(minutes=30)).astimezone(made.clinic.zone)
    assert free_rooms.first([room], moments=[before], minutes=30) == room

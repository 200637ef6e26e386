"""Openings: the first free hour, on the clinic's clock."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments import booking, openings, schedules
from appointments.models import Holiday, Room, TimeOff, WorkingHours
from staff.models import Clinic, Program, StaffMember

pytestmark = pytest.mark.usefixtures("today")
DAY = datetime.timedelta(days=1)
TUESDAY = datetime.date(2026, 3, 3)


def starts(found: list[openings.Opening]) -> list[str]:
    return [f"{each.local_start:%a %H:%M}" for each in found]


@pytest.fixture
def hours(counselor: StaffMember) -> None:
    """Tuesdays from 9 to 12 and from 1 to 3 PM."""
    for opens_at, closes_at in (("09:00", "12:00"), ("13:00", "15:00")):
        WorkingHours.objects.create(
            staff_member=counselor, weekday=1, opens_at=opens_at, closes_at=closes_at, first_day="2026-01-01"
        )


@pytest.mark.usefixtures("hours")
def test_the_first_free_hour_with_her_counselor(book: Any, counselor: StaffMember, at: Any) -> None:
    book(starts_at=at(3, 9, 30), minutes=60)
    found = openings.find(staff=counselor, minutes=60, between=(TUESDAY - DAY, TUESDAY + 6 * DAY))
    assert starts(found) == ["Tue 10:30", "Tue 11:00", "Tue 13:00", "Tue 13:30", "Tue 14:00"]
    assert found[0].ends_at == at(3, 11, 30)


@pytest.mark.usefixtures("hours")
def test_time_off_holidays_and_what_is_over_are_no_openings(clinic: Clinic, counselor: StaffMember, at: Any) -> None:
    TimeOff.objects.create(staff_member=counselor, starts_at=at(3, 9), ends_at=at(3, 13, 15))
    Holiday.objects.create(clinic=clinic, day="2026-03-10", name="Closed")
    found = openings.find(staff=counselor, minutes=90, between=(TUESDAY, TUESDAY + 7 * DAY))
    assert starts(found) == ["Tue 13:30"]
    assert openings.find(staff=counselor, minutes=90, between=(TUESDAY, TUESDAY), now=at(3, 13, 45)) == []


def test_without_hours_of_their_own_the_office_hours_count(counselor: StaffMember) -> None:
    found = openings.find(staff=counselor, minutes=50, between=(TUESDAY, TUESDAY), most=100)
    assert (starts(found)[0], starts(found)[-1], len(found)) == ("Tue 08:00", "Tue 16:00", 17)
    sunday = datetime.date(2026, 3, 8)
    assert openings.find(staff=counselor, minutes=50, between=(sunday, sunday)) == []


def test_hours_from_a_later_day_leave_the_office_hours_until_then(counselor: StaffMember) -> None:
    WorkingHours.objects.create(
        staff_member=counselor, weekday=2, opens_at="10:00", closes_at="11:00", first_day=TUESDAY + 7 * DAY
    )
    found = openings.find(staff=counselor, minutes=50, between=(TUESDAY, TUESDAY), most=100)
    assert (starts(found)[0], len(found)) == ("Tue 08:00", 17)
    later = openings.find(staff=counselor, minutes=50, between=(TUESDAY + 7 * DAY, TUESDAY + 8 * DAY), most=100)
    assert starts(later) == ["Wed 10:00"]


@pytest.mark.usefixtures("hours")
def test_cleared_hours_give_the_office_hours_again(counselor: StaffMember) -> None:
    schedules.set_hours(staff_member=counselor, stretches=[], starts_on=TUESDAY, by=counselor)
    found = openings.find(staff=counselor, minutes=50, between=(TUESDAY, TUESDAY), most=100)
    assert (starts(found)[0], len(found)) == ("Tue 08:00", 17)
    assert openings.find(staff=counselor, minutes=50, between=(TUESDAY - DAY, TUESDAY - DAY)) == []


def test_the_soonest_of_several_with_a_free_room(
    book: Any, counselor: StaffMember, supervisor: StaffMember, room: Room, at: Any
) -> None:
    book(starts_at=at(3, 8), minutes=120, room=room)
    found = openings.find(staff=[counselor, supervisor], minutes=50, between=(TUESDAY, TUESDAY), in_a_room=True)
    assert starts(found)[:2] == ["Tue 10:00", "Tue 10:00"]  # before, the only room is taken
    assert [each.staff_member for each in found[:2]] == [counselor, supervisor]
    assert {each.room for each in found} == {room}


def test_only_those_who_work_in_the_program(counselor: StaffMember, supervisor: StaffMember, program: Program) -> None:
    program.staff_members.add(supervisor)
    found = openings.find(staff=[counselor, supervisor], program=program, minutes=50, between=(TUESDAY, TUESDAY))
    assert {each.staff_member for each in found} == {supervisor}


@pytest.mark.parametrize(("day", "count"), [(datetime.date(2026, 3, 8), 3), (datetime.date(2026, 11, 1), 5)])
def test_a_night_in_which_the_clocks_change_has_its_real_length(
    counselor: StaffMember, day: datetime.date, count: int, at: Any
) -> None:
    """From midnight to 4 AM: three hours in spring, five in fall; none begins in an hour that does not exist."""
    WorkingHours.objects.create(
        staff_member=counselor, weekday=6, opens_at="00:00", closes_at="04:00", first_day="2026-01-01"
    )
    found = openings.find(staff=counselor, minutes=60, between=(day, day), now=at(1, 0))
    on_the_hour = [each for each in found if each.starts_at.minute == 0]
    assert len(on_the_hour) == count
    assert len({each.starts_at for each in found}) == len(found)


def test_the_number_of_queries_does_not_grow(
    book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            openings.find(staff=[counselor, supervisor], minutes=30, between=(TUESDAY, TUESDAY + 60 * DAY))
        return len(queries)

    few = asked()
    booking.book_series(
        client=book().client,
        staff_member=counselor,
        first_day=TUESDAY + DAY,
        last_day=TUESDAY + 90 * DAY,
        time=datetime.time(10),
        by=counselor,
    )
    assert asked() == few <= 3

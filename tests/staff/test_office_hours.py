"""Tasks for staff fall due while the office is open."""

import datetime

import pytest
import time_machine

from appointments import schedules
from appointments.models import Holiday
from cases.intake import inquiries
from staff import office_hours, thresholds
from staff.models import Clinic, ClinicThreshold, StaffMember
from tests.places import NEW_YORK


def on(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    """A moment in May 2026, in New York. The 20th is a Wednesday."""
    return datetime.datetime(2026, 5, day, hour, minute, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("at", "falls_due"),
    [
        (on(20, 8), on(20, 8)),
        (on(20, 16, 59), on(20, 16, 59)),
        (on(20, 17), on(21, 8)),
        (on(20, 22, 37), on(21, 8)),
        (on(20, 3), on(20, 8)),
        (on(22, 17), on(25, 8)),
        (on(23, 11), on(25, 8)),
        (on(24, 23, 59), on(25, 8)),
    ],
)
def test_a_moment_outside_office_hours_moves_to_the_next_opening(
    clinic: Clinic, at: datetime.datetime, falls_due: datetime.datetime
) -> None:
    assert office_hours.next_open(at, clinic) == falls_due


def test_a_clinic_that_is_open_every_day_until_late_says_so(clinic: Clinic) -> None:
    for key, value in (("staff.office_days", 7), ("staff.office_closes", 22)):
        ClinicThreshold.objects.create(clinic=clinic, key=key, value=value, reason="Residential")
    assert office_hours.next_open(on(23, 21, 30), clinic) == on(23, 21, 30)
    assert office_hours.next_open(on(23, 22), clinic) == on(24, 8)


@pytest.mark.parametrize(
    ("facts", "falls_due"),
    [
        ({}, on(22, 8)),
        ({"danger_signs": ["withdrawal"]}, on(20, 23, 37)),
        ({"pregnant": True}, on(21, 22, 37)),
        ({"injects": True}, on(21, 22, 37)),
    ],
)
def test_a_call_late_in_the_evening_is_returned_in_office_hours_unless_it_is_urgent(
    intake: StaffMember, facts: dict[str, object], falls_due: datetime.datetime
) -> None:
    with time_machine.travel(on(20, 22, 37), tick=False):
        inquiry = inquiries.take(by=intake, given_name="Robin", **facts)
    assert inquiry.next_action_at == falls_due


def close_on(clinic: Clinic, *days: int) -> None:
    for day in days:
        Holiday.objects.create(clinic=clinic, day=datetime.date(2026, 5, day), name="Closed")


@pytest.mark.parametrize(
    ("at", "falls_due"),
    [
        (on(22, 17), on(26, 8)),  # a Friday evening; Monday the 25th is Memorial Day
        (on(25, 11), on(26, 8)),
        (on(24, 23, 59), on(26, 8)),
        (on(22, 16, 59), on(22, 16, 59)),
    ],
)
def test_the_office_does_not_open_on_a_holiday(
    clinic: Clinic, other_clinic: Clinic, at: datetime.datetime, falls_due: datetime.datetime
) -> None:
    close_on(clinic, 25)
    close_on(other_clinic, 26)  # is none of ours
    assert office_hours.next_open(at, clinic) == falls_due


def test_hours_are_not_counted_on_a_holiday_in_either_direction(clinic: Clinic) -> None:
    close_on(clinic, 25)
    hours = office_hours.OfficeHours.of(clinic)
    day = hours.length
    assert hours.later(on(22, 16), day) == on(26, 16)
    assert hours.earlier(on(26, 16), day) == on(22, 16)
    assert hours.earlier(on(26, 7), day) == on(22, 8)


def test_the_next_business_day_is_no_weekend_and_no_holiday(clinic: Clinic) -> None:
    assert office_hours.next_business_day(on(20, 9), clinic) == datetime.date(2026, 5, 21)
    assert office_hours.next_business_day(on(22, 9), clinic) == datetime.date(2026, 5, 25)
    close_on(clinic, 25, 26)
    assert office_hours.next_business_day(on(22, 9), clinic) == datetime.date(2026, 5, 27)
    assert office_hours.next_business_day(on(23, 23, 59), clinic) == datetime.date(2026, 5, 27)


def test_a_holiday_that_is_added_or_taken_back_counts_at_once(clinic: Clinic, supervisor: StaffMember) -> None:
    with time_machine.travel(on(20, 9), tick=False), thresholds.read_once():
        assert office_hours.next_business_day(on(22, 9), clinic) == datetime.date(2026, 5, 25)
        made, _ = schedules.add_holiday(day=datetime.date(2026, 5, 25), name="Memorial Day", by=supervisor)
        assert office_hours.next_business_day(on(22, 9), clinic) == datetime.date(2026, 5, 26)
        schedules.remove_holiday(holiday=made, by=supervisor)
        assert office_hours.next_business_day(on(22, 9), clinic) == datetime.date(2026, 5, 25)


def test_a_call_before_a_holiday_is_returned_after_it(intake: StaffMember) -> None:
    close_on(intake.clinic, 25)
    with time_machine.travel(on(22, 18), tick=False):
        inquiry = inquiries.take(by=intake, given_name="Robin")
    assert inquiry.next_action_at == on(26, 8)

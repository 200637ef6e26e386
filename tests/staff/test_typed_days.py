"""Days, moments and numbers as people type them: staff/typed_days.py owns what is possible and what is said."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from staff import outside, typed_days
from staff.typed_fields import (
    ClockField,
    LongTermDayField,
    NumberField,
    PastDayField,
    PastMomentField,
    PlannedDayField,
    PlannedMomentField,
    YearField,
)
from tests.places import NEW_YORK

D = datetime.date


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with (
        time_machine.travel(datetime.datetime(2026, 3, 6, 12, tzinfo=NEW_YORK), tick=False),
        timezone.override(NEW_YORK),
    ):
        yield


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (PastDayField, "0088-05-14", "This is the year 88. Did you mean 1988? Enter a four-digit year."),
        (PastDayField, "0026-03-01", "This is the year 26. Did you mean 2026? Enter a four-digit year."),
        (PastDayField, "0027-03-01", "This is the year 27. Did you mean 1927? Enter a four-digit year."),
        (PlannedDayField, "0027-03-01", "This is the year 27. Did you mean 2027? Enter a four-digit year."),
        (PastDayField, "0001-01-01", "This is the year 1. Did you mean 2001? Enter a four-digit year."),
        (PastDayField, "0206-03-02", "This date is before 1900. Check the year."),
        (PastDayField, "1899-12-31", "This date is before 1900. Check the year."),
        (PastDayField, "2026-03-07", "This date is in the future. Enter today or earlier."),
        (PastDayField, "2088-05-14", "This date is in the future. Did you mean 1988? Enter a four-digit year."),
        (PlannedDayField, "2036-03-07", "This date is more than 5 years in the future. Check the year."),
        (PlannedDayField, "9999-12-31", "This date is more than 5 years in the future. Check the year."),
        (LongTermDayField, "2126-03-07", "This date is too far in the future. Check the year."),
        (PlannedMomentField, "9999-12-31T23:30", "This date is more than 5 years in the future. Check the year."),
        (PlannedMomentField, "2150-01-01T00:00Z", "This date is more than 5 years in the future. Check the year."),
        (PlannedMomentField, "2031-03-12T03:00Z", "This date is more than 5 years in the future. Check the year."),
        (PastMomentField, "2026-03-06T17:05Z", "This time is in the future. Enter a time that has passed."),
        (PlannedMomentField, "9999-12-31T23:30-14:00", "This date is too far in the future. Check the year."),
        (PastMomentField, "0206-01-01T00:00+14:00", "This date is before 1900. Check the year."),
        (PastMomentField, "0001-01-01T00:00", "This is the year 1. Did you mean 2001? Enter a four-digit year."),
        (PastMomentField, "2026-03-06T12:05", "This time is in the future. Enter a time that has passed."),
        (YearField, "88", "This is the year 88. Did you mean 1988? Enter a four-digit year."),
        (YearField, "2027", "This date is in the future. Enter today or earlier."),
        (NumberField, "²", "Enter a whole number."),
        (NumberField, "٣", "Enter a whole number."),
        (NumberField, "9" * 5000, "Enter a whole number."),
        (NumberField, "99999999999", "Ensure this value is less than or equal to 2147483647."),
    ],
)
def test_invalid_values_are_explained(field: Any, typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        field().clean(typed)
    assert refused.value.messages == [said]


def test_valid_values_are_accepted() -> None:
    assert PastDayField().clean("1900-01-01") == D(1900, 1, 1)
    assert PastDayField().clean("2026-03-06") == D(2026, 3, 6)
    assert PlannedDayField().clean("2030-03-06") == D(2030, 3, 6)
    assert LongTermDayField().clean("2070-03-06") == D(2070, 3, 6)
    assert YearField().clean("1988") == 1988
    assert ClockField().clean("23:59") == datetime.time(23, 59)
    assert ClockField().clean("6:00 PM") == datetime.time(18)


def test_a_time_that_the_clocks_skip_is_refused_where_it_is_typed() -> None:
    with pytest.raises(ValidationError) as refused:
        PlannedMomentField().clean("2026-03-08T02:30")
    assert refused.value.messages == [
        "2:30 AM doesn’t exist on Mar 8, 2026: clocks spring forward that night. "
        "Enter a time before or after the missing hour."
    ]
    assert PlannedMomentField().clean("2026-03-08T03:00").astimezone(datetime.UTC).hour == 7


def test_an_ambiguous_time_is_the_first_of_the_two() -> None:
    moment = PlannedMomentField().clean("2026-11-01T01:30")
    assert moment.astimezone(datetime.UTC) == datetime.datetime(2026, 11, 1, 5, 30, tzinfo=datetime.UTC)


def test_a_session_over_the_night_when_the_clocks_change() -> None:
    begun = typed_days.wall_clock(D(2026, 11, 1), datetime.time(1, 30), NEW_YORK)
    ended = typed_days.wall_clock_after(begun, datetime.time(1, 10), NEW_YORK)
    assert typed_days.minutes_between(begun, ended) == 40
    late = typed_days.wall_clock(D(2026, 3, 7), datetime.time(23, 30), NEW_YORK)
    ended = typed_days.wall_clock_after(late, datetime.time(3, 30), NEW_YORK)
    assert typed_days.minutes_between(late, ended) == 180
    with pytest.raises(typed_days.SkippedTime):
        typed_days.wall_clock_after(late, datetime.time(2, 30), NEW_YORK)


def test_a_schedule_goes_on_with_the_hour_after_the_skipped_one() -> None:
    moment = typed_days.wall_clock_or_next(D(2026, 3, 8), datetime.time(2, 30), NEW_YORK)
    assert moment.isoformat() == "2026-03-08T03:30:00-04:00"


@pytest.mark.parametrize("typed", ["", "²", "٣", "1234²", "-1", "1.0", "9" * 20, "9" * 5000, None, "0"])
def test_no_number_of_a_row(typed: Any) -> None:
    assert outside.keys(typed) == []


def test_numbers_of_rows() -> None:
    assert outside.keys("12") == outside.keys(12) == [12]
    assert outside.number("007", highest=9) == 7
    assert outside.number("10", highest=9) is None


@pytest.mark.parametrize(
    "typed", ["", "0001-01-01", "9999-12-31", "20260308", "2026-02-30", "2026-W10-1", "٢٠٢٦-٠٣-٠٨"]
)
def test_no_day_in_an_address(typed: str) -> None:
    assert typed_days.day_in_address(typed) is None


def test_a_day_in_an_address() -> None:
    assert typed_days.day_in_address("2026-03-08") == D(2026, 3, 8)

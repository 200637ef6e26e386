"""When someone is called after a discharge, from the day of discharge and what they agreed to. Nothing here is stored.

The first call, then weekly, twice a month, monthly, and a recovery checkup each quarter in place of that month's call.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import models

from appointments import thresholds
from appointments.codes import Pace
from staff.days import months_after
from staff.models import Clinic
from staff.thresholds import values_for

DAY, WEEK = datetime.timedelta(days=1), datetime.timedelta(weeks=1)
THIRTY_DAYS = 30  # the contact of week 4
HALF_A_MONTH = datetime.timedelta(days=15)
MIN_GAP = datetime.timedelta(days=14)  # between the last weekly call and the first of twice a month


class CallKind(models.TextChoices):
    """What a planned call is."""

    FIRST = "first", "First call"
    CALL = "call", "Call"
    THIRTY = "thirty", "30-day call"
    CHECKUP = "checkup", "Recovery checkup"
    AGREED = "agreed", "Call set with the client"


@dataclass(frozen=True)
class PlannedCall:
    """A day by which a call is due."""

    due_on: datetime.date
    kind: CallKind


@dataclass(frozen=True)
class CallNumbers:
    """A clinic's numbers; the defaults are the product's."""

    first_hours: int = thresholds.FIRST_CALL_HOURS.default
    first_hours_high: int = thresholds.FIRST_CALL_HOURS_HIGH.default
    weeks: int = thresholds.WEEKLY_CALLS_WEEKS.default
    twice_through: int = thresholds.TWICE_MONTHLY_MONTHS.default
    months: int = thresholds.FOLLOW_UP_MONTHS.default
    checkup_months: int = thresholds.CHECKUP_MONTHS.default
    early_days: int = thresholds.CALL_EARLY_DAYS.default


_NUMBERS = (
    thresholds.FIRST_CALL_HOURS,
    thresholds.FIRST_CALL_HOURS_HIGH,
    thresholds.WEEKLY_CALLS_WEEKS,
    thresholds.TWICE_MONTHLY_MONTHS,
    thresholds.FOLLOW_UP_MONTHS,
    thresholds.CHECKUP_MONTHS,
    thresholds.CALL_EARLY_DAYS,
)


def numbers_of(clinic: Clinic) -> CallNumbers:
    """The numbers of a clinic."""
    own = values_for(clinic, _NUMBERS)
    return CallNumbers(*(own[each.key] for each in _NUMBERS))


def planned(
    discharged_on: datetime.date,
    pace: str = Pace.FULL,
    *,
    high_intensity: bool = False,
    numbers: CallNumbers | None = None,
) -> list[PlannedCall]:
    """All calls after a discharge on that day, the earliest first; `high_intensity` for residential or hospital care.

    Hours count as whole days after the day of discharge. Months are the calendar's.
    """
    return list(_planned(discharged_on, pace, high_intensity, numbers or CallNumbers()))


@lru_cache(maxsize=8192)
def _planned(
    discharged_on: datetime.date, pace: str, high_intensity: bool, numbers: CallNumbers
) -> tuple[PlannedCall, ...]:
    months = range(1, numbers.months + 1)
    found: dict[datetime.date, CallKind] = {}
    if pace == Pace.FULL:
        found = _full(discharged_on, numbers)
    elif pace == Pace.MONTHLY:
        found = {months_after(discharged_on, month): CallKind.CALL for month in months[1:]}
        found[discharged_on + THIRTY_DAYS * DAY] = CallKind.THIRTY
    if pace in (Pace.FULL, Pace.MONTHLY):
        hours = numbers.first_hours_high if high_intensity else numbers.first_hours
        found[discharged_on + max(hours // 24, 1) * DAY] = CallKind.FIRST
    if pace != Pace.NONE:
        every = numbers.checkup_months
        found |= {months_after(discharged_on, month): CallKind.CHECKUP for month in months if month % every == 0}
    return tuple(PlannedCall(day, found[day]) for day in sorted(found))


def _full(discharged_on: datetime.date, numbers: CallNumbers) -> dict[datetime.date, CallKind]:
    found = {discharged_on + week * WEEK: CallKind.CALL for week in range(1, numbers.weeks + 1) if week != 4}
    found[discharged_on + THIRTY_DAYS * DAY] = CallKind.THIRTY
    weekly_end = discharged_on + numbers.weeks * WEEK
    for month in range(1, numbers.months + 1):
        day = months_after(discharged_on, month)
        if day >= weekly_end + MIN_GAP:
            found[day] = CallKind.CALL
        between = day + HALF_A_MONTH
        if month < min(numbers.twice_through, numbers.months) and between >= weekly_end + MIN_GAP:
            found[between] = CallKind.CALL
    return found


@dataclass(frozen=True)
class DueCall:
    """A call that is due and was not made. `is_missed`: a newer one takes its place, so it needs no call any more."""

    due_on: datetime.date
    kind: CallKind
    is_missed: bool = False


@dataclass(frozen=True)
class CallPlan:
    """What was planned after one discharge, as it was agreed from day to day, and how far it has been answered."""

    discharged_on: datetime.date
    high_intensity: bool
    numbers: CallNumbers
    choices: Sequence[tuple[datetime.date, str]] = ()  # the days of what was agreed, the earliest first
    reached_on: datetime.date | None = None  # the last day on which they were reached
    agreed_on: datetime.date | None = None  # the next call as it was set in the last call
    agreed_in: datetime.date | None = None  # the day of that call

    def pace(self, on: datetime.date) -> Pace:
        """What is agreed on a day; without a choice, all calls."""
        return Pace(next((pace for day, pace in reversed(self.choices) if day <= on), Pace.FULL))

    def calls(self, on: datetime.date) -> list[PlannedCall]:
        """All planned calls, as agreed by that day. A change drops earlier days that it does not hold itself."""
        changed_on = max((day for day, _ in self.choices if day <= on), default=self.discharged_on)
        found = [
            each
            for each in self._of(self.pace(on))
            if each.due_on >= changed_on or each in self._of(self.pace(each.due_on))
        ]
        if self.agreed_on is None or self.agreed_in is None:
            return found
        if self.pace(on) == Pace.NONE and self.agreed_in <= changed_on:
            return found
        kept = [each for each in found if each.due_on >= self.agreed_on or self._is_answered(each)]
        if all(each.due_on != self.agreed_on for each in kept):
            kept.append(PlannedCall(self.agreed_on, CallKind.AGREED))
        return sorted(kept, key=lambda each: each.due_on)

    def open(self, on: datetime.date) -> list[PlannedCall]:
        """Planned calls that no one answered yet, as agreed by that day, due or to come."""
        return [each for each in self.calls(on) if each.due_on == self.agreed_on or not self._is_answered(each)]

    def due(self, on: datetime.date) -> list[DueCall]:
        """What is due by that day and unanswered; only the newest is still to be made."""
        found = [each for each in self.open(on) if each.due_on <= on]
        return [DueCall(each.due_on, each.kind, each is not found[-1]) for each in found]

    def next_call(self, on: datetime.date) -> PlannedCall | None:
        """The first one after a day."""
        return next((each for each in self.open(on) if each.due_on > on), None)

    def _of(self, pace: str) -> tuple[PlannedCall, ...]:
        return _planned(self.discharged_on, pace, self.high_intensity, self.numbers)

    def _is_answered(self, call: PlannedCall) -> bool:
        return self.reached_on is not None and call.due_on <= self.reached_on + self.numbers.early_days * DAY

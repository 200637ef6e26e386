"""Office hours: a call back or another staff task is due in office hours, not at 10:37 PM.

Tasks that are urgent by law or for safety keep their own deadlines; code that computes those does not use this module.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass

from staff.models import Clinic
from staff.thresholds import Threshold, closed_days, values_for

OPENS = Threshold(
    "staff.office_opens", 8, unit="hours", label="Office opens (hour, 0–23)", source="Product default.",
    highest=12,
)  # fmt: skip
CLOSES = Threshold(
    "staff.office_closes", 17, unit="hours", label="Office closes (hour, 0–24)", source="Product default.",
    lowest=13, highest=23,
)  # fmt: skip
DAYS = Threshold(
    "staff.office_days", 5, unit="days", label="Days open each week (5 = Monday–Friday)",
    source="Product default.", lowest=1, highest=7,
)  # fmt: skip
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """When a clinic's office is open: so many days from Monday on, the same hours each day, on the clinic's clock.

    On no day on which the clinic is closed: a holiday is no business day.
    """

    opens: datetime.time
    closes: datetime.time
    days: int
    zone: zoneinfo.ZoneInfo
    closed: Collection[datetime.date] = frozenset()

    @classmethod
    def of(cls, clinic: Clinic) -> OfficeHours:
        """The clinic's own. One query, in a request once."""
        own = values_for(clinic, (OPENS, CLOSES, DAYS))
        opens, closes = datetime.time(own[OPENS.key]), datetime.time(own[CLOSES.key])
        return cls(opens, closes, own[DAYS.key], clinic.zone, closed_days(clinic))

    @property
    def length(self) -> datetime.timedelta:
        """How long one business day is."""
        return datetime.timedelta(hours=self.closes.hour - self.opens.hour)

    def next_day(self, at: datetime.datetime) -> datetime.date:
        """The next business day after the day of a moment."""
        day = at.astimezone(self.zone).date() + _DAY
        while not self._is_open_on(day):
            day += _DAY
        return day

    def next_open(self, at: datetime.datetime) -> datetime.datetime:
        """The moment itself if the office is open then, else when it opens next, in UTC."""
        local = at.astimezone(self.zone)
        day = local.date()
        if self._is_open_on(day) and self.opens <= local.time() < self.closes:
            return at
        if local.time() >= self.opens:
            day += _DAY
        while not self._is_open_on(day):
            day += _DAY
        return self._at(day, self.opens)

    def later(self, at: datetime.datetime, duration: datetime.timedelta) -> datetime.datetime:
        """The moment by which the office was open for so long, in UTC: Friday, 4 PM, and two hours is Monday, 9 AM."""
        at = self.next_open(at)
        while (left := self._at(at.astimezone(self.zone).date(), self.closes) - at) < duration:
            duration -= left
            at = self.next_open(at + left)
        return at + duration

    def earlier(self, at: datetime.datetime, duration: datetime.timedelta) -> datetime.datetime:
        """The latest moment from which the office was open for so long until then, in UTC: what `later` undoes."""
        at = self._last_open(at)
        while (gone := at - self._at(at.astimezone(self.zone).date(), self.opens)) < duration:
            duration -= gone
            at = self._last_open(at - gone)
        return at - duration

    def _last_open(self, at: datetime.datetime) -> datetime.datetime:
        """The moment itself if the office was open just before it, else when it closed last."""
        local = at.astimezone(self.zone)
        day = local.date()
        if self._is_open_on(day) and self.opens < local.time() < self.closes:
            return at
        if local.time() <= self.opens:
            day -= _DAY
        while not self._is_open_on(day):
            day -= _DAY
        return self._at(day, self.closes)

    def _is_open_on(self, day: datetime.date) -> bool:
        return day.weekday() < self.days and day not in self.closed

    def _at(self, day: datetime.date, clock: datetime.time) -> datetime.datetime:
        return datetime.datetime.combine(day, clock, tzinfo=self.zone).astimezone(datetime.UTC)


def next_open(at: datetime.datetime, clinic: Clinic) -> datetime.datetime:
    """The moment itself if the office is open then, else when it opens next, on the clinic's clock, in UTC."""
    return OfficeHours.of(clinic).next_open(at)


def next_business_day(at: datetime.datetime, clinic: Clinic) -> datetime.date:
    """The next day after a moment on which the office opens."""
    return OfficeHours.of(clinic).next_day(at)

"""Follow-up after high-intensity care (HEDIS FUI): a visit within 7 and within 30 days of the discharge.

A visit on the day of discharge does not count. The days are the measure's own and no numbers of a clinic's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from staff.models.clinic import Setting

DAY = datetime.timedelta(days=1)
SEVEN, THIRTY = 7, 30
HIGH_INTENSITY = (Setting.RESIDENTIAL, Setting.HOSPITAL)


@dataclass(frozen=True)
class Windows:
    """The days in which a visit counts; all are included."""

    first_day: datetime.date
    seven_ends: datetime.date
    thirty_ends: datetime.date


@dataclass(frozen=True)
class WindowStanding:
    """The windows after one discharge, with the first visit in each."""

    windows: Windows
    seven_met_on: datetime.date | None
    thirty_met_on: datetime.date | None

    def ends_on(self, on: datetime.date) -> datetime.date | None:
        """The last day of the window that is open and not met, the 7 days first. None if none is."""
        if self.thirty_met_on is not None:
            return None
        return next((end for end in (self.windows.seven_ends, self.windows.thirty_ends) if on <= end), None)

    def days_left(self, on: datetime.date) -> int | None:
        """Days in which a visit still meets the open window, today included."""
        end = self.ends_on(on)
        return None if end is None else (end - max(on, self.windows.first_day)).days + 1


def is_high_intensity(setting: int | None) -> bool:
    """Whether a level of care is followed up so: residential or hospital."""
    return setting in HIGH_INTENSITY


def windows(discharged_on: datetime.date) -> Windows:
    """The windows after a discharge on that day."""
    return Windows(discharged_on + DAY, discharged_on + SEVEN * DAY, discharged_on + THIRTY * DAY)


def standing(*, discharged_on: datetime.date, visits: Iterable[datetime.date]) -> WindowStanding:
    """Which windows were met, by days of visits in any order."""
    own = windows(discharged_on)
    first = min((day for day in visits if own.first_day <= day <= own.thirty_ends), default=None)
    return WindowStanding(own, first if first is not None and first <= own.seven_ends else None, first)

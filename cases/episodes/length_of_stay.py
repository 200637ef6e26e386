"""Days at each level of care, per stay and in total."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from cases import levels
from cases.models import LevelOfCarePeriod
from staff.models.clinic import CriteriaEdition, Setting


@dataclass(frozen=True)
class Stay:
    """One period at one level, in calendar days of the clinic, both ends counted."""

    period: LevelOfCarePeriod
    description: str
    first: datetime.date
    last: datetime.date  # today, for the one that goes on

    @property
    def days(self) -> int:
        """Calendar days; hours would count one too few across a change of the clocks."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Segment:
    """One stay in its level's bar: where it begins and its length in days."""

    start: int
    days: int
    goes_on: bool


@dataclass(frozen=True)
class AtLevel:
    """All stays at one level of care."""

    level_code: str
    description: str
    setting: Setting
    stays: tuple[Stay, ...]

    @property
    def days(self) -> int:
        """Added up over all stays."""
        return sum(stay.days for stay in self.stays)

    @property
    def is_now(self) -> bool:
        """The person is at this level."""
        return any(stay.period.ends_at is None for stay in self.stays)

    @property
    def segments(self) -> list[Segment]:
        """The stays end to end, earliest first."""
        found, start = [], 0
        for stay in self.stays:
            found.append(Segment(start, stay.days, stay.period.ends_at is None))
            start += stay.days
        return found


def stay(period: LevelOfCarePeriod, zone: datetime.tzinfo) -> Stay:
    """One period counted; one that ends at midnight ends with the day before."""
    if period.ends_at is None:
        last = timezone.localdate(timezone=zone)
    else:
        last = (period.ends_at - datetime.timedelta(microseconds=1)).astimezone(zone).date()
    first = period.starts_at.astimezone(zone).date()
    return Stay(period, description(period), first, max(first, last))


def at_each_level(stays: Iterable[Stay]) -> list[AtLevel]:
    """The stays by level of care, from the least to the most intensive."""
    by_level: dict[tuple[int, str], list[Stay]] = {}
    for each in sorted(stays, key=lambda each: (each.period.starts_at, each.period.pk)):
        by_level.setdefault((each.period.setting, each.period.level_code), []).append(each)
    return [
        AtLevel(code, found[-1].description, Setting(setting), tuple(found))
        for (setting, code), found in sorted(by_level.items())
    ]


def description(period: LevelOfCarePeriod) -> str:
    """The level's description, as its edition words it."""
    codes = levels.LEVELS[CriteriaEdition(period.criteria_edition)]
    known = codes.get(period.level_code.removesuffix(levels.CO_OCCURRING))
    return known.description if known else period.get_setting_display()

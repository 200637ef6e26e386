"""The marks and lanes of the timeline."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse

from staff.days import day_in_words


class Lane(Enum):
    """One kind of fact, one row of the picture, from top to bottom."""

    RECOVERY = "Time in recovery"
    MILESTONE = "Milestones"
    RETURN = "Returns to use"
    EPISODE = "Episodes of care"
    LEVEL = "Level of care"
    NOTE = "Session notes"
    GROUP = "Group sessions"
    MEETING = "Mutual-help meetings"

    @property
    def is_points(self) -> bool:
        """Single-day facts, drawn as dots and combined where they crowd."""
        return self in {Lane.NOTE, Lane.GROUP, Lane.MEETING}


class Point(NamedTuple):
    """A fact of one day, in a lane of dots. There are hundreds of them, and most become one dot with others."""

    start: datetime.date
    name: str
    lane: Lane
    page: str  # the name of its address
    args: tuple[int, ...]
    faint: bool = False

    def as_mark(self) -> Mark:
        """By itself."""
        end, url = self.start + datetime.timedelta(days=1), reverse(self.page, args=self.args)
        return Mark(self.lane, self.name, self.start, end, url, faint=self.faint)


@dataclass(frozen=True)
class Mark:
    """One fact on the timeline, or several in a lane that are too close to each other.

    `end` is the first day after it, or None while it lasts.
    """

    lane: Lane
    name: str
    start: datetime.date
    end: datetime.date | None
    url: str = ""
    setting: int = 0
    approximate: bool = False
    faint: bool = False  # a session missed, a meeting not gone to
    count: int = 1
    x: float = 0
    y: float = 0
    width: float = 0
    label: str = ""

    @property
    def last_day(self) -> datetime.date | None:
        """The last day that belongs to it."""
        return self.end - datetime.timedelta(days=1) if self.end else None

    @property
    def is_one_day(self) -> bool:
        """Whether it began and ended on one day."""
        return self.last_day == self.start

    @property
    def style(self) -> str:
        """Its lane's name in a class."""
        return self.lane.name.lower()

    @cached_property
    def from_words(self) -> str:
        """Its first day."""
        return f"{'about ' if self.approximate else ''}{day_in_words(self.start)}"

    @cached_property
    def to_words(self) -> str:
        """Its last day, or today."""
        return day_in_words(self.last_day) if self.last_day else "today"

    @property
    def words(self) -> str:
        """What and when, for who cannot see the picture."""
        if self.end is None and self.lane is Lane.RETURN:
            return f"{self.name}, {self.from_words}, still using"
        return f"{self.name}, {self.from_words}{'' if self.is_one_day else f' to {self.to_words}'}"

    @property
    def label_x(self) -> float:
        """Where the short label begins."""
        return self.x + 6

    @property
    def shows_label(self) -> bool:
        """Whether its short label fits inside it: about seven units a letter."""
        return bool(self.label) and self.width > 7 * len(self.label) + 8

    @property
    def middle(self) -> float:
        """The center of a dot or a diamond."""
        return round(self.x + self.width / 2, 1)

    @property
    def radius(self) -> float:
        """A dot's radius: one for several facts is large enough to hold their number."""
        return 7 if self.count > 1 else 3.5


@dataclass(frozen=True)
class Tick:
    """A line on the axis of time."""

    x: float
    label: str

"""Chart geometry for the patterns page."""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cases.codes import CopingOutcome
from cases.recovery.sobriety import Standing

from .counting import Held, Interval, InTreatment, Pattern, Placed, SituationCount, Theme
from .pattern_words import what_it_did
from .relapse_summaries import Occasion

SHOWN = 10  # returns to use that fit beside each other; the latest ones
COLUMN = 28
TALLEST = 72
TOP = 16  # room for the number above the tallest column


@dataclass(frozen=True)
class Column:
    """One month or weekday."""

    name: str
    short: str
    count: int
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """Label position."""
        return self.x + COLUMN // 2


@dataclass(frozen=True)
class Columns:
    """A column chart; its size is in its own units, which are pixels at its intended width."""

    title: str
    columns: tuple[Column, ...]
    note: str

    @property
    def total(self) -> int:
        """How many returns to use it places."""
        return sum(each.count for each in self.columns)

    @property
    def width(self) -> int:
        """All columns side by side."""
        return COLUMN * len(self.columns)

    @property
    def base(self) -> int:
        """Baseline of the columns."""
        return TOP + TALLEST

    @property
    def height(self) -> int:
        """With the words below."""
        return self.base + 20


@dataclass(frozen=True)
class TreatmentRow:
    """One point in treatment, with the returns to use that began there."""

    where: InTreatment
    placed: tuple[Placed, ...]
    levels: tuple[tuple[str, int], ...]  # the most frequent first

    @property
    def times(self) -> int:
        """How many began there."""
        return len(self.placed)


@dataclass(frozen=True)
class ThemeRow:
    """One trigger or warning sign: its recent occurrences, and how many of all returns to use had it."""

    theme: Theme
    shown: tuple[bool, ...]


@dataclass(frozen=True)
class StrategyRow:
    """One strategy, its results in the latest returns to use, and a sentence about all of them."""

    held: Held
    shown: tuple[CopingOutcome | None, ...]
    words: str


@dataclass(frozen=True)
class Running:
    """The days without use since the last return, still going on."""

    last: Occasion
    days: int
    since: datetime.date | None  # the sobriety date that the person stated, where it is later than the day after
    about: bool


@dataclass(frozen=True)
class Pictures:
    """All the charts. Those about single returns to use show only the latest, and say how many there are."""

    latest: tuple[Occasion, ...]
    earlier: int  # returns to use before those
    told: tuple[Occasion, ...]  # with what the person felt or what happened just before; the latest first
    situations: tuple[SituationCount, ...]
    intervals: tuple[Interval, ...]
    running: Running | None
    longest_bar: int  # the scale of the bars of days
    months: Columns
    weekdays: Columns
    treatment: tuple[TreatmentRow, ...] | None
    triggers: tuple[ThemeRow, ...]
    signs: tuple[ThemeRow, ...]
    strategies: tuple[StrategyRow, ...]


def draw(pattern: Pattern, standing: Standing) -> Pictures:
    """Lay out the charts, with the current stretch so far."""
    intervals = pattern.intervals[-SHOWN:]
    running = _running(pattern, standing)
    days = [each.days for each in intervals if each.days] + ([running.days] if running else [])
    first = max(0, pattern.total - SHOWN)
    return Pictures(
        latest=pattern.occasions[first:],
        earlier=first,
        told=tuple(each for each in reversed(pattern.occasions) if each.feeling or each.precipitant),
        situations=pattern.situations,
        intervals=intervals,
        running=running,
        longest_bar=max([1, *days]),
        months=_columns("Months of the year", list(calendar.month_name)[1:], pattern.months, 1, pattern.without_month),
        weekdays=_columns(
            "Days of the week",
            _from_sunday(list(calendar.day_name)),
            _from_sunday(pattern.weekdays),
            2,
            pattern.without_day,
        ),
        treatment=None if pattern.placed is None else tuple(_treatment(pattern, where) for where in InTreatment),
        triggers=tuple(ThemeRow(each, each.there[first:]) for each in pattern.triggers),
        signs=tuple(ThemeRow(each, each.there[first:]) for each in pattern.signs),
        strategies=tuple(StrategyRow(each, each.outcomes[first:], what_it_did(each)) for each in pattern.strategies),
    )


def _from_sunday(monday_first: Sequence[Any]) -> list[Any]:
    """The seven days with Sunday first, as calendars here show them."""
    return [monday_first[6], *(monday_first[day] for day in range(6))]


def _columns(title: str, names: Sequence[str], counts: Sequence[int], letters: int, missing: int) -> Columns:
    scale = TALLEST / max(1, *counts)
    columns = []
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        height = round(count * scale)
        columns.append(Column(name, name[:letters], count, COLUMN * place, TOP + TALLEST - height, height))
    return Columns(title, tuple(columns), f"{missing} unknown, not shown" if missing else "")


def _treatment(pattern: Pattern, where: InTreatment) -> TreatmentRow:
    placed = pattern.where(where)
    levels = Counter(each.level for each in placed if each.level)
    return TreatmentRow(where, placed, tuple(levels.most_common()))


def _running(pattern: Pattern, standing: Standing) -> Running | None:
    """The recovery days as everywhere else; None while someone is using."""
    if standing.recovery_days is None or standing.last_use_date is None or not pattern.occasions:
        return None
    last = max(pattern.occasions, key=lambda each: each.ended_on or datetime.date.min)
    derived = standing.last_use_date + datetime.timedelta(days=1)
    stated = standing.sobriety_date if standing.sobriety_date != derived else None
    return Running(last, standing.recovery_days, stated, about=standing.approximate)

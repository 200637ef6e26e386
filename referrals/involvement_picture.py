"""A client's part in mutual help over the months, as a picture: visits, what they said when asked, sponsors and home
groups, with their time in treatment and returns to use beside it. Everything is by client report.
"""

from __future__ import annotations

import calendar
import datetime
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .involvement_course import Facts, Span
from .models import Tie

MOST, LEAST = 24, 6  # months in the picture: the latest ones
WIDTH = 336  # in its own units, which are pixels on a phone
TOP, TALLEST, LANE = 18, 72, 30
_LABEL = 32  # room that a month's name takes
_BAR = 20  # at its widest
_NUMBER = 14  # room that a number takes, across and upward


@dataclass(frozen=True)
class Month:
    """One month: its column and its line of the table."""

    first: datetime.date
    visits: int
    asked: int | None  # meetings in the 30 days before, as they last said in that month
    x: float
    width: float
    height: float
    label: str  # blank where there is no room
    year: str
    sponsors: str
    home_groups: str
    in_treatment: bool
    returns: int
    shows_count: bool  # whether the number has room above the column

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 1)

    @property
    def y(self) -> float:
        """The top of its column."""
        return TOP + TALLEST - self.height

    @property
    def name(self) -> str:
        """For the table."""
        return f"{self.first:%b %Y}"


@dataclass(frozen=True)
class Ring:
    """An answer to “how many meetings in the past 30 days?”, on the day that it was asked."""

    x: float
    y: float
    value: int
    words: str


@dataclass(frozen=True)
class Bar:
    """A span of days in a lane."""

    x: float
    width: float
    words: str


@dataclass(frozen=True)
class Lane:
    """A row below the months: bars, or marks of single days."""

    name: str
    kind: str
    y: float
    bars: tuple[Bar, ...] = ()
    marks: tuple[Bar, ...] = ()

    @property
    def bar_y(self) -> float:
        """Below its name."""
        return self.y + 6


@dataclass(frozen=True)
class Picture:
    """The latest months, at most two years of them."""

    months: tuple[Month, ...]
    rings: tuple[Ring, ...]
    lanes: tuple[Lane, ...]
    is_cut: bool  # there is more before
    width: int = WIDTH
    base: int = TOP + TALLEST

    @property
    def height(self) -> float:
        """With months' names and lanes."""
        return self.base + 36 + LANE * len(self.lanes)


def draw(facts: Facts, today: datetime.date) -> Picture | None:
    """The picture, or None where nothing about mutual help is on record."""
    asked = [row for row in facts.answers if row.meetings_past_30_days is not None]
    days = [*facts.visited, *(row.on for row in facts.answers), *(span.since for span in facts.tied)]
    days = [day for day in days if day <= today]
    if not days:
        return None
    last = _number(today)
    count = min(MOST, max(LEAST, last - _number(min(days)) + 1))
    scale = _Scale(first=last - count + 1, count=count)
    by_month = Counter(map(_number, facts.visited))
    told = {_number(row.on): row.meetings_past_30_days for row in sorted(asked, key=lambda row: (row.on, row.pk))}
    highest = max([1, *(by_month[each] for each in scale.numbers), *(told.get(each) or 0 for each in scale.numbers)])
    months = tuple(
        _month(number, scale, facts, by_month[number], told.get(number), highest) for number in scale.numbers
    )
    rings = tuple(
        Ring(
            min(max(scale.at(row.on), _NUMBER / 2), WIDTH - _NUMBER / 2),
            _up(row.meetings_past_30_days or 0, highest),
            row.meetings_past_30_days or 0,
            _said(row.on),
        )
        for row in asked
        if _number(row.on) >= scale.first
    )
    return Picture(months, rings, tuple(_lanes(facts, scale, today)), is_cut=_number(min(days)) < scale.first)


@dataclass(frozen=True)
class _Scale:
    """The months drawn, numbered since year 0, and where a day is."""

    first: int
    count: int

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.count)

    @property
    def column(self) -> float:
        return WIDTH / self.count

    def at(self, day: datetime.date) -> float:
        length = calendar.monthrange(day.year, day.month)[1]
        months = _number(day) - self.first + (day.day - 0.5) / length
        return round(min(max(months, 0), self.count) * self.column, 1)


def _month(number: int, scale: _Scale, facts: Facts, visits: int, asked: int | None, highest: int) -> Month:
    first = datetime.date(number // 12, number % 12 + 1, 1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    place = number - scale.first
    width = min(_BAR, scale.column * 0.7)
    named = place % math.ceil(_LABEL / scale.column) == 0
    is_year = named and (place == 0 or number % 12 < math.ceil(_LABEL / scale.column))
    height = round(visits * TALLEST / highest, 1)
    is_near = asked is not None and abs(TOP + TALLEST - height - _up(asked, highest)) < _NUMBER
    during = [span for span in facts.tied if span.touches(first, last)]
    return Month(
        first=first,
        visits=visits,
        asked=asked,
        x=round(place * scale.column + (scale.column - width) / 2, 1),
        width=round(width, 1),
        height=height,
        label=f"{first:%b}" if named else "",
        year=str(first.year) if is_year else "",
        sponsors=_called(during, Tie.Kind.SPONSOR),
        home_groups=_called(during, Tie.Kind.HOME_GROUP),
        in_treatment=any(span.touches(first, last) for span in facts.stays),
        returns=sum(first <= day <= last for day in facts.returns),
        shows_count=bool(visits) and scale.column >= _NUMBER and not is_near,
    )


def _lanes(facts: Facts, scale: _Scale, today: datetime.date) -> Iterable[Lane]:
    """Those that hold something, from top to bottom."""
    ties = {kind: [span for span in facts.tied if span.kind == kind] for kind in Tie.Kind}
    begin = datetime.date(scale.first // 12, scale.first % 12 + 1, 1)
    lanes = (
        ("Sponsor", "sponsor", ties[Tie.Kind.SPONSOR]),
        ("Home group", "home-group", ties[Tie.Kind.HOME_GROUP]),
        ("In treatment here", "stay", facts.stays),
    )
    y = TOP + TALLEST + 48
    for name, kind, spans in lanes:
        bars = tuple(_bar(span, scale, today) for span in spans if span.touches(begin, today))
        if bars:
            yield Lane(name, kind, y, bars=bars)
            y += LANE
    returns = [day for day in facts.returns if begin <= day <= today]
    if returns:
        yield Lane("Return to use", "return", y, marks=tuple(Bar(scale.at(day), 0, _said(day)) for day in returns))


def _bar(span: Span, scale: _Scale, today: datetime.date) -> Bar:
    left, right = scale.at(span.since), scale.at(min(span.until or today, today))
    until = f"to {_said(span.until)}" if span.until else "and now"
    return Bar(left, round(max(right - left, 3), 1), f"{span.name}, from {_said(span.since)} {until}")


def _called(spans: Sequence[Span], kind: str) -> str:
    return ", ".join(dict.fromkeys(span.name for span in spans if span.kind == kind))


def _up(value: int, highest: int) -> float:
    return round(TOP + TALLEST - value * TALLEST / highest, 1)


def _number(day: datetime.date) -> int:
    return day.year * 12 + day.month - 1


def _said(day: datetime.date) -> str:
    return f"{day:%b %-d, %Y}"

"""Places marks on the timeline. It knows only dates and coordinates."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from .marks import Lane, Mark, Point, Tick
from .windows import Span, Window

WIDTH = 1000  # units of the picture's own coordinate system
LEFT = 8
RIGHT = WIDTH - 8
NARROWEST = 4.0  # a single day of use in ten years can still be seen and clicked
CROWDED = 15.0  # dots nearer to each other than this become one, which is 14 wide
_EPISODES_Y = 107
_ROW = 26
_POINTS = 40  # height of a lane of dots

Place = Callable[[datetime.date], float]
ZoomTo = Callable[[datetime.date], str]


@dataclass(frozen=True)
class LaneName:
    """A lane's name and its vertical position."""

    lane: Lane
    y: float
    words: str


@dataclass(frozen=True)
class Timeline:
    """A measured picture."""

    start: datetime.date
    end: datetime.date
    window: Window
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    names: Sequence[LaneName] = field(default_factory=tuple)
    axis_y: float = 0

    def lane(self, lane: Lane) -> list[Mark]:
        """The marks of one row, oldest first."""
        return [mark for mark in self.marks if mark.lane is lane]

    @property
    def span(self) -> Span:
        """How much of the life it shows."""
        return self.window.span

    @property
    def recovery(self) -> list[Mark]:
        """Stretches without use."""
        return self.lane(Lane.RECOVERY)

    @property
    def milestones(self) -> list[Mark]:
        """Days worth marking."""
        return self.lane(Lane.MILESTONE)

    @property
    def returns(self) -> list[Mark]:
        """Returns to use."""
        return self.lane(Lane.RETURN)

    @property
    def episodes(self) -> list[Mark]:
        """Episodes of care."""
        return self.lane(Lane.EPISODE)

    @property
    def levels(self) -> list[Mark]:
        """Levels of care."""
        return self.lane(Lane.LEVEL)

    @property
    def points(self) -> list[Mark]:
        """Notes, group sessions and meetings."""
        return [mark for mark in self.marks if mark.lane.is_points]

    @property
    def height(self) -> float:
        """The picture's height in its own units."""
        return self.axis_y + 24

    @property
    def rows(self) -> list[Mark]:
        """Every mark, newest first, as the table lists them."""
        return sorted(self.marks, key=lambda mark: (mark.start, mark.lane.value), reverse=True)

    @property
    def summary(self) -> str:
        """The picture in one sentence, for a screen reader."""
        counts = [
            counted(len(self.episodes), "episode of care", "episodes of care"),
            counted(len(self.returns), "return to use", "returns to use"),
            counted(len(self.recovery), "period of recovery", "periods of recovery"),
        ]
        for lane, one in ((Lane.NOTE, "note"), (Lane.GROUP, "group session"), (Lane.MEETING, "meeting")):
            if number := sum(mark.count for mark in self.lane(lane)):
                counts.append(counted(number, one))
        return f"From {self.start:%B %Y} to {self.end:%B %Y}: {', '.join(counts)}. The table below shows the same data."


def measure(
    marks: Iterable[Mark],
    *,
    start: datetime.date,
    end: datetime.date,
    points: Iterable[Point] = (),
    window: Window | None = None,
    zoom_to: ZoomTo | None = None,
) -> Timeline:
    """Place each mark between two days, drop those outside, and choose the axis lines.

    `zoom_to` gives the URL of a closer view around a day, for dots that combine several facts.
    """
    scale = (RIGHT - LEFT) / max(1, (end - start).days)

    def place(day: datetime.date) -> float:
        return round(LEFT + (min(max(day, start), end) - start).days * scale, 1)

    placed = [_across(mark, place, end) for mark in marks if (mark.end or end) > start and mark.start < end]
    by_lane = {lane: [mark for mark in placed if mark.lane is lane] for lane in Lane}
    shown = [point for point in points if start <= point.start < end]
    dots = {lane: [point for point in shown if point.lane is lane] for lane in Lane if lane.is_points}
    result, names, axis_y = _down(by_lane, {lane: _dots(own, place, end, zoom_to) for lane, own in dots.items()})
    return Timeline(start, end, window or Window(Span.LIFE, end), result, _ticks(start, end, place), names, axis_y)


def counted(number: int, one: str, many: str = "") -> str:
    """“1 day”, “2 days”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _across(mark: Mark, place: Place, end: datetime.date) -> Mark:
    x = place(mark.start)
    width = max(NARROWEST, place(mark.end or end) - x)
    return replace(mark, x=round(min(x, RIGHT - width), 1), width=round(width, 1))


def _down(by_lane: dict[Lane, list[Mark]], dots: dict[Lane, list[Mark]]) -> tuple[list[Mark], list[LaneName], float]:
    """Stack the lanes; lanes of dots only if they have any."""
    names = [LaneName(lane, y, lane.value) for lane, y in ((Lane.RECOVERY, 13), (Lane.RETURN, 57), (Lane.EPISODE, 101))]
    result = [replace(mark, y=19) for mark in by_lane[Lane.RECOVERY]]
    result += [replace(mark, y=28) for mark in by_lane[Lane.MILESTONE]]
    result += [replace(mark, y=63) for mark in by_lane[Lane.RETURN]]
    rows = 0
    for mark, row in _in_rows(by_lane[Lane.EPISODE]):
        result.append(replace(mark, y=_EPISODES_Y + _ROW * row))
        rows = max(rows, row)
    levels_y = _EPISODES_Y + _ROW * (1 + rows) + 22
    names.append(LaneName(Lane.LEVEL, levels_y - 5, "Level of care: higher is more structured"))
    result += [replace(mark, y=levels_y + 13 * (4 - mark.setting)) for mark in by_lane[Lane.LEVEL]]
    y = levels_y + 58.0
    for lane, own in dots.items():
        if own:
            names.append(LaneName(lane, y + 14, lane.value))
            result += [replace(mark, y=y + 28) for mark in own]
            y += _POINTS
    return result, names, y + (6 if y > levels_y + 58 else 0)


def _in_rows(episodes: Sequence[Mark]) -> Iterator[tuple[Mark, int]]:
    """Give each episode the first row where it overlaps no other."""
    ends: list[datetime.date] = []
    for mark in sorted(episodes, key=lambda each: each.start):
        row = next((row for row, taken in enumerate(ends) if taken <= mark.start), len(ends))
        ends[row : row + 1] = [mark.end or datetime.date.max]
        yield mark, row


def _dots(points: Sequence[Point], place: Place, end: datetime.date, zoom_to: ZoomTo | None) -> list[Mark]:
    """Dots of one lane; those that would cover each other are one with their number and a link to a closer view."""
    crowds: list[list[Point]] = []
    begun = -CROWDED
    for point in sorted(points, key=itemgetter(0, 1)):  # by day and name
        x = min(place(point.start), RIGHT - NARROWEST)
        if x - begun >= CROWDED:
            crowds.append([])
            begun = x
        crowds[-1].append(point)
    return [_as_one(crowd, place, end, zoom_to) for crowd in crowds]


def _as_one(crowd: Sequence[Point], place: Place, end: datetime.date, zoom_to: ZoomTo | None) -> Mark:
    first, last = (_across(point.as_mark(), place, end) for point in (crowd[0], crowd[-1]))
    if len(crowd) == 1:
        return first
    middle = first.start + (last.start - first.start) // 2
    return replace(
        first,
        name=f"{len(crowd)} {first.lane.value.lower()}",
        end=last.end,
        url=zoom_to(middle) if zoom_to and last.start > first.start else first.url,
        count=len(crowd),
        faint=all(point.faint for point in crowd),
        width=round(last.x + last.width - first.x, 1),
    )


def _ticks(start: datetime.date, end: datetime.date, place: Place) -> list[Tick]:
    """Lines at the beginnings of years, months or weeks: never more than about a dozen."""
    if (end - start).days <= 62:
        sunday = start + datetime.timedelta(days=-start.isoweekday() % 7)
        weeks = (sunday + datetime.timedelta(days=7 * number) for number in range(10))
        return [Tick(place(day), f"{calendar.month_abbr[day.month]} {day.day}") for day in weeks if day < end]
    months = (end.year - start.year) * 12 + end.month - start.month
    step = next((each for each in (1, 2, 3, 6, 12, 24, 60) if months / each <= 12), 120)
    ticks = []
    year, month = start.year, start.month
    while (day := datetime.date(year, month, 1)) < end:
        number = year * 12 + month - 1
        if day >= start and number % step == 0:
            label = str(year) if step >= 12 or month == 1 else calendar.month_abbr[month]
            ticks.append(Tick(place(day), label))
        year, month = divmod(number + 1, 12)
        month += 1
    return ticks

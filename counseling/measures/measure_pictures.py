"""Lays out the charts of measures: coordinates of points, bands and dates.

Each chart is laid out twice, for a wide window and for a phone, to keep its text size the same in both.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from counseling.instruments import Band

WIDE, NARROW = 820, 342
_PLOT = 216  # height of a whole picture's plot
_SMALL = 96  # of one of several
_TOP = 14
_LEFT = 30
_RIGHT = 14
_NAMES = 150  # beside a wide picture, for the bands' names
_LETTER = 6.3  # width of one in a band's name
_STRIP = 16  # a row below the axis: stays, returns to use
_LABEL_ROOM = 24
_STALE = datetime.timedelta(days=60)
_DAY = datetime.timedelta(days=1)

Line = tuple[int, int | None, int | None]
Across = Callable[[datetime.date], float]
Up = Callable[[float], float]


@dataclass(frozen=True)
class Scale:
    """The vertical axis: its range, and the bands between. With steps, each value is a category."""

    subscale: str
    name: str
    low: int
    high: int
    bands: tuple[Band, ...] = ()
    hint: str = ""
    is_steps: bool = False


@dataclass(frozen=True)
class Point:
    """One filling-in. Points of different `line` are never joined; None is one with an answer missing."""

    on: datetime.date
    value: int | None
    label: str
    line: Line
    part: float = 0.0  # how much of the day was over, to place several on one day side by side


Beside = Callable[[Point], float]


@dataclass(frozen=True)
class Background:
    """Other events: stays in treatment, and days on which a return to use began."""

    stays: Sequence[tuple[datetime.date, datetime.date | None, str]]
    returns: Sequence[datetime.date]
    today: datetime.date


@dataclass(frozen=True)
class DrawnBand:
    """A band as an area, with its label's position. `tone` counts from the lowest."""

    y: float
    height: float
    name: str
    lowest: int
    tone: int
    name_x: float
    name_y: float
    anchor: str

    @property
    def foot(self) -> float:
        """Where it begins: measured downward, as everything here."""
        return round(self.y + self.height, 1)


@dataclass(frozen=True)
class Dot:
    """One point; its number is shown if there is room."""

    x: float
    y: float
    said: str
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Stay:
    """A stay as a bar below the axis."""

    x: float
    width: float
    name: str


@dataclass(frozen=True)
class Return:
    """A return to use as a mark below the axis."""

    x: float
    name: str


@dataclass(frozen=True)
class Drawing:
    """One picture at one width."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    bands: Sequence[DrawnBand]
    levels: Sequence[tuple[float, int]]  # numbers beside the axis, where no bands say them
    lines: Sequence[str]  # the points of a polyline each
    dots: Sequence[Dot]
    missing: Sequence[float]
    dates: Sequence[tuple[float, str, str]]
    stays: Sequence[Stay]
    returns: Sequence[Return]
    stays_y: float
    returns_y: float
    dates_y: float
    has_foot: bool  # stays, returns to use and dates are below it

    @property
    def plot_width(self) -> float:
        """Of the area with the points."""
        return self.right - self.left


@dataclass(frozen=True)
class Picture:
    """A scale over time, measured for both windows."""

    scale: Scale
    wide: Drawing
    narrow: Drawing
    said: str  # for readers who can't see it; the table has everything
    has_gaps: bool


@dataclass(frozen=True)
class Spark:
    """A small chart without text, and its description."""

    name: str
    lines: Sequence[str]
    end: tuple[float, float] | None
    said: str
    width: int = 96
    height: int = 24


def draw(scale: Scale, points: Sequence[Point], background: Background, *, foot: bool = True) -> Picture:
    """Lay out a scale's points (at least one). The last of several charts has the `foot`."""
    values = [each for each in points if each.value is not None]
    said = f"{scale.name}, {len(values)} scored"
    if values:
        first, last = values[0], values[-1]
        said += f": from {_said(first)} on {first.on:%b %-d, %Y} to {_said(last)} on {last.on:%b %-d, %Y}"
    return Picture(
        scale=scale,
        wide=_draw(scale, points, background, WIDE, foot=foot),
        narrow=_draw(scale, points, background, NARROW, foot=foot),
        said=f"{said}. The table below has every value.",
        has_gaps=len(values) < len(points),
    )


def spark(scale: Scale, points: Sequence[Point]) -> Spark:
    """Lay out the small chart of the last points on the same line as the latest."""
    height, width = 24, 96
    points = [each for each in points if each.line == points[-1].line]
    days = [each.on.toordinal() + each.part for each in points]
    span = max(0.25, days[-1] - days[0])
    top = scale.high - 1 if scale.is_steps else scale.high

    def place(each: Point) -> tuple[float, float]:
        share = ((each.value or 0) - scale.low) / max(1, top - scale.low)
        x = width - 4 if len(points) == 1 else 4 + (width - 8) * (each.on.toordinal() + each.part - days[0]) / span
        return round(x, 1), round(height - 4 - (height - 8) * share, 1)

    runs = [run for run in _runs(points) if len(run) > 1]
    scored = [each for each in points if each.value is not None]
    return Spark(
        name=scale.name if scale.subscale else "",
        lines=[" ".join(f"{x},{y}" for x, y in map(place, run)) for run in runs],
        end=place(scored[-1]) if scored else None,
        said=", ".join(_said(each) for each in scored),
    )


def _draw(scale: Scale, points: Sequence[Point], background: Background, width: int, *, foot: bool) -> Drawing:
    plot = _SMALL if scale.subscale else _PLOT
    names_beside = bool(scale.bands) and width == WIDE
    left, right, top = _LEFT, width - (_NAMES if names_beside else _RIGHT), _TOP
    bottom = top + plot
    start, end = window(points, background)
    days = max(1, (end - start).days)
    steps = scale.high - scale.low

    def across(day: datetime.date) -> float:
        return round(left + (right - left) * (day - start).days / days, 1)

    def beside(point: Point) -> float:
        return round(left + (right - left) * ((point.on - start).days + point.part) / days, 1)

    def up(value: float) -> float:
        return round(bottom - plot * (value - scale.low) / steps, 1)

    middle = 0.5 if scale.is_steps else 0  # a category is drawn in the middle of its row
    placed = [(each, beside(each), up(each.value + middle)) for each in points if each.value is not None]
    stays_y = bottom + 8
    has_returns = any(start <= day <= end for day in background.returns)
    returns_y = stays_y + _STRIP
    dates_y = (returns_y if has_returns else stays_y) + _STRIP + 8
    return Drawing(
        width=width,
        height=round(dates_y + 6 if foot else bottom + 4),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        bands=[
            _named(each, [(x, y) for _, x, y in placed], left, right, beside=names_beside) for each in _bands(scale, up)
        ],
        levels=[(up(value), value) for value in _levels(scale)],
        lines=[_path(run, beside, up, middle, is_steps=scale.is_steps) for run in _runs(points) if len(run) > 1],
        dots=list(_dots(placed, top, is_steps=scale.is_steps)),
        missing=[beside(each) for each in points if each.value is None],
        dates=_dates(start, end, left, right),
        stays=list(_stays(background, start, end, across)),
        returns=[
            Return(across(day), f"Return to use, {day:%b %-d, %Y}") for day in background.returns if start <= day <= end
        ],
        stays_y=stays_y,
        returns_y=returns_y,
        dates_y=dates_y,
        has_foot=foot,
    )


def _levels(scale: Scale) -> tuple[int, ...]:
    """Axis labels: the highest number, plus the lowest and the middle if no bands label them."""
    if scale.is_steps:
        return ()
    return (scale.high,) if scale.bands else (scale.low, (scale.low + scale.high) // 2, scale.high)


def window(points: Sequence[Point], background: Background) -> tuple[datetime.date, datetime.date]:
    """From the first point to today, or to the last point if that was long ago. At least two weeks.

    At least three days for a scale taken several times a day, so points on one day don't overlap.
    """
    start, last = points[0].on, points[-1].on
    end = background.today if background.today - last <= _STALE else last
    least = 3 if len({each.on for each in points}) < len(points) else 14
    if (end - start).days < least:
        start = end - least * _DAY
    room = max(1, (end - start).days // 40)
    return start - room * _DAY, end + room * _DAY


def _bands(scale: Scale, up: Up) -> Iterator[DrawnBand]:
    for tone, band in enumerate(scale.bands):
        upper = scale.bands[tone + 1].lowest if tone + 1 < len(scale.bands) else scale.high
        y, low = up(upper), up(band.lowest)
        yield DrawnBand(y, round(low - y, 1), band.name, band.lowest, tone, 0, round((y + low) / 2 + 4, 1), "start")


def _named(
    band: DrawnBand, dots: Sequence[tuple[float, float]], left: float, right: float, *, beside: bool
) -> DrawnBand:
    """The band's label beside the chart, or inside it at the end without a point."""
    if beside:
        return replace(band, name_x=right + 8)
    width = len(band.name) * _LETTER
    places = (
        ("start", left + 6, left + 6 + width),
        ("end", right - 6 - width, right - 6),
        ("middle", (left + right - width) / 2, (left + right + width) / 2),
    )
    near = [x for x, y in dots if band.y - 12 <= y <= band.foot + 12]
    free = [each for each in places if not any(each[1] - 8 <= x <= each[2] + 8 for x in near)]
    anchor, begins, ends = (free or list(places))[0]
    return replace(band, anchor=anchor, name_x={"start": begins, "end": ends}.get(anchor, (begins + ends) / 2))


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Stretches that a line may join: same line of points, nothing missing between them."""
    runs: list[list[Point]] = []
    before: Point | None = None
    for each in points:
        if each.value is not None:
            if before is not None and before.value is not None and before.line == each.line:
                runs[-1].append(each)
            else:
                runs.append([each])
        before = each
    return runs


def _path(run: Sequence[Point], beside: Beside, up: Up, middle: float, *, is_steps: bool) -> str:
    """The corners of a line; categories go by steps, since there is nothing between two of them."""
    corners: list[str] = []
    height: float | None = None
    for each in run:
        x, y = beside(each), up((each.value or 0) + middle)
        if is_steps and height is not None:
            corners.append(f"{x},{height}")
        corners.append(f"{x},{y}")
        height = y
    return " ".join(corners)


def _dots(placed: Sequence[tuple[Point, float, float]], top: float, *, is_steps: bool) -> Iterator[Dot]:
    """Every point; the last, first, highest and lowest get their numbers first, others if there is room."""
    order = sorted(range(len(placed)), key=lambda place: _rank(place, placed))
    written: list[float] = []
    named: set[int] = set()
    for place in order:
        x = placed[place][1]
        if not is_steps and all(abs(x - other) >= _LABEL_ROOM for other in written):
            written.append(x)
            named.add(place)
    for place, (point, x, y) in enumerate(placed):
        above = y - 9 if y - 9 > top - 4 else y + 19
        yield Dot(x, y, _said(point) if place in named else "", above, "middle")


def _rank(place: int, placed: Sequence[tuple[Point, float, float]]) -> tuple[int, int]:
    heights = [y for _, _, y in placed]
    if place == len(placed) - 1:
        return 0, 0
    if place == 0:
        return 1, 0
    return (2 if placed[place][2] in (min(heights), max(heights)) else 3), -place


def _said(point: Point) -> str:
    return point.label or str(point.value)


def _stays(background: Background, start: datetime.date, end: datetime.date, across: Across) -> Iterator[Stay]:
    for admitted, discharged, name in background.stays:
        first, last = max(admitted, start), min(discharged or background.today, end)
        if first <= last:
            x = across(first)
            yield Stay(x, max(3.0, round(across(last) - x, 1)), name)


def _dates(start: datetime.date, end: datetime.date, left: float, right: float) -> list[tuple[float, str, str]]:
    """Days or months below the chart, as many as fit, with the year where it begins."""
    days = max(1, (end - start).days)
    room = max(2, int((right - left) / 64))

    def at(day: datetime.date) -> float:
        return round(left + (right - left) * (day - start).days / days, 1)

    if days <= 70:
        step = next((each for each in (1, 2, 7, 14, 28) if days / each <= room), 28)
        first = end - (days // step) * step * _DAY
        found = [first + place * step * _DAY for place in range(days // step + 1)]
        marked = [(at(day), f"{day:%b %-d}") for day in found]
    else:
        months = next((each for each in (1, 2, 3, 6, 12, 24) if days / 30.4 / each <= room), 60)
        marked, last_year = [], 0
        for month in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
            day = datetime.date(month // 12, month % 12 + 1, 1)
            if month % months or not start <= day <= end:
                continue
            marked.append((at(day), f"{day:%b}" if day.year == last_year else f"{day:%b %Y}"))
            last_year = day.year
    return [(x, words, _anchor(x, left, right)) for x, words in marked]


def _anchor(x: float, left: float, right: float) -> str:
    if x - left < 16:
        return "start"
    return "end" if right - x < 16 else "middle"

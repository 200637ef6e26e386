"""A plain map of the meetings on a page, drawn from their coordinates: no tiles, nobody is asked.

North is up, and a mile is as long in any direction. The list beside it says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, EDGE = 400.0, 360.0, 34.0
_LABEL = 18.0  # half the width of a ring's distance
_MARK = 13.0  # half a mark's height: marks that would cover each other are drawn as one
_MILES_A_DEGREE = 69.0934  # of latitude, on a sphere
_SMALLEST = 0.5  # miles from side to side, so that one building is not a whole map
_NICE = (0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)


@dataclass
class Mark:
    """Meetings at one place of the map, by their numbers in the list."""

    x: float
    y: float
    meetings: list[tuple[int, str]]  # number and name

    def __post_init__(self) -> None:
        self._written()

    def add(self, number: int, name: str) -> None:
        """One more that is in this place."""
        self.meetings.append((number, name))
        self._written()

    def _written(self) -> None:
        """What the template draws, as text: a label “3”, “3, 7” or “3 +4” in the room that it needs."""
        first, *rest = [str(number) for number, _ in self.meetings]
        self.first = first
        self.label = first if not rest else f"{first}, {rest[0]}" if len(rest) == 1 else f"{first} +{len(rest)}"
        width = max(2 * _MARK, 8.0 * len(self.label) + 12)
        self.width = str(width)
        self.middle, self.baseline = str(self.x), str(round(self.y + 4.5, 1))
        self.left, self.top = str(round(self.x - width / 2, 1)), str(round(self.y - _MARK, 1))
        self.words = "; ".join(f"{number}: {name}" for number, name in self.meetings)  # for whoever points at it


@dataclass(frozen=True)
class Ring:
    """A circle around the start point."""

    radius: str
    miles: str
    label_x: str
    label_y: str


@dataclass(frozen=True)
class Map:
    """All that the template draws."""

    marks: list[Mark]
    start: tuple[float, float] | None
    rings: list[Ring]
    bar: float  # its length
    bar_words: str

    width, height = WIDTH, HEIGHT
    bar_x, bar_y = EDGE / 2, HEIGHT - 14

    @property
    def bar_path(self) -> str:
        """Its line, with an end on either side."""
        return f"M{self.bar_x:g} {self.bar_y - 5:g} v5 h{self.bar:g} v-5"

    @property
    def bar_words_x(self) -> float:
        """Where its length is written."""
        return round(self.bar_x + self.bar + 6, 1)


def draw(meetings: Iterable[Any], start: tuple[float, float] | None, *, first: int = 1) -> Map | None:
    """A map of those that have a place, numbered from `first` on; None if none has."""
    numbered = [(n, each) for n, each in enumerate(meetings, first) if each.has_place and each.latitude is not None]
    if not numbered:
        return None
    points = [(each.latitude, each.longitude) for _, each in numbered] + ([start] if start else [])
    origin, miles_a_degree = _middle(points)
    flat = [_flat(point, origin, miles_a_degree) for point in points]
    across = max(max(x for x, _ in flat) - min(x for x, _ in flat), _SMALLEST)
    up = max(max(y for _, y in flat) - min(y for _, y in flat), _SMALLEST)
    scale = min((WIDTH - 2 * EDGE) / across, (HEIGHT - 2 * EDGE - 14) / up)
    center_x = (max(x for x, _ in flat) + min(x for x, _ in flat)) / 2
    center_y = (max(y for _, y in flat) + min(y for _, y in flat)) / 2

    def drawn(place: tuple[float, float]) -> tuple[float, float]:
        x, y = place
        return round(WIDTH / 2 + (x - center_x) * scale, 1), round((HEIGHT - 14) / 2 - (y - center_y) * scale, 1)

    middle = drawn(flat[-1]) if start else None
    marks = _marks((drawn(place), n, each.name) for place, (n, each) in zip(flat, numbered, strict=False))
    miles = max((each for each in _NICE if each * scale <= WIDTH / 3), default=_NICE[0])
    return Map(
        marks=marks,
        start=middle,
        rings=_rings(middle, scale, marks) if middle else [],
        bar=round(miles * scale, 1),
        bar_words=f"{miles:g} mi",
    )


def _middle(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    latitude = (max(each[0] for each in points) + min(each[0] for each in points)) / 2
    return (latitude, points[-1][1]), _MILES_A_DEGREE * math.cos(math.radians(latitude))


def _flat(point: tuple[float, float], origin: tuple[float, float], miles_a_degree: float) -> tuple[float, float]:
    """Miles east and north of the origin, the short way around."""
    east = (point[1] - origin[1] + 180) % 360 - 180
    return east * miles_a_degree, (point[0] - origin[0]) * _MILES_A_DEGREE


def _marks(places: Iterable[tuple[tuple[float, float], int, str]]) -> list[Mark]:
    marks: list[Mark] = []
    for (x, y), number, name in places:
        near = next((each for each in marks if abs(each.x - x) < 3 * _MARK and abs(each.y - y) < 2 * _MARK), None)
        if near:
            near.add(number, name)
        else:
            marks.append(Mark(x, y, [(number, name)]))
    return marks


def _rings(middle: tuple[float, float], scale: float, marks: Sequence[Mark]) -> list[Ring]:
    """Two or three round distances, as far as the map shows them, each said where no mark covers it."""
    reach = max(math.dist(middle, corner) for corner in ((0, 0), (WIDTH, 0), (0, HEIGHT), (WIDTH, HEIGHT)))
    fitting = [each for each in _NICE if 45 <= each * scale <= reach][:3]
    rings = []
    for each in fitting:
        label_x, label_y = _beside_no_mark(middle, each * scale, marks)
        rings.append(Ring(str(round(each * scale, 1)), f"{each:g} mi", str(round(label_x, 1)), str(round(label_y, 1))))
    return rings


def _beside_no_mark(middle: tuple[float, float], radius: float, marks: Sequence[Mark]) -> tuple[float, float]:
    """Where a ring's distance is written: at the top, or as near to it along the ring as it is on the map and free."""
    around = []
    for degrees in (0, 15, -15, 30, -30, 45, -45, 60, -60, 90, -90, 120, -120, 150, -150, 180):
        angle = math.radians(degrees)
        # Outside the ring: above it at the top, below it at the bottom.
        x, y = middle[0] + (radius + 8) * math.sin(angle), middle[1] - (radius + 8) * math.cos(angle) + 4
        around.append((x, y))
    free = [
        (x, y)
        for x, y in around
        if _LABEL < x < WIDTH - _LABEL
        and _MARK < y < HEIGHT - EDGE
        and not any(
            abs(x - mark.x) < _LABEL + float(mark.width) / 2 and abs(y - 4 - mark.y) < _MARK + 6 for mark in marks
        )
    ]
    return (free or around)[0]

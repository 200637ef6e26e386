"""Learning over time: what was known before each return to use, and what each one showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cases.codes import CopingOutcome, Precision
from cases.models import CopingStrategy, Relapse, Trigger, WarningSign
from cases.patterns.relapse_summaries import Occasion
from counseling.codes import CarryOverKind
from staff.reading import Reading, each, reads, rows, together

from .relapse_review import Comparison, Line, compare_all

_MODELS: dict[CarryOverKind, type[Trigger | WarningSign | CopingStrategy]] = {
    CarryOverKind.TRIGGER: Trigger,
    CarryOverKind.WARNING_SIGN: WarningSign,
    CarryOverKind.STRATEGY: CopingStrategy,
}
_WHAT = "Triggers, warning signs and coping strategies"
COLUMN, BAR, TALLEST, BASE = 72, 28, 96, 114  # of the picture, in its own units; bars start at BASE


class Mark(Enum):
    """What one return to use showed about one item: a glyph and its text alternative."""

    UNKNOWN = "unknown", "not known yet"
    NEW = "new", "new: learned this time"
    THERE = "there", "known, came up again"
    AGAIN = "again", "known, marked no longer current, came up again"
    HELPED = "helped", "known, helped"
    PARTLY = "partly", "known, helped partly"
    DID_NOT = "did_not", "known, did not hold up"
    UNUSED = "unused", "known, did not come up or not used"
    PAST = "past", "no longer current"

    def __init__(self, glyph: str, words: str) -> None:
        self.glyph = glyph
        self.words = words


@dataclass
class Row:
    """One item, with its mark in each return to use, oldest first."""

    kind: CarryOverKind
    source: Any
    marks: list[Mark]

    @property
    def is_true_now(self) -> bool:
        """Whether it is still true."""
        return self.source.no_longer_true_since is None


@dataclass(frozen=True)
class Column:
    """One return to use: how much was known before it, what of that helped, what it taught. With its bars' places."""

    relapse: Relapse
    known: int
    held: int  # strategies that helped, wholly or partly
    came_back: int  # triggers and warning signs that were known and there again
    did_not_hold: int
    never_used: int
    new: int
    middle: int  # of the column in the picture
    known_height: int
    new_height: int

    @property
    def dated(self) -> Occasion:
        """When it began, for the tables that date it no closer than it is known."""
        relapse = self.relapse
        return Occasion(relapse.pk, relapse.started_on, relapse.ended_on, Precision(relapse.started_precision))

    @property
    def month(self) -> str:
        """The same in the little space under a bar."""
        if not self.dated.month_is_known:
            return f"{self.relapse.started_on:%Y}?"
        return f"{self.relapse.started_on:%b %Y}"

    @property
    def bar(self) -> int:
        """Left edge of its bar."""
        return self.middle - BAR // 2

    @property
    def known_y(self) -> int:
        """Top of what was known, measured downward as in every SVG."""
        return BASE - self.known_height

    @property
    def new_y(self) -> int:
        """Top of what it taught, drawn above what was known."""
        return self.known_y - self.new_height


@dataclass(frozen=True)
class Growth:
    """The whole chart, oldest return to use first."""

    columns: list[Column]
    groups: list[tuple[CarryOverKind, list[Row]]]
    known_now: int
    base: int = BASE
    height: int = BASE + 22

    @property
    def width(self) -> int:
        """Of the picture."""
        return COLUMN * len(self.columns)

    @property
    def sentence(self) -> str:
        """A one-sentence summary of the chart."""
        if not self.columns:
            return ""
        first, last = self.columns[0], self.columns[-1]
        if len(self.columns) == 1:
            return (
                f"{_WHAT} known before this return to use: {first.known}. "
                f"Learned from it: {first.new}. Known now: {self.known_now}."
            )
        return (
            f"{_WHAT} known before the first of {len(self.columns)} returns to use: {first.known}. "
            f"Before the latest: {last.known}. Now: {self.known_now}."
        )


@reads
def of(relapses: Sequence[Relapse]) -> Reading[Growth]:
    """The growth over these returns to use of one person, in any order, at a constant number of queries."""
    if not relapses:
        return Growth(columns=[], groups=[], known_now=0)
    client = relapses[0].client_id
    found, known = yield from together(
        compare_all.part(sorted(relapses, key=lambda relapse: (relapse.started_on, relapse.pk))),
        each(
            rows(model._default_manager.filter(client=client).order_by("first_seen_on", "pk"))
            for model in _MODELS.values()
        ),
    )
    drawn = {
        (kind, source.pk): Row(kind, source, [Mark.UNKNOWN] * len(found))
        for kind, sources in zip(_MODELS, known, strict=True)
        for source in sources
    }
    for place, comparison in enumerate(found):
        for mark, line in [*_marked(comparison), *((Mark.PAST, line) for line in comparison.past)]:
            drawn[line.kind, line.source.pk].marks[place] = mark
    by_kind = {kind: [row for row in drawn.values() if row.kind == kind] for kind in _MODELS}
    return Growth(
        columns=_columns(found),
        groups=[(kind, listed) for kind, listed in by_kind.items() if listed],
        known_now=sum(row.is_true_now for row in drawn.values()),
    )


def _marked(comparison: Comparison) -> list[tuple[Mark, Line]]:
    """Every line about something learned, with its mark. Goals and plans have pages of their own."""
    lines = [
        *((Mark.NEW, line) for line in comparison.new),
        *((Mark.DID_NOT, line) for line in comparison.did_not_hold),
        *((Mark.UNUSED, line) for line in comparison.never_used),
        *((_held(line), line) for line in [*comparison.held, *comparison.came_back]),
    ]
    return [(mark, line) for mark, line in lines if line.kind in _MODELS]


def _held(line: Line) -> Mark:
    if line.tried is None:
        return Mark.AGAIN if line.was_thought_past else Mark.THERE
    return Mark.PARTLY if line.tried == CopingOutcome.PARTLY else Mark.HELPED


def _columns(found: list[Comparison]) -> list[Column]:
    counts = [[mark for mark, _ in _marked(comparison)] for comparison in found]
    tallest = max((len(marks) for marks in counts), default=0)
    columns = []
    for place, (comparison, marks) in enumerate(zip(found, counts, strict=True)):
        new, total = marks.count(Mark.NEW), len(marks)
        columns.append(
            Column(
                relapse=comparison.relapse,
                known=total - new,
                held=sum(mark in {Mark.HELPED, Mark.PARTLY} for mark in marks),
                came_back=sum(mark in {Mark.THERE, Mark.AGAIN} for mark in marks),
                did_not_hold=marks.count(Mark.DID_NOT),
                never_used=marks.count(Mark.UNUSED),
                new=new,
                middle=place * COLUMN + COLUMN // 2,
                known_height=_height(total - new, tallest),
                new_height=_height(new, tallest),
            )
        )
    return columns


def _height(count: int, tallest: int) -> int:
    return round(TALLEST * count / tallest) if tallest else 0

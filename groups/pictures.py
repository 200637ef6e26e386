"""Attendance as a strip: one mark per session, distinguished by height and fill as well as color."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from groups.models import Attendance, Mark

STEP = 14  # px from one session to the next
WIDTH = 10
HEIGHT = 28

# A mark's height, and whether it is filled: filled for the part that the member attended.
SHAPES: dict[str, tuple[int, str]] = {
    Mark.PRESENT: (24, "is-there"),
    Mark.LATE: (15, "is-there"),
    Mark.LEFT_EARLY: (15, "is-there"),
    Mark.EXCUSED: (15, "is-excused"),
    Mark.UNEXCUSED: (24, "is-absent"),
    Mark.REMOVED: (8, "is-removed"),
}


@dataclass(frozen=True)
class Bar:
    """One session in the strip; all numbers in px."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True)
class Strip:
    """A strip and the words for who cannot see it."""

    bars: list[Bar]
    width: int
    words: str
    height: int = HEIGHT
    bar_width: int = WIDTH

    def __bool__(self) -> bool:
        return bool(self.bars)


def strip(rows: Sequence[Attendance]) -> Strip:
    """The strip of some attendances, oldest first; a session without a mark is left out."""
    bars = []
    for place, row in enumerate(rows):
        height, kind = SHAPES[row.mark]
        # late misses the start, left early the end: the bar hangs from the top or starts at the bottom
        y = 2 if row.mark == Mark.LATE else HEIGHT - 2 - height
        bars.append(Bar(place * STEP + 2, y, height, kind))
    return Strip(bars, max(len(bars) * STEP + 2, 1), in_words(rows))


def in_words(rows: Sequence[Attendance]) -> str:
    """E.g. “Last 8 sessions: 6 present, 1 late, 1 excused”."""
    if not rows:
        return "No session yet"
    counted = Counter(row.mark for row in rows)
    parts = [f"{counted[mark]} {Mark(mark).label.lower()}" for mark in Mark if counted[mark]]
    return f"Last {len(rows)} session{'' if len(rows) == 1 else 's'}: {', '.join(parts)}"

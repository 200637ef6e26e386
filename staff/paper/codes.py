"""Square codes (QR) that a phone's camera reads, drawn here: nobody is asked, and no picture is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import segno

LONGEST = 500  # characters; a longer link makes squares that no camera tells apart on paper
QUIET = 4  # squares of white around it, which the standard asks for


@dataclass(frozen=True)
class Code:
    """A link as a square code, with what it is for."""

    label: str
    link: str

    @cached_property
    def rows(self) -> tuple[tuple[bool, ...], ...]:
        """Its squares, dark or not, without the white around them."""
        made = segno.make(self.link, error="m", micro=False)
        return tuple(tuple(bool(each) for each in row) for row in made.matrix)

    @property
    def side(self) -> int:
        """How many squares it is wide and high, with the white around it."""
        return len(self.rows) + 2 * QUIET

    def dark(self) -> Iterator[tuple[int, int, int]]:
        """Runs of dark squares in a row: where they begin, from the left and the top, and how many."""
        for y, row in enumerate(self.rows, start=QUIET):
            begins = None
            for x, is_dark in enumerate((*row, False), start=QUIET):
                if is_dark and begins is None:
                    begins = x
                elif not is_dark and begins is not None:
                    yield begins, y, x - begins
                    begins = None

    @property
    def path(self) -> str:
        """SVG path data, a unit to a square."""
        return "".join(f"M{x} {y}h{wide}v1h-{wide}z" for x, y, wide in self.dark())

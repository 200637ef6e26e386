"""Drawn signatures: points in a box of fixed size, validated on input, redrawn as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from staff import outside

WIDTH, HEIGHT = 600, 200  # units of the box; the page scales it
MOST_STROKES = 60
MOST_POINTS = 4000
FEWEST_POINTS = 8  # less is a slip of the finger

Strokes = list[list[list[int]]]


class NotDrawn(ValueError):
    """The drawing is invalid, too short or too long."""


def read(text: str) -> Strokes:
    """The strokes in a form's field. Points outside the box are moved to its edge.

    Raises NotDrawn for anything that is not a list of lists of pairs of numbers, or not of a signature's size.
    """
    try:
        strokes = [[_point(point) for point in stroke] for stroke in outside.from_json(text)]
    except (ValueError, TypeError, OverflowError) as fault:
        raise NotDrawn("This isn’t a signature.") from fault
    strokes = [stroke for stroke in strokes if stroke]
    points = sum(map(len, strokes))
    if points < FEWEST_POINTS:
        raise NotDrawn("That is too short for a signature. Draw the full name, or type it.")
    if points > MOST_POINTS or len(strokes) > MOST_STROKES:
        raise NotDrawn("That is too long for a signature. Clear it and draw only the name, or type it.")
    return strokes


def path_of(strokes: Sequence[Sequence[Sequence[int]]]) -> str:
    """SVG path data for strokes as `read` returns them."""
    return "".join("M" + "L".join(f"{int(x)} {int(y)}" for x, y in stroke) for stroke in strokes)


def _point(point: object) -> list[int]:
    if not isinstance(point, list) or len(point) != 2 or any(isinstance(each, bool) for each in point):
        raise TypeError("not a point")
    x, y = (round(float(each)) for each in point)
    return [min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT)]

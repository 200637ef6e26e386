"""Patterns across all of a client's returns to use."""

from .counting import (
    Held,
    InTreatment,
    compare,
    intervals_of,
    placed_in,
)

__all__ = [
    "Held",
    "InTreatment",
    "compare",
    "intervals_of",
    "placed_in",
]

"""The golden thread: need, goal, objective, intervention, note and review as one structure."""

from .structure import (
    NotSignedYet,
    ObjectiveOfSomebodyElse,
    file_note,
    of,
    quiet,
)

__all__ = [
    "NotSignedYet",
    "ObjectiveOfSomebodyElse",
    "file_note",
    "of",
    "quiet",
]

"""The golden thread: need, goal, objective, intervention, note and review as one structure."""

from .structure import (
    NoteNotSigned,
    ObjectiveOfSomebodyElse,
    file_note,
    of,
    quiet,
    quiet_since,
)

__all__ = [
    "NoteNotSigned",
    "ObjectiveOfSomebodyElse",
    "file_note",
    "of",
    "quiet",
    "quiet_since",
]

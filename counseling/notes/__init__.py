"""Session notes: writing, saving, finding and linking them. Signing is in its own room."""

from .drafts import (
    AlreadyDiscarded,
    AlreadySigned,
    DraftConflict,
    EpisodeOfSomebodyElse,
    GoalOfSomebodyElse,
    NotTheAuthor,
    UnknownFormat,
    discard,
    lock_draft,
    save_draft,
    settle_conflict,
    start,
)

__all__ = [
    "AlreadyDiscarded",
    "AlreadySigned",
    "DraftConflict",
    "EpisodeOfSomebodyElse",
    "GoalOfSomebodyElse",
    "NotTheAuthor",
    "UnknownFormat",
    "discard",
    "lock_draft",
    "save_draft",
    "settle_conflict",
    "start",
]

"""Merging two records of one person, and undoing the merge."""

from .merges import (
    NotTheLatest,
    NotTwoRecords,
    merge,
    relations,
    unmerge,
    what_would_move,
)

__all__ = [
    "NotTheLatest",
    "NotTwoRecords",
    "merge",
    "relations",
    "unmerge",
    "what_would_move",
]

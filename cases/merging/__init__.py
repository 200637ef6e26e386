"""Merging two records of one person, and taking them apart again."""

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

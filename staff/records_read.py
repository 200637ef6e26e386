"""Whose records a request has read, by number: noted where rows become objects, so that no page can forget to say.

This app knows nothing of clients: the querysets of `cases` note them, and `privacy` writes the log. Outside a request,
in jobs and commands, nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_READ: ContextVar[set[int] | None] = ContextVar("records_read", default=None)


@contextmanager
def noting() -> Iterator[set[int]]:
    """Collect the numbers that are noted inside the block."""
    found: set[int] = set()
    token = _READ.set(found)
    try:
        yield found
    finally:
        _READ.reset(token)


def note(number: int | None) -> None:
    """Someone's row was read."""
    found = _READ.get()
    if found is not None and number is not None:
        found.add(number)


def note_all(numbers: Iterable[int | None]) -> None:
    """Several at once."""
    found = _READ.get()
    if found is not None:
        found.update(each for each in numbers if each is not None)


def is_noting() -> bool:
    """Whether anyone collects."""
    return _READ.get() is not None

"""Whose records a request has read, by number: noted where rows become objects, so that no page can forget to say.

This app knows nothing of clients: the querysets of `cases` note them, and `privacy` writes the log. Outside a request,
in jobs and commands, nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Noted(set[int]):
    """The numbers, and the words by which someone was looked for, wherever they came from."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []


_READ: ContextVar[Noted | None] = ContextVar("records_read", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """Collect the numbers that are noted inside the block."""
    found = Noted()
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


def note_search(text: str) -> None:
    """Someone was looked for by these words, even if nobody was found."""
    found = _READ.get()
    if found is not None and text.strip() and text not in found.words:
        found.words.append(text)


def is_noting() -> bool:
    """Whether anyone collects."""
    return _READ.get() is not None

"""Whose records a request has read, by number: noted where rows become objects, so that no page can forget to say.

This app knows nothing of clients: the querysets of `cases` note them, and `privacy` writes the log. Outside a request,
in jobs and commands, nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Noted(set[int]):
    """The numbers of clients, those of calls about nobody known, and the words by which someone was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.calls: set[int] = set()
        self.linked: set[int] = set()


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


def note_call(number: int | None, client: int | None) -> None:
    """A call was read: about a client, if it is linked to one, or by its own number about a caller."""
    found = _READ.get()
    if found is None:
        return
    if number is not None:
        found.calls.add(number)
    if number is not None and client is not None:  # a page may read a call twice, and only once whose it is
        found.add(client)
        found.linked.add(number)


def of_callers(found: Noted) -> set[int]:
    """The calls that are about nobody known."""
    return found.calls - found.linked


def note_search(text: str) -> None:
    """Someone was looked for by these words, even if nobody was found."""
    found = _READ.get()
    if found is not None and text.strip() and text not in found.words:
        found.words.append(text)


def is_noting() -> bool:
    """Whether anyone collects."""
    return _READ.get() is not None

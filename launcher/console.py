"""The launcher's messages and fatal errors."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

_out: TextIO | None = None  # standard error by default


class Problem(Exception):
    """A problem for the user to solve; the text says what it is and what to do."""


def use(out: TextIO) -> None:
    """Speak there from now on: `make run` on standard output; in `make test` that belongs to pytest."""
    global _out
    _out = out


def say(line: str) -> None:
    """One line, at once."""
    print(line, file=_out or sys.stderr, flush=True)


@contextlib.contextmanager
def step(doing: str) -> Iterator[Callable[[], None]]:
    """Print a step, and how long it took if that matters. Yields a function that adds a dot."""

    def write(text: str, end: str = "") -> None:
        print(text, end=end, file=_out or sys.stderr, flush=True)

    began = time.monotonic()
    write(f"  {doing} …")
    try:
        yield lambda: write(".")
    except KeyboardInterrupt:
        write(" stopped", end="\n")
        raise
    except BaseException:
        write(" failed", end="\n")
        raise
    took = time.monotonic() - began
    write(f" {took:.1f} s" if took >= 0.5 else " done", end="\n")

"""What the launcher says, and what it cannot get past."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator


class Problem(Exception):
    """Something that the person in front of the screen has to solve; the text says what it is and what to do."""


def say(line: str) -> None:
    """One line, at once, on standard error: standard output belongs to the tests."""
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(doing: str) -> Iterator[None]:
    """Say what is being done, and how long it took if that was worth a mention."""
    began = time.monotonic()
    print(f"  {doing} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(" failed", file=sys.stderr, flush=True)
        raise
    took = time.monotonic() - began
    print(f" {took:.1f} s" if took >= 0.5 else " done", file=sys.stderr, flush=True)

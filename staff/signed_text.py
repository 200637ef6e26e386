"""The text that a signature's hash covers, whatever is signed. Same rows, same text, byte for byte.

Each app says which facts its text holds; how they are written down and hashed is said here, once, and never changed.
"""

from __future__ import annotations

import datetime
import hashlib
import unicodedata
from collections.abc import Mapping


def digest(canonical: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: str) -> str:
    """One encoding for text that looks the same: composed characters, plain line ends."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))


def lines(facts: Mapping[str, object]) -> str:
    """Facts, one a line."""
    return "\n".join(f"{key}: {hung(str(value))}" for key, value in facts.items())


def indented(label: str, value: str) -> str:
    """Typed text under its label. A line that begins at the margin is never typed, so text passes for nothing else."""
    return f"## {hung(label)}\n  {hung(value)}"


def hung(value: str) -> str:
    """Text whose further lines are indented."""
    return plain(value).replace("\n", "\n  ")


def utc(moment: datetime.datetime | None) -> str:
    """A moment in UTC; empty for none."""
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds") if moment else ""

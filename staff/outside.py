"""Untrusted values (URLs, forms, cookies, feeds, files, replies), cleaned so they can be stored and compared.

All code that reads such a value uses this module. Input that none of our pages would send then gets a plain answer:
never an error page, never a dead worker, and nothing in the database that cannot be shown again.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)

LARGEST_KEY = 2**63 - 1  # of a bigint
LARGEST_COUNT = 2**31 - 1  # of an integer column: versions, counts
DEEPEST = 60  # levels of a JSON value: PostgreSQL and Python both give up much later

# Word processors write a soft line break as a vertical tab; the other controls mean nothing.
_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
_KEPT = "\t\n\r"
_CONTROLS: dict[int, str | None] = {code: None for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in _KEPT}
_CONTROLS |= {ord(each): " " for each in _SEPARATORS}
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Unreadable(ValueError):
    """An invalid value, with a sentence that says why."""


def text(value: str, *, longest: int | None = None) -> str:
    """The text in a form that can be stored and shown: no NUL or other control characters, no half surrogates.

    Tabs and line ends stay, as does every letter of every script. `longest` is a number of characters.
    """
    if _UNFIT.search(value):
        value = value.translate(_CONTROLS).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value if longest is None else value[:longest]


def is_fit(value: str) -> bool:
    """Whether `text` would leave the value unchanged."""
    return not _UNFIT.search(value)


def keys(value: object) -> list[int]:
    """A row's key from a URL or form, for `pk__in`: one, or none if it is not a key."""
    found = number(value, lowest=1)
    return [] if found is None else [found]


def row(rows: QuerySet[M], value: object) -> M | None:
    """The row named in a URL or form, if it is one of these."""
    return rows.filter(pk__in=keys(value)).first()


def version(value: object) -> int:
    """The version of a record that a page showed; 0, which no record has, if it is not a version."""
    return number(value, highest=LARGEST_COUNT) or 0


def number(value: object, *, lowest: int = 0, highest: int = LARGEST_KEY) -> int | None:
    """A whole number in the digits 0 to 9, or None for anything else.

    `str.isdigit` accepts digits that are not numbers (`²`), and a number may be larger than any row's or longer than
    Python can read.
    """
    written = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    digits = written.removeprefix("-")
    if not (is_digits(digits) and len(digits) <= len(str(LARGEST_KEY))):
        return None
    found = int(written)
    return found if lowest <= found <= highest else None


def is_digits(value: str) -> bool:
    """Whether a text is digits from 0 to 9 and nothing else."""
    return value.isascii() and value.isdigit()


def measure(value: object) -> float | None:
    """A finite number from 41.5, "41.5" or 41; None for all else, NaN, infinity and 10^400 among it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, str) and not (value.isascii() and len(value) <= 64):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: Any, *, depth: int = DEEPEST) -> Any:
    """A parsed JSON value with each text in it made fit, without NaN, infinity, endless numbers and endless depth."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and value.bit_length() > 256:
        return None
    if isinstance(value, (dict, list, tuple)):
        if depth <= 0:
            return None
        if isinstance(value, dict):
            return {text(str(key)): whole(each, depth=depth - 1) for key, each in value.items()}
        return [whole(each, depth=depth - 1) for each in value]
    return value


def from_json(content: str) -> Any:
    """The cleaned content of a JSON text. Raises Unreadable with the place where it breaks, or the reason."""
    try:
        return whole(json.loads(content))
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:  # a number of five thousand digits
        raise Unreadable(str(error)) from error
    except RecursionError as error:
        raise Unreadable("it is nested too deep") from error


def quoted(value: object, *, longest: int = 60) -> str:
    """A value to quote in a sentence: on one line, clean, and short; empty if it is neither text nor a number."""
    if isinstance(value, (dict, list, tuple)):
        return "a list" if not isinstance(value, dict) else "a table"
    try:
        said = " ".join(text(str(value)).split())
    except ValueError:  # an int of five thousand digits cannot even be written
        return "a very long number"
    return said if len(said) <= longest else f"{said[: longest - 1]}…"

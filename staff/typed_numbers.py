"""The one reader of whole numbers that come from outside: an address, a hidden field, a button's value.

`str.isdigit` takes “²” and “٣” for digits; `int` fails at the one, takes the other, and takes a number of any length.
"""

from __future__ import annotations

LARGEST_WHOLE_NUMBER = 2**31 - 1  # of an integer column
LARGEST_KEY = 2**63 - 1  # of a bigint
_LONGEST = 30  # figures; `int` refuses thousands of them, and no number of ours has as many


def whole_number(text: object, *, most: int) -> int | None:
    """A whole number from 0 to `most` written in the digits 0 to 9, or None for anything else."""
    said = str(text) if text is not None else ""
    if not is_digits(said) or len(said) > _LONGEST:
        return None
    number = int(said)
    return number if number <= most else None


def row_number(text: object) -> int | None:
    """The number of a row, or None for anything that cannot be one."""
    return whole_number(text, most=LARGEST_KEY) or None


def is_digits(text: str) -> bool:
    """Whether a text is digits from 0 to 9 and nothing else."""
    return text.isascii() and text.isdigit()

"""What is on a printed page. The print page (templates/layout/sheet.html) and the PDF (`pdf.py`) both draw it."""

from __future__ import annotations

from dataclasses import dataclass

from .codes import Code
from .drawn_signature import path_of

# Rows of a sheet for one page, and the class of static/css/sheet.css that keeps so many on it.
_DENSITIES = ((30, ""), (44, "is-dense"), (62, "is-denser"))


@dataclass(frozen=True)
class Block:
    """One part of a sheet: a heading with text as written, or with a list."""

    heading: str
    text: str = ""
    detail: str = ""  # a line under the heading: who, when, why
    lines: tuple[tuple[str, str], ...] = ()  # wording, and what is small beside it
    is_alarm: bool = False
    strokes: tuple[tuple[tuple[int, int], ...], ...] = ()  # a signature as it was drawn (drawn_signature.py)
    facts: tuple[tuple[str, str], ...] = ()  # under the detail: what, and its value
    codes: tuple[Code, ...] = ()  # beside the facts, for a phone's camera

    @property
    def path(self) -> str:
        """The drawn signature as SVG."""
        return path_of(self.strokes)


@dataclass(frozen=True)
class Sheet:
    """Everything on a printed page, in order. `title` and `file_name` never contain a name: file lists show them.

    `window` is what a window, a browser's printout and a file list call it, where that is to say less than `title`.
    """

    title: str
    file_name: str
    whose: str
    lede: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    foot: tuple[str, ...]
    to_sign: tuple[str, ...] = ()  # who signs by pen, a line each
    is_numbered: bool = False
    is_one_page: bool = False
    aside: str = ""  # what a plan for the client has to say of itself in their pocket: that it is an old one
    language: str = "en-US"  # of its fixed words
    page_words: str = "Page {} of {}"
    window: str = ""
    mark: str = ""  # what every page says of itself: a draft is never taken for a record, whichever page is found

    @property
    def density(self) -> str:
        """How close a sheet must be set to stay on one page of the print page; the PDF measures for itself."""
        if not self.is_one_page:
            return ""
        rows = sum(2 + sum(1 + len(line) // 75 for line in block.text.splitlines()) for block in self.blocks)
        return next((name for most, name in _DENSITIES if rows <= most), "is-densest")

"""What a source sent, row by row: JSON, a Google Sheet's JSON, or a table, from a file that never is in memory whole.

JSON is decoded by Python's own decoder, one row at a time over a window of text. Of ijson, which was tried, one `NaN`,
one NUL or one number of 400 digits ends the whole list; it is not faster, and it does not say on which line it broke.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, TextIO, TypeAlias

from staff import outside

from .listing import SourceError

Payload: TypeAlias = bytes | str | list[Any] | dict[str, Any] | BinaryIO

LONGEST_ROW = 4 * 1024 * 1024  # characters of one value; real rows have about 1,300
_AT_ONCE = 256 * 1024
_HEADING_ROW = 64 * 1024
_WEB_PAGE = "The source returned a web page, not a meeting list. Check the address, or ask the source’s owner."
_EMPTY = "The source is empty. Earlier imports don’t change."
_NO_LIST = "The source is JSON, but not a list of meetings."
_NO_TABLE = "The source isn’t JSON or a table with a header row."
# What the decoder lets through and nobody can store: controls and half surrogate pairs behind a backslash.
_ODD_ESCAPE = re.compile(r"\\(?:[bf]|u(?:00[0189]|007[fF]|[dD][89a-fA-F]))")
_DELIMITERS = ",;\t|"


class Row(NamedTuple):
    """One row: its place in the list, what it holds, and how it was written (empty if it came as objects)."""

    place: int  # from 0
    value: Any
    written: str


class Broken(NamedTuple):
    """What is in the place of a row that cannot even be taken apart."""

    sentence: str


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= 77 else None


def _fraction(digits: str) -> float | None:
    found = float(digits)
    return found if math.isfinite(found) else None


# Without NaN, infinity and endless numbers, as `outside.whole` leaves a value.
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_fraction, parse_constant=lambda _: None)


class Source:
    """A payload that can be read from its beginning as often as is needed."""

    def __init__(self, payload: Payload) -> None:
        self.parsed: Any = None
        self.file: BinaryIO | None = None
        self._reading: io.TextIOWrapper | None = None
        if isinstance(payload, (list, dict)):
            self.parsed = payload
        elif isinstance(payload, str):
            self.file = io.BytesIO(payload.encode("utf-8", "surrogatepass"))
            self.encoding = "utf-8-sig"
        elif isinstance(payload, (bytes, bytearray)):
            self.file = io.BytesIO(payload)
        else:
            self.file = payload
        if self.file is not None and not hasattr(self, "encoding"):
            self.encoding = _encoding(self.file)

    def digest(self) -> str:
        """SHA-256 of its bytes; empty if it came as objects."""
        if self.file is None:
            return ""
        self.release()
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]  # BytesIO is one

    def text(self) -> TextIO:
        """Its text, from the beginning."""
        assert self.file is not None
        self.release()
        self.file.seek(0)
        self._reading = io.TextIOWrapper(self.file, encoding=self.encoding, errors="replace", newline="")
        self._reading._CHUNK_SIZE = _AT_ONCE  # type: ignore[attr-defined]  # 8 KB at a time otherwise
        return self._reading

    def release(self) -> None:
        """Leave the file to whoever opened it: it would be closed with what reads its text."""
        if self._reading is not None:
            self._reading.detach()
            self._reading = None

    def begins_with(self) -> str:
        """`[`, `{`, or another first character. Raises SourceError for nothing and for a web page."""
        if self.file is None:
            return "[" if isinstance(self.parsed, list) else "{"
        first = _Json(self.text()).peek()
        if not first:
            raise SourceError(_EMPTY)
        if first == "<":
            raise SourceError(_WEB_PAGE)
        return first

    def rows(self, under: str = "") -> Iterator[Row]:
        """The rows of a JSON list, or of the list `under` a key of a JSON object. Raises SourceError without one."""
        if self.file is None:
            listed = self.parsed.get(under) if isinstance(self.parsed, dict) else self.parsed
            if not isinstance(listed, list):
                raise SourceError(_NO_LIST)
            yield from (Row(index, outside.whole(each), "") for index, each in enumerate(listed))
            return
        reading = _Json(self.text())
        if reading.peek() == "[":
            yield from reading.elements()
        elif under:
            is_there = False
            for key in reading.members():
                if key == under and reading.peek() == "[" and not is_there:
                    is_there = True
                    yield from reading.elements()
                else:
                    reading.value()
            if not is_there:
                raise SourceError(_NO_LIST)
        else:
            raise SourceError(_NO_LIST)
        reading.end()

    def member(self, name: str) -> Any:
        """The value under a key of a JSON object; None if there is none. Rows beside it are passed over."""
        if self.file is None:
            return outside.whole(self.parsed.get(name)) if isinstance(self.parsed, dict) else None
        found: Any = None
        reading = _Json(self.text())
        for key in reading.members():
            if reading.peek() == "[" and key != name:
                for _ in reading.elements():
                    pass
            else:
                value = reading.value()[0]
                found = outside.whole(value) if key == name else found
        return found

    def sheet(self, fits: Callable[[list[str]], bool]) -> Iterator[Row]:
        """Rows of a Google Sheet's `values` under their heading row, which `fits`: short rows miss their last cells."""
        heading: list[str] | None = None
        for index, value, written in self.rows(under="values"):
            if heading is None:
                if not isinstance(value, list):
                    raise SourceError(_NO_LIST)
                heading = [outside.quoted(cell) for cell in value]
                if not fits(heading):
                    raise SourceError(_NO_TABLE)
                known_by = repr(heading)
            elif value:
                named = dict(zip(heading, value, strict=False)) if isinstance(value, list) else value
                yield Row(index - 1, named, written and known_by + written)

    def table(self, fits: Callable[[list[str]], bool]) -> Iterator[Row]:
        """Rows of a table under its heading row, whatever separates its cells. `fits` says whether a heading is ours.

        Raises SourceError if none is: somebody else's table has columns of the same name for other things.
        """
        lines = (outside.text(line) for line in self.text())
        first = next((line for line in lines if line.strip()), "")[:_HEADING_ROW]
        for delimiter in _DELIMITERS:
            heading = [cell.strip() for cell in _cells(first, delimiter)]
            if fits(heading):
                break
        else:
            raise SourceError(_NO_TABLE)
        known_by = repr(heading)
        reader = csv.reader(lines, delimiter=delimiter)
        index = 0
        while True:
            value: Any
            try:
                value = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                value = Broken(f"The table can’t be read here: {error}.")
            if value:
                is_row = isinstance(value, list)
                yield Row(
                    index,
                    dict(zip(heading, value, strict=False)) if is_row else value,
                    known_by + "\x1f".join(value) if is_row else "",
                )
                index += 1


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _encoding(file: BinaryIO) -> str:
    """UTF-8, UTF-16 with or without its mark, or what Windows calls ANSI. UTF-8 with some broken bytes stays UTF-8."""
    file.seek(0)
    start = file.read(4096)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(start) % 2 == 0:
        return "utf-16"
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) >= 4 and start[place::2].count(0) > 0.4 * len(start) and start[1 - place :: 2].count(0) == 0:
            return encoding
    reading = codecs.getincrementaldecoder("utf-8")("replace")
    broken = letters = 0
    file.seek(0)
    while part := file.read(_AT_ONCE):
        if not part.isascii():
            read = reading.decode(part)
            broken += read.count("\ufffd")
            letters += sum(map(read.count, set(read) - _ASCII)) if len(set(read)) < 2_000 else len(part)
        else:
            reading.reset()
    return "cp1252" if broken and broken * 2 > letters else "utf-8"


_ASCII = frozenset(map(chr, range(128)))
_FIT = bytes(code for code in range(128) if outside.is_fit(chr(code)))


class _Json:
    """JSON over a window of text: what has been read is forgotten."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.window = ""
        self.at = 0
        self.lines = 0  # before the window
        self.is_whole = False

    def _more(self) -> bool:
        part = self.stream.read(_AT_ONCE)
        if not part:
            self.is_whole = True
            return False
        self.lines += self.window.count("\n", 0, self.at)
        # Bytes are looked through in a fifth of the time.
        is_fit = part.isascii() and not part.encode().translate(None, _FIT)
        self.window = self.window[self.at :] + (part if is_fit else outside.text(part))
        self.at = 0
        return True

    def peek(self) -> str:
        """The next character that is no blank; nothing at the end."""
        while True:
            found = _NOT_BLANK.search(self.window, self.at)
            if found:
                self.at = found.start()
                return found[0]
            self.at = len(self.window)
            if not self._more():
                return ""

    def value(self) -> tuple[Any, str]:
        """The next value, and how it is written."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.window, self.at)
            except json.JSONDecodeError as error:
                if self._is_cut(error) and self._more():
                    continue
                raise self._broken(error.msg, error.pos) from error
            except RecursionError as error:
                raise SourceError("The source isn’t valid JSON: it is nested too deep.") from error
            if len(self.window) - end < 3 and not self.is_whole and self._more():
                continue  # a number may go on: 1.5, 1e+5
            break
        written = self.window[self.at : end]
        self.at = end
        if ("\\" in written and _ODD_ESCAPE.search(written)) or written.count("[") + written.count(
            "{"
        ) > outside.DEEPEST:
            value = outside.whole(value)
        return value, written

    def elements(self) -> Iterator[Row]:
        """The values of a list."""
        self._take("[")
        if self.peek() == "]":
            self.at += 1
            return
        index = 0
        while True:
            value, written = self.value()
            yield Row(index, value, written)
            index += 1
            if self.window.startswith(",", self.at):
                self.at += 1
                continue
            if self.peek() == "]":
                self.at += 1
                return
            self._take(",")

    def members(self) -> Iterator[str]:
        """The keys of an object; each one's value is to be read before the next key."""
        self._take("{")
        if self.peek() == "}":
            self.at += 1
            return
        while True:
            if self.peek() != '"':
                raise self._broken("Expecting property name enclosed in double quotes", self.at)
            key = str(self.value()[0])
            self._take(":")
            yield key
            if self.peek() == "}":
                self.at += 1
                return
            self._take(",")

    def end(self) -> None:
        """Nothing follows."""
        if self.peek():
            raise self._broken("Extra data", self.at)

    def _take(self, character: str) -> None:
        if self.peek() != character:
            raise self._broken(f"Expecting '{character}' delimiter", self.at)
        self.at += 1

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the window ends in the middle of a value, as far as one can tell."""
        if self.is_whole or len(self.window) - self.at > LONGEST_ROW:
            return False
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.window) - 12

    def _broken(self, message: str, position: int) -> SourceError:
        line = self.lines + self.window.count("\n", 0, position) + 1
        column = position - self.window.rfind("\n", 0, position)
        return SourceError(f"The source isn’t valid JSON: line {line}, column {column}: {message}.")


_NOT_BLANK = re.compile(r"[^ \t\r\n]")

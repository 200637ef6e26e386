"""Reads a source with the reader of its format, row by row, and leaves out the rows that are as they were."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from .listing import ListedMeeting, ParsedFeed, SourceError
from .payloads import Row, Source

# Whatever decides how a row is read. When one of them changes, each list is read anew.
_DECIDES = ("cleaning", "fellowships", "listing", "locations", "meeting_guide", "bmlt", "payloads", "reading")


class Reader(Protocol):
    """What a format knows (`meeting_guide.Reader`, `bmlt.Reader`)."""

    no_rows: str

    def rows(self, source: Source) -> Iterator[Row]: ...
    def context(self) -> str: ...
    def meetings(self, index: int, raw: Any, into: ParsedFeed) -> list[ListedMeeting]: ...
    def finish(self, into: ParsedFeed) -> None: ...


@functools.cache
def edition() -> str:
    """A digest of the code that reads rows."""
    code = [Path(__file__).with_name(f"{each}.py").read_bytes() for each in _DECIDES]
    return hashlib.sha256(b"".join(code)).hexdigest()[:16]


def read(
    source: Source, reader: Reader, into: ParsedFeed, is_known: Callable[[str], bool] = lambda _: False
) -> Iterator[tuple[ListedMeeting, str]]:
    """Each meeting of the source with a digest of the row that lists it, as written; empty if it came as objects.

    A row is passed over if `is_known` says so of its digest. The digest covers how rows are read, too, and which of
    several rows that are written alike it is. Raises SourceError if there is no list, or no row.
    """
    rows = reader.rows(source)
    key = b""
    seen: dict[str, int] = {}
    for index, value, written in rows:
        key = key or hashlib.sha256(f"{reader.context()} {edition()}".encode()).digest()
        into.rows += 1
        digest = ""
        if written:
            said = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16, key=key)
            digest = said.hexdigest()
            if before := seen.get(digest, 0):
                said.update(str(before).encode())
                seen[digest] = before + 1
                digest = said.hexdigest()
            else:
                seen[digest] = 1
            if is_known(digest):
                continue
        for meeting in reader.meetings(index, value, into):
            yield into.add(index, meeting), digest
    if not into.rows:
        raise SourceError(reader.no_rows)
    reader.finish(into)


def read_whole(source: Source, reader: Reader) -> ParsedFeed:
    """All of a source at once, kept in `meetings`."""
    into = ParsedFeed()
    into.meetings = [meeting for meeting, _ in read(source, reader, into)]
    return into

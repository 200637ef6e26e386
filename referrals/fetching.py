"""Fetches a feed from the address that an administrator typed in. No client information is sent.

Only a worker does (`referrals.orders`) or a command: no page of the desk waits for somebody else's server. What comes
goes to a temporary file, never into memory whole.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import BinaryIO
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from staff import outside

from .listing import SourceError
from .models import MeetingFeed
from .outward import Connection, Deadline, addresses_of

LONGEST = 180  # seconds in all, from the first look-up to the last byte, with every redirect
LARGEST = 400 * 1024 * 1024  # bytes: 130,000 meetings, with about 1,300 bytes each, are 170 MB
REDIRECTS = 5
_AT_ONCE = 64 * 1024  # bytes
_CUT = "The download stopped before the end of the list. Nothing changed. Import again."
_IN_MEMORY = 1024 * 1024  # bytes: a list that is no larger needs no file
_HEADERS = {"User-Agent": "Onward meeting import", "Accept": "application/json", "Connection": "close"}


@dataclass(frozen=True)
class Version:
    """What a server says about the version of its list that it sent, for the next question."""

    etag: str = ""
    last_modified: str = ""


@dataclass
class Fetched:
    """What an address answered: a list in a temporary file, or None if it is as it was."""

    file: BinaryIO | None
    version: Version = Version()


def fetch(
    url: str,
    *,
    format: str = MeetingFeed.Format.MEETING_GUIDE,
    allow_inside: bool = False,
    known: Version | None = None,
) -> Fetched:
    """The list at an address. Raises SourceError with the reason: not http(s), inside our own network, an answer other
    than 2xx, too large, too slow, cut off. `allow_inside` lets a command reach a server on the clinic's own network.
    `known` is the version that was read last: the server need not send it again."""
    deadline = Deadline(LONGEST)
    _parts(url)
    address = _with_formats(url) if format == MeetingFeed.Format.BMLT else url
    try:
        for _ in range(REDIRECTS + 1):
            fetched, onward = _ask(address, deadline, known or Version(), allow_inside=allow_inside)
            if onward is None:
                return fetched
            address = onward
    except TimeoutError as error:
        deadline.left()
        raise SourceError("Can’t reach the source: timed out.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise SourceError(f"Can’t reach the source: {error}.") from error
    raise SourceError("The source redirects too often.")


def _ask(address: str, deadline: Deadline, known: Version, *, allow_inside: bool) -> tuple[Fetched, str | None]:
    """What is at one address: its content, or where it leads. Each address is checked like the first one."""
    parts = _parts(address)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    addresses = addresses_of(host, port, deadline=deadline, allow_inside=allow_inside)
    connection = Connection(parts.scheme, host, port, addresses, deadline)
    headers = dict(_HEADERS)
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    try:
        connection.request("GET", urlunsplit(("", "", parts.path or "/", parts.query, "")), headers=headers)
        with connection.getresponse() as answer:
            if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
                return Fetched(None), urljoin(address, answer.headers["Location"])
            if answer.status == 304 and (known.etag or known.last_modified):
                return Fetched(None, known), None
            if not 200 <= answer.status < 300:
                raise SourceError(f"The source returned an error: {answer.status} {answer.reason}.")
            version = Version(_sendable(answer, "ETag", 255), _sendable(answer, "Last-Modified", 64))
            return Fetched(_whole(answer), version), None
    finally:
        connection.close()


def _sendable(answer: HTTPResponse, name: str, longest: int) -> str:
    """A header that can be sent back as it came; nothing if it cannot."""
    said = (answer.headers.get(name) or "").strip()
    return said if len(said) <= longest and said.isascii() and said.isprintable() else ""


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise SourceError("This isn’t a web address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("Enter an address that starts with http:// or https://.")
    return parts


def _whole(answer: HTTPResponse) -> BinaryIO:
    """All that the answer announced. Raises SourceError for one that is cut off or too large."""
    is_packed = answer.headers.get("Content-Encoding", "").strip().lower() == "gzip"  # some pack without being asked
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_packed else None
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115
    try:
        received = size = 0
        while part := answer.read1(_AT_ONCE):
            received += len(part)
            _refuse_too_large(received)
            for piece in _pieces(part, unpacking):
                size += len(piece)
                _refuse_too_large(size)
                file.write(piece)
        announced = outside.number(answer.headers.get("Content-Length"))
        if (announced is not None and received < announced) or (unpacking is not None and not unpacking.eof):
            raise SourceError(_CUT)
    except (HTTPException, zlib.error) as error:  # the last piece of an answer in pieces is missing
        file.close()
        raise SourceError(_CUT) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _pieces(part: bytes, unpacking: zlib._Decompress | None) -> Iterator[bytes]:
    """What a part of an answer holds, unpacked a little at a time: a few bytes may stand for gigabytes."""
    if unpacking is None:
        yield part
        return
    while part and not unpacking.eof:
        yield unpacking.decompress(part, _AT_ONCE)
        part = unpacking.unconsumed_tail


def _refuse_too_large(size: int) -> None:
    if size > LARGEST:
        raise SourceError(f"The source is over {LARGEST // 1024 // 1024} MB. This isn’t a meeting list.")


def _with_formats(url: str) -> str:
    """Make a BMLT search return its formats too: ids and keys mean nothing without that list."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query.get("switcher") != "GetSearchResults":
        return url
    return urlunsplit(parts._replace(query=urlencode({**query, "get_used_formats": "1"})))

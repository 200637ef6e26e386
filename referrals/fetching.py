"""Fetches a feed from the address that an administrator typed in. No client information is sent.

Only a worker does (`referrals.orders`) or a command: no page of the desk waits for somebody else's server.
"""

from __future__ import annotations

import zlib
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from staff import outside

from .listing import SourceError
from .models import MeetingFeed
from .outward import Connection, Deadline, addresses_of

LONGEST = 120  # seconds in all, from the first look-up to the last byte, with every redirect
LARGEST = 40 * 1024 * 1024  # bytes: ten times the largest feed seen
REDIRECTS = 5
_AT_ONCE = 64 * 1024  # bytes
_CUT = "The download stopped before the end of the list. Nothing changed. Import again."
_HEADERS = {"User-Agent": "Onward meeting import", "Accept": "application/json", "Connection": "close"}


def fetch(url: str, *, format: str = MeetingFeed.Format.MEETING_GUIDE, allow_inside: bool = False) -> bytes:
    """The bytes at an address. Raises SourceError with the reason: not http(s), inside our own network, an answer other
    than 2xx, too large, too slow, cut off. `allow_inside` lets a command reach a server on the clinic's own network."""
    deadline = Deadline(LONGEST)
    _parts(url)
    address = _with_formats(url) if format == MeetingFeed.Format.BMLT else url
    try:
        for _ in range(REDIRECTS + 1):
            content, onward = _ask(address, deadline, allow_inside=allow_inside)
            if onward is None:
                return content
            address = onward
    except TimeoutError as error:
        deadline.left()
        raise SourceError("Can’t reach the source: timed out.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise SourceError(f"Can’t reach the source: {error}.") from error
    raise SourceError("The source redirects too often.")


def _ask(address: str, deadline: Deadline, *, allow_inside: bool) -> tuple[bytes, str | None]:
    """What is at one address: its content, or where it leads. Each address is checked like the first one."""
    parts = _parts(address)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    addresses = addresses_of(host, port, deadline=deadline, allow_inside=allow_inside)
    connection = Connection(parts.scheme, host, port, addresses, deadline)
    try:
        connection.request("GET", urlunsplit(("", "", parts.path or "/", parts.query, "")), headers=_HEADERS)
        with connection.getresponse() as answer:
            if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
                return b"", urljoin(address, answer.headers["Location"])
            if not 200 <= answer.status < 300:
                raise SourceError(f"The source returned an error: {answer.status} {answer.reason}.")
            return _whole(answer), None
    finally:
        connection.close()


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise SourceError("This isn’t a web address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("Enter an address that starts with http:// or https://.")
    return parts


def _whole(answer: HTTPResponse) -> bytes:
    """All that the answer announced. Raises SourceError for one that is cut off or too large."""
    parts, size = [], 0
    try:
        while part := answer.read1(_AT_ONCE):
            parts.append(part)
            size += len(part)
            _refuse_too_large(size)
    except HTTPException as error:  # the last piece of an answer in pieces is missing
        raise SourceError(_CUT) from error
    announced = outside.number(answer.headers.get("Content-Length"))
    if announced is not None and size < announced:
        raise SourceError(_CUT)
    content = b"".join(parts)
    return _unpacked(content) if answer.headers.get("Content-Encoding", "").strip().lower() == "gzip" else content


def _unpacked(content: bytes) -> bytes:
    """Decompress responses that some servers compress without being asked."""
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacking.decompress(content, LARGEST + 1)
    except zlib.error as error:
        raise SourceError(_CUT) from error
    _refuse_too_large(len(unpacked))
    if not unpacking.eof:
        raise SourceError(_CUT)
    return unpacked


def _refuse_too_large(size: int) -> None:
    if size > LARGEST:
        raise SourceError("The source is over 40 MB. This isn’t a meeting list.")


def _with_formats(url: str) -> str:
    """Make a BMLT search return its formats too: ids and keys mean nothing without that list."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query.get("switcher") != "GetSearchResults":
        return url
    return urlunsplit(parts._replace(query=urlencode({**query, "get_used_formats": "1"})))

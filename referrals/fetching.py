"""Fetches a feed from the address that an administrator typed in. No client information is sent."""

from __future__ import annotations

import ipaddress
import socket
import time
import urllib.error
import urllib.request
import zlib
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from staff import outside

from .listing import SourceError
from .models import MeetingFeed

TIMEOUT = 20  # seconds without a byte
LONGEST = 120  # seconds in all
LARGEST = 40 * 1024 * 1024  # bytes: ten times the largest feed seen
_AT_ONCE = 64 * 1024  # bytes
_CUT = "The download stopped before the end of the list. Nothing changed. Import again."


def fetch(url: str, *, format: str = MeetingFeed.Format.MEETING_GUIDE, allow_inside: bool = False) -> bytes:
    """The bytes at an address. Raises SourceError with the reason: not http(s), inside our own network, an answer other
    than 2xx, too large, too slow, cut off. `allow_inside` lets a command reach a server on the clinic's own network."""
    _refuse_inside(url, allow_inside=allow_inside)
    address = _with_formats(url) if format == MeetingFeed.Format.BMLT else url
    opener = urllib.request.build_opener(_SameRules(allow_inside))
    headers = {"User-Agent": "Onward meeting import", "Accept": "application/json"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  # the scheme was checked above
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            content = _whole(answer)
    except urllib.error.HTTPError as error:
        raise SourceError(f"The source returned an error: {error.code} {error.reason}.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise SourceError(f"Can’t reach the source: {reason}.") from error
    return content


def _whole(answer: Any) -> bytes:
    """All that the answer announced. Raises SourceError for one that is cut off, too large, or never ends."""
    until, parts, size = time.monotonic() + LONGEST, [], 0
    try:
        while part := answer.read1(_AT_ONCE):
            parts.append(part)
            size += len(part)
            _refuse_too_large(size)
            if time.monotonic() > until:
                raise SourceError(f"The source took longer than {LONGEST} seconds. Nothing changed.")
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


class _SameRules(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only to URLs that we would have fetched directly."""

    def __init__(self, allow_inside: bool) -> None:
        self.allow_inside = allow_inside

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        """Check the new address like the first one."""
        _refuse_inside(newurl, allow_inside=self.allow_inside)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_inside(url: str, *, allow_inside: bool) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise SourceError("This isn’t a web address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("Enter an address that starts with http:// or https://.")
    if allow_inside:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise SourceError(f"No server found at {parts.hostname}.") from error
    if not all(ipaddress.ip_address(each[4][0]).is_global for each in found):
        raise SourceError("This address is on a private network. Use a public address.")


def _with_formats(url: str) -> str:
    """Make a BMLT search return its formats too: ids and keys mean nothing without that list."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query.get("switcher") != "GetSearchResults":
        return url
    return urlunsplit(parts._replace(query=urlencode({**query, "get_used_formats": "1"})))

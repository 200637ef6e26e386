"""Fetches a feed from the address that an administrator typed in. Nothing about any client goes with it."""

from __future__ import annotations

import ipaddress
import socket
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .listing import SourceError
from .models import MeetingFeed

TIMEOUT = 20  # seconds
LARGEST = 40 * 1024 * 1024  # bytes: ten times the largest feed seen


def fetch(url: str, *, format: str = MeetingFeed.Format.MEETING_GUIDE, allow_inside: bool = False) -> bytes:
    """The bytes at an address. Raises SourceError with the reason: not http(s), inside our own network, an answer other
    than 2xx, too large, too slow. `allow_inside` lets a command reach a server on the clinic's own network."""
    address = _with_formats(url) if format == MeetingFeed.Format.BMLT else url
    _refuse_inside(address, allow_inside=allow_inside)
    opener = urllib.request.build_opener(_SameRules(allow_inside))
    headers = {"User-Agent": "Onward meeting import", "Accept": "application/json"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  # the scheme was checked above
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        raise SourceError(f"The source answered {error.code} {error.reason}.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise SourceError(f"The source could not be reached: {reason}.") from error
    if len(content) > LARGEST:
        raise SourceError("The source is larger than 40 MB: this is not a meeting list.")
    return content


class _SameRules(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where we would have gone ourselves."""

    def __init__(self, allow_inside: bool) -> None:
        self.allow_inside = allow_inside

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        """Check the new address like the first one."""
        _refuse_inside(newurl, allow_inside=self.allow_inside)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_inside(url: str, *, allow_inside: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("The address must begin with http:// or https://.")
    if allow_inside:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, proto=socket.IPPROTO_TCP)
    except OSError as error:
        raise SourceError(f"There is no server called {parts.hostname}.") from error
    if not all(ipaddress.ip_address(each[4][0]).is_global for each in found):
        raise SourceError("The address leads into our own network. Feeds are fetched from public servers only.")


def _with_formats(url: str) -> str:
    """A BMLT search also asks for the formats it uses: their ids and keys mean nothing without that list."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query.get("switcher") != "GetSearchResults":
        return url
    return urlunsplit(parts._replace(query=urlencode({**query, "get_used_formats": "1"})))

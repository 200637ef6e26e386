"""A real server closes early, compresses, or lies: an interrupted download changes nothing."""

from __future__ import annotations

import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from referrals import feeds, fetching
from referrals.listing import SourceError
from referrals.models import ImportRun, MeetingFeed
from staff import outside

from .conftest import Serve
from .test_import import AT, rows

LIST = json.dumps(rows(12)).encode()
# A table is readable at any length: nothing but its announced length tells that half of it is missing.
TABLE = "\n".join(["name,slug,day,time", *(f"Example {n},e{n},{n % 7},19:00" for n in range(12))]).encode()
PACKED = gzip.compress(LIST)


def answer(body: bytes, *headers: str) -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Connection: close", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def in_pieces(body: bytes) -> bytes:
    half = len(body) // 2
    pieces = (b"%x\r\n%s\r\n" % (len(each), each) for each in (body[:half], body[half:]))
    return b"".join([*pieces, b"0\r\n\r\n"])


WHOLE = {
    "with its length": answer(LIST, f"Content-Length: {len(LIST)}"),
    "without a length": answer(LIST),
    "in pieces": answer(in_pieces(LIST), "Transfer-Encoding: chunked"),
    "packed": answer(PACKED, f"Content-Length: {len(PACKED)}", "Content-Encoding: gzip"),
}
CUT = {
    "shorter than its length": answer(LIST[:-400], f"Content-Length: {len(LIST)}"),
    "a table shorter than its length": answer(TABLE[:150], f"Content-Length: {len(TABLE)}"),
    "cut between two rows": answer(TABLE[: TABLE.index(b"\nExample 9")], f"Content-Length: {len(TABLE)}"),
    "without its last piece": answer(in_pieces(TABLE)[:-5], "Transfer-Encoding: chunked"),
    "cut inside a piece": answer(in_pieces(TABLE)[:200], "Transfer-Encoding: chunked"),
    "packed and cut": answer(PACKED[:-20], "Content-Encoding: gzip"),
    "packed, its length a lie": answer(PACKED[:-20], f"Content-Length: {len(PACKED)}", "Content-Encoding: gzip"),
    "not packed at all": answer(LIST, "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("sent", WHOLE.values(), ids=WHOLE)
def test_a_whole_list_comes_through(serve: Serve, sent: bytes) -> None:
    fetched = fetching.fetch(serve(sent), allow_inside=True).file
    assert fetched is not None
    assert fetched.read() == LIST


@pytest.mark.parametrize("sent", CUT.values(), ids=CUT)
def test_what_was_cut_off_changes_nothing(feed: MeetingFeed, serve: Serve, sent: bytes) -> None:
    feeds.import_feed(feed=feed, payload=LIST, at=AT)
    before = list(feed.meetings.order_by("pk").values())
    with pytest.raises(CommandError, match="download stopped"):
        call_command("import_meetings", serve(sent), "--feed", feed.name, stdout=StringIO())
    assert list(feed.meetings.order_by("pk").values()) == before
    assert "download stopped" in ImportRun.objects.latest("pk").error


def test_a_packed_list_does_not_grow_without_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1000)
    packed = gzip.compress(b" " * 1_000_000)
    for sent in (answer(packed, "Content-Encoding: gzip"), answer(b" " * 5000)):
        with pytest.raises(SourceError, match="over 0 MB"):
            fetching.fetch(serve(sent), allow_inside=True)


def test_a_server_that_never_ends_is_left(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST", -1)
    with pytest.raises(SourceError, match="took longer"):
        fetching.fetch(serve(answer(LIST)), allow_inside=True)


@pytest.mark.parametrize(
    "address",
    [
        "http://[",
        "http://[::1",
        "http://example.org:99999/",
        "http://example.org:１２/",
        f"http://{'a' * 70}.example/",
        "http://\x00/",
        "http:///list",
        "http://exa mple.invalid/",
    ],
)
@pytest.mark.parametrize("format", MeetingFeed.Format)
def test_what_is_no_address_is_refused_with_a_sentence(address: str, format: str) -> None:
    with pytest.raises(SourceError):
        fetching.fetch(address, format=format)


def test_what_a_server_says_of_itself_can_be_kept(feed: MeetingFeed, serve: Serve) -> None:
    sent = b"HTTP/1.1 500 \x00\x85 broken\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(CommandError):
        call_command("import_meetings", serve(sent), "--feed", feed.name, stdout=StringIO())
    run = ImportRun.objects.latest("pk")
    assert run.error.startswith("The source")
    assert outside.is_fit(run.error)

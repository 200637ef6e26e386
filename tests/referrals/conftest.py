"""Meeting lists to test with: the product's own small ones, and the real ones where they are on this machine."""

from __future__ import annotations

import datetime
import os
import socket
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client as Browser

from referrals.models import Meeting, MeetingFeed
from staff.models import Clinic, StaffMember

OWN = Path(__file__).parent / "feeds"
REAL = Path(os.environ.get("ONWARD_FEEDS", Path(__file__).resolve().parents[2].parent / "shared" / "meetings"))


def own(name: str) -> bytes:
    return (OWN / name).read_bytes()


@pytest.fixture
def real() -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        path = REAL / name
        if not path.exists():
            pytest.skip(f"The real feed {name} is not on this machine (ONWARD_FEEDS={REAL}).")
        return path.read_bytes()

    return read


@pytest.fixture
def desk(signed_in: Callable[[StaffMember], Browser], counselor: StaffMember) -> Browser:
    """A counselor at work."""
    return signed_in(counselor)


@pytest.fixture
def feed(clinic: Clinic) -> MeetingFeed:
    return MeetingFeed.objects.create(clinic=clinic, name="Example Intergroup", fellowship="aa")


@pytest.fixture
def make_meeting(feed: MeetingFeed) -> Callable[..., Meeting]:
    numbers = iter(range(1, 10_000))

    def make(**fields: Any) -> Meeting:
        number = next(numbers)
        defaults = {
            "feed": feed,
            "external_id": f"m{number}",
            "fellowship": feed.fellowship,
            "name": f"Example {number}",
            "weekday": 2,
            "start": datetime.time(19, 0),
            "time_zone": "America/New_York",
            "attendance": "in_person",
            "latitude": 42.6526,
            "longitude": -73.7562,
            "content_hash": str(number),
            "imported_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        }
        return Meeting.objects.create(**{**defaults, **fields})

    return make


@pytest.fixture
def twice(clinic: Clinic, feed: MeetingFeed, make_meeting: Callable[..., Meeting]) -> tuple[Meeting, Meeting]:
    """One meeting in two lists."""
    other = MeetingFeed.objects.create(clinic=clinic, name="Second list", fellowship="aa")
    return make_meeting(name="Serenity"), make_meeting(feed=other, name="Serenity")


Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answers the next request with exactly these bytes, then hangs up."""
    listening: list[socket.socket] = []

    def start(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        threading.Thread(target=once, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/list"

    yield start
    for each in listening:
        each.close()


class _Sent(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.inside, self.select, self.sent = form, False, "", QueryDict(mutable=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.inside = said.get("id") == self.form
        if not (said.get("form") == self.form or (self.inside and "form" not in said)):
            return
        if tag == "select":
            self.select = said["name"]
        elif tag == "option" and "selected" in said:
            self.sent.appendlist(self.select, said.get("value", ""))
        elif tag == "input" and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            self.sent.appendlist(said["name"], said.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def sent_by(page: str, form: str = "search") -> QueryDict:
    """What a browser without a script sends with a button of this form: its fields, wherever they stand."""
    reader = _Sent(form)
    reader.feed(page)
    return QueryDict("&".join(part for part in reader.sent.urlencode().split("&") if not part.endswith("=")))

"""A feed's address under attack: it points inward in thirty spellings, changes its mind, or never ends."""

from __future__ import annotations

import datetime
import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals import fetching, orders, outward, tasks
from referrals.listing import SourceError
from referrals.models import ImportOrder, ImportRun, MeetingFeed
from staff.models import StaffMember
from staff.refusals import NotPermitted

from .test_fetching import LIST, answer

INWARD = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::1", "2002:0a00:0001::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0::1", "2001:db8::1", "2001:2::1", "2001:10::1", "2001:20::1",
    "3fff::1", "5f00::1", "100::1", "fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1",
    "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1", "4000::1",
]  # fmt: skip
OUTWARD = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INWARD)
def test_every_spelling_of_an_address_inside_is_inside(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not outward.is_outside(ipaddress.ip_address(address))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(SourceError, match=r"private network|No server found"):
        fetching.fetch(f"http://{host}/list")


@pytest.mark.parametrize("address", OUTWARD)
def test_addresses_outside_are_outside(address: str) -> None:
    assert outward.is_outside(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "localhost"])
def test_other_ways_to_write_loopback(host: str) -> None:
    with pytest.raises(SourceError):
        fetching.fetch(f"http://{host}/")


Resolve = Callable[..., Any]


def found(*addresses: str) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in addresses]


@pytest.fixture
def rebinding(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name that is outside when it is first asked, and loopback from then on."""
    asked: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return found("93.184.216.34") if len(asked) == 1 else found("127.0.0.1")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_changes_its_mind_is_asked_once(rebinding: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []

    def connect(address: Any, **_: Any) -> None:
        connected.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(SourceError, match="nobody there"):
        fetching.fetch("http://rebind.example/list")
    assert (rebinding, connected) == (["rebind.example"], ["93.184.216.34"])


def test_one_address_inside_among_several_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found("93.184.216.34", "10.0.0.1"))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(SourceError, match="private network"):
        fetching.fetch("http://both.example/list")


@pytest.fixture
def drip() -> Iterator[Callable[[bytes, float], str]]:
    """Sends bytes one at a time, with a pause after each."""
    listening: list[socket.socket] = []

    def start(sent: bytes, pause: float) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for place in range(len(sent)):
                    try:
                        connection.sendall(sent[place : place + 1])
                    except OSError:
                        return
                    time.sleep(pause)

        threading.Thread(target=once, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/list"

    yield start
    for each in listening:
        each.close()


@pytest.mark.parametrize(
    "sent",
    [b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 4000, answer(b"[" + b" " * 4000), b"H" * 4000],
    ids=["in the headers", "in the body", "before anything"],
)
def test_a_drip_is_left_at_the_deadline(
    drip: Callable[[bytes, float], str], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(fetching, "LONGEST", 1)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"took longer|timed out"):
        fetching.fetch(drip(sent, 0.05), allow_inside=True)
    assert time.monotonic() - began < 4


def test_a_name_server_that_keeps_still_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and found("93.184.216.34"))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    monkeypatch.setattr(fetching, "LONGEST", 1)
    began = time.monotonic()
    try:
        with pytest.raises(SourceError, match="took longer"):
            fetching.fetch("http://meetings.example/list")
    finally:
        over.set()
    assert time.monotonic() - began < 4


def test_a_redirect_inward_is_refused(drip: Callable[[bytes, float], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first server is let pass for this test; where it leads is not."""
    address = drip(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/list\r\nContent-Length: 0\r\n\r\n", 0)
    checked = outward.addresses_of

    def but_the_first(host: str, port: int, *, deadline: outward.Deadline, allow_inside: bool = False) -> list[str]:
        return checked(host, port, deadline=deadline, allow_inside=host == "127.0.0.1")

    monkeypatch.setattr(fetching, "addresses_of", but_the_first)
    with pytest.raises(SourceError, match="private network"):
        fetching.fetch(address)


def test_redirects_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_ask", lambda address, *_, **__: (fetching.Fetched(None), address + "x"))
    with pytest.raises(SourceError, match="too often"):
        fetching.fetch("http://example.org/")


@pytest.fixture
def with_address(feed: MeetingFeed) -> MeetingFeed:
    feed.url = "https://meetings.example/list"
    feed.save()
    return feed


def test_a_page_fetches_nothing_and_a_worker_does(
    with_address: MeetingFeed, administrator: StaffMember, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a page asked for an address"))
    browser, action = signed_in(administrator), reverse("referrals:feed_import", args=[with_address.pk])
    assert browser.post(action, {})["Location"] == reverse("referrals:feed", args=[with_address.pk])
    page = browser.post(action, {}, follow=True).content.decode()
    assert "being imported already" in page
    assert "Import started" in page
    assert ImportOrder.objects.count() == 1
    monkeypatch.setattr(fetching, "fetch", lambda *_, **__: fetching.Fetched(io.BytesIO(LIST)))
    assert tasks.import_ordered_feed() == 1
    run = ImportRun.objects.get()
    assert (run.created, run.by, run.source) == (12, administrator, with_address.url)
    assert ImportOrder.objects.get().run == run
    assert tasks.import_ordered_feed() == 0


def test_a_worker_that_died_leaves_its_order_to_the_next(
    with_address: MeetingFeed, administrator: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.place(feed=with_address, by=administrator)
    now = timezone.now()
    monkeypatch.setattr(fetching, "fetch", lambda *_, **__: fetching.Fetched(io.BytesIO(LIST)))
    ImportOrder.objects.filter(pk=order.pk).update(claimed_at=now)
    assert orders.carry_out_next(now + datetime.timedelta(minutes=1)) is None
    assert orders.carry_out_next(now + datetime.timedelta(minutes=11)) is not None


def test_an_order_of_someone_who_may_no_longer_is_closed_and_the_next_one_may(
    with_address: MeetingFeed, administrator: StaffMember, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.place(feed=with_address, by=administrator)
    StaffMember.objects.filter(pk=administrator.pk).update(is_active=False)
    monkeypatch.setattr(fetching, "fetch", lambda *_, **__: pytest.fail("asked for somebody who left"))
    run = orders.carry_out_next(timezone.now())
    assert run is not None
    assert "may no longer import" in run.error
    order.refresh_from_db()
    assert order.run == run
    assert orders.place(feed=with_address, by=counselor).done_at is None


def test_nobody_orders_anothers_feed(with_address: MeetingFeed, counselor: StaffMember, intake: StaffMember) -> None:
    with pytest.raises(NotPermitted):
        orders.place(feed=with_address, by=intake)
    assert not ImportOrder.objects.visible_to(intake).exists()
    assert orders.place(feed=with_address, by=counselor)

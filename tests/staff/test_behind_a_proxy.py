"""Sign-in limits behind a real proxy process: each client is counted for itself, and nobody locks out anyone else."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from axes.models import AccessAttempt
from django.test import RequestFactory

from config.settings import base
from staff import client_address
from staff.models import StaffMember
from tests.factories import PASSWORD

ATTACKER, OWNER = "127.0.0.2", "127.0.0.3"  # of this machine's loopback network: a proxy sees them apart
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@contextmanager
def proxy(upstream: int) -> Iterator[int]:
    script = Path(__file__).resolve().parents[1] / "proxy.py"
    process = subprocess.Popen([sys.executable, str(script), str(upstream)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def behind(live_server: Any, settings: Any) -> Iterator[Callable[[int], int]]:
    """Put so many proxies in front of the server; the port of the outermost."""
    settings.AXES_ENABLED = True
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    with ExitStack() as stack:

        def put(proxies: int) -> int:
            settings.PROXY_COUNT = proxies
            port = urlsplit(live_server.url).port
            assert port
            for _ in range(proxies):
                port = stack.enter_context(proxy(port))
            return port

        yield put


class Visitor:
    """Somebody at an address of their own, with a cookie jar for the form's token."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.cookies = port, address, ""

    def ask(self, method: str, path: str, said: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(self.address, 0))
        headers = {"Host": "localhost", "Cookie": self.cookies, **headers}
        body = urlencode(said or {}) if method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        words = answer.read().decode()
        if found := re.search(r"csrftoken=\w+", answer.headers.get("Set-Cookie", "")):
            self.cookies = found[0]
        connection.close()
        return answer.status, words

    def sign_in(self, login: str, password: str, **headers: str) -> int:
        found = TOKEN.search(self.ask("GET", "/account/login/")[1])
        assert found
        said = {"csrfmiddlewaretoken": found[1], "login": login, "password": password}
        return self.ask("POST", "/account/login/", said, **headers)[0]


@pytest.mark.parametrize("proxies", [1, 2])
def test_wrong_passwords_lock_who_tried_them_and_not_the_owner_elsewhere(
    behind: Callable[[int], int], counselor: StaffMember, proxies: int
) -> None:
    port = behind(proxies)
    attacker, owner = Visitor(port, ATTACKER), Visitor(port, OWNER)
    answers = [attacker.sign_in(counselor.email, "wrong") for _ in range(6)]
    assert answers == [200] * 4 + [429] * 2
    assert owner.sign_in(counselor.email, PASSWORD) == 302


def test_a_forged_header_gives_no_new_tries_and_locks_nobody(
    behind: Callable[[int], int], counselor: StaffMember
) -> None:
    port = behind(1)
    attacker, owner = Visitor(port, ATTACKER), Visitor(port, OWNER)
    for number in range(5):
        forged = OWNER if number % 2 else f"198.51.100.{number}"
        attacker.sign_in(counselor.email, "wrong", **{"X-Forwarded-For": forged})
    assert attacker.sign_in(counselor.email, PASSWORD, **{"X-Forwarded-For": "203.0.113.7"}) == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {ATTACKER}
    assert owner.sign_in(counselor.email, PASSWORD) == 302


def test_empty_forms_by_the_hundred_close_the_page_only_for_who_sends_them(
    behind: Callable[[int], int], counselor: StaffMember
) -> None:
    port = behind(1)
    attacker, owner = Visitor(port, ATTACKER), Visitor(port, OWNER)
    found = TOKEN.search(attacker.ask("GET", "/account/login/")[1])
    assert found
    answers = [attacker.ask("POST", "/account/login/", {"csrfmiddlewaretoken": found[1]})[0] for _ in range(121)]
    assert answers[-1] == 429
    assert owner.sign_in(counselor.email, PASSWORD) == 302


@pytest.mark.parametrize(
    ("proxies", "passed_on", "peer", "client"),
    [
        (0, "203.0.113.7", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (1, "1.1.1.1, 203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (2, "1.1.1.1, 203.0.113.7, 10.0.0.5", "127.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "127.0.0.1", "203.0.113.7"),  # came around the outer proxy
        (1, "", "192.0.2.1", "192.0.2.1"),
        (1, "1.1.1.1, not an address", "192.0.2.1", "192.0.2.1"),
        (1, ", ,", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.7:4711", "127.0.0.1", "203.0.113.7"),
        (1, "::ffff:203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (1, "", "", client_address.NOWHERE),
    ],
)
def test_the_clients_address_is_counted_from_the_right(
    settings: Any, proxies: int, passed_on: str, peer: str, client: str
) -> None:
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": passed_on})
    assert client_address.of(request) == client


def test_a_whole_network_of_one_person_is_counted_as_one(settings: Any) -> None:
    settings.PROXY_COUNT = 1
    addresses = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    made = [RequestFactory().get("/", headers={"X-Forwarded-For": each}) for each in addresses]
    assert [client_address.counted(request) for request in made] == ["2001:db8:1:2::"] * 2 + ["2001:db8:1:3::"]

"""The table's providers, asked by the product's own channels."""

from __future__ import annotations

import dataclasses
import datetime
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse

from faults.provider import ACCOUNT, EMAIL, PLAIN, TEXT, TOKEN
from faults.rig import Rig
from faults.rig import rig as taken_down
from reminders import webhooks
from reminders.channels import email, phone
from reminders.channels.interface import MayHaveArrived, Message, Misconfigured, NotMade, TryLater, Undeliverable

ONE = Message(
    to="+12015550101",
    subject="Reminder",
    body="You have an appointment tomorrow.",
    sender_name="Example Clinic",
    idempotency_key="reminder-1@clinic.example",
    sender_number="+15185550100",
)
BY_EMAIL = dataclasses.replace(ONE, to="person1@person.example")
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def providers(db: None, tmp_path: Path, settings: Any) -> Iterator[Rig]:
    """The providers and their clock alone, and an Onward that uses them."""
    with taken_down(tmp_path / "rig", database_url="", broker=None) as made:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{made.ports[TEXT]}"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_TIMEOUT = settings.EMAIL_TIMEOUT = 0.5
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.ports[EMAIL]
        made.clock.set(rate=1.0)
        yield made


def asked(providers: Rig, *, after: datetime.timedelta = datetime.timedelta(), **of: str) -> bool | None:
    """What the product learns of the text, if it asks for those since its try began; `after`: began so much later."""
    return phone.has_text(dataclasses.replace(ONE, since=providers.clock.now() + after, **of))


def test_a_text_is_found_by_number_words_and_time(providers: Rig) -> None:
    assert asked(providers) is False
    phone.send_text(ONE)
    assert [(each.channel, each.to) for each in providers.taken()] == [(TEXT, ONE.to)]
    assert asked(providers) is True
    assert asked(providers, to="+12015550102") is False
    assert asked(providers, body="Your appointment was moved.") is False
    assert asked(providers, sender_number="+15185550199") is False


def test_what_it_writes_down_has_the_time_of_the_clock(providers: Rig) -> None:
    """It is years from the real one: by that, everything would be found, or nothing."""
    phone.send_text(ONE)
    assert asked(providers, after=MINUTE) is True, "within what two clocks may differ by"
    assert asked(providers, after=10 * MINUTE) is False
    providers.clock.jump(15 * MINUTE)
    phone.send_text(ONE)
    assert asked(providers, after=-MINUTE) is True


def test_a_text_that_it_took_without_an_answer_is_found(providers: Rig) -> None:
    providers.behave(TEXT, silent_after=1)
    with pytest.raises(MayHaveArrived):
        phone.send_text(ONE)
    assert providers.unanswered(TEXT) == [ONE.to]
    assert asked(providers) is True


def test_one_that_it_never_took_is_not_and_as_long_as_it_is_silent_it_cannot_say(providers: Rig) -> None:
    providers.behave(TEXT, silent_before=True)
    with pytest.raises(MayHaveArrived):
        phone.send_text(ONE)
    assert asked(providers) is None
    providers.behave(TEXT)
    assert asked(providers) is False


def test_a_slow_one_takes_what_nobody_waits_for_any_more(providers: Rig) -> None:
    providers.behave(TEXT, delay=0.7)
    with pytest.raises(MayHaveArrived):
        phone.send_text(ONE)
    providers.until(providers.taken, "the text to be taken")
    assert asked(providers) is True


def test_it_asks_to_wait(providers: Rig) -> None:
    providers.behave(TEXT, answers=[429], retry_after=120)
    with pytest.raises(TryLater) as refused:
        phone.send_text(ONE)
    assert refused.value.wait == 2 * MINUTE
    phone.send_text(ONE)


def test_every_other_text_was_taken_at_a_fault(providers: Rig) -> None:
    providers.behave(TEXT, refuse_every=1, takes_some_refused=True)
    found = []
    for number in range(4):
        other = dataclasses.replace(ONE, to=f"+1201555011{number}")
        with pytest.raises(MayHaveArrived):
            phone.send_text(other)
        found.append(phone.has_text(dataclasses.replace(other, since=providers.clock.now())))
    assert found == [True, False, True, False]


def test_a_stranger_is_refused(providers: Rig, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "another"
    with pytest.raises(Misconfigured):
        phone.send_text(ONE)
    assert not providers.taken()


@pytest.mark.parametrize("channel", [TEXT, EMAIL])
def test_dropped_packets_are_no_answer_and_no_refusal(providers: Rig, channel: str) -> None:
    send, message = (phone.send_text, ONE) if channel == TEXT else (email.send_email, BY_EMAIL)
    providers.behave(channel, swallows=True)
    for _ in range(3):
        with pytest.raises(TimeoutError), socket.create_connection(("127.0.0.1", providers.ports[channel]), 0.2):
            pass
    with pytest.raises(NotMade, match="TimeoutError"):
        send(message)
    providers.behave(channel)
    send(message)
    assert len(providers.taken()) == 1
    providers.behave(channel, swallows=True)
    providers.behave(channel, is_down=True)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", providers.ports[channel]), 0.2)


@pytest.mark.parametrize(("server", "doubles"), [(EMAIL, [False, True]), (PLAIN, [False, False])])
def test_one_mail_server_drops_doubles_and_one_does_not(
    providers: Rig, settings: Any, server: str, doubles: list[bool]
) -> None:
    settings.EMAIL_PORT = providers.ports[server]
    email.send_email(BY_EMAIL)
    email.send_email(BY_EMAIL)
    assert [each.is_double for each in providers.taken()] == doubles
    assert {each.channel for each in providers.taken()} == {server}


class TestReports:
    """What it posts to the address that came with a text."""

    @pytest.fixture
    def posted(self) -> Iterator[Posted]:
        """Somebody who takes its reports, and answers as told."""
        with Posted() as server:
            yield server

    @pytest.fixture
    def reporting(self, providers: Rig, posted: Posted, settings: Any) -> Rig:
        settings.PUBLIC_URL = posted.url
        providers.clock.set(rate=60.0)
        providers.with_reports = True
        providers.behave(TEXT)
        return providers

    def told(self, rig: Rig, posted: Posted, times: int) -> list[list[str]]:
        """The statuses of so many texts, each as they were reported."""
        for number in range(times):
            phone.send_text(dataclasses.replace(ONE, to=f"+1201555012{number}"))
        rig.until(lambda: rig.state()["under_way"] == 0, "all to be reported", 20)
        return [
            [each["MessageStatus"] for _, each in posted.forms if each["To"] == f"+1201555012{number}"]
            for number in range(times)
        ]

    def test_they_are_signed_and_name_the_try(self, reporting: Rig, posted: Posted, settings: Any) -> None:
        assert self.told(reporting, posted, 1) == [["sent", "sent", "delivered", "delivered"]]
        for address, form in posted.forms:
            assert address.startswith(f"{posted.url}{reverse('reminders:message_status')}?key=reminder-1&tried=")
            assert webhooks.is_signed(address, [*form.items()], posted.signatures[0])
            posted.signatures.pop(0)
        assert reporting.reports() == {"200": 4}

    def test_they_come_in_time_doubled_late_and_in_the_wrong_order(self, reporting: Rig, posted: Posted) -> None:
        once = ["sent", "delivered"]
        told = self.told(reporting, posted, 6)
        assert told == [["sent", "sent", "delivered", "delivered"], once, once, once, once[::-1], once]
        assert posted.forms[-1][1]["To"].endswith("2"), "the third is late"

    def test_none_comes_where_it_does_not_report(self, providers: Rig, posted: Posted, settings: Any) -> None:
        settings.PUBLIC_URL = posted.url
        providers.clock.set(rate=60.0)
        assert self.told(providers, posted, 1) == [[]]

    def test_one_is_posted_again_while_nobody_takes_it(self, reporting: Rig, posted: Posted) -> None:
        posted.answers = [503]
        self.told(reporting, posted, 1)
        assert [each["MessageStatus"] for _, each in posted.forms][:2] == ["sent", "sent"]
        assert reporting.reports() == {"200": 4}

    def test_one_that_is_refused_is_not(self, reporting: Rig, posted: Posted) -> None:
        posted.answers = [403]
        self.told(reporting, posted, 1)
        assert reporting.reports() == {"403": 1, "200": 3}

    def test_they_are_held_and_the_list_says_it_all_the_same(self, reporting: Rig, posted: Posted) -> None:
        reporting.behave(TEXT, holds_reports=True, fails_every=1)
        phone.send_text(ONE)
        reporting.until(lambda: reporting.taken()[0].is_failed, "the text to fail")
        with pytest.raises(Undeliverable, match="not delivered: the phone is off or out of reach"):
            asked(reporting)
        assert not posted.forms
        reporting.behave(TEXT)
        reporting.until(lambda: reporting.state()["under_way"] == 0, "all to be reported", 20)
        last = posted.forms[-1][1]
        assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30003")


class Posted:
    """A server that takes forms."""

    def __init__(self) -> None:
        self.forms: list[tuple[str, dict[str, str]]] = []  # each with the address to which it came
        self.signatures: list[str] = []
        self.answers: list[int] = []  # of the first ones; then 200
        posted = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posted.forms.append((f"{posted.url}{self.path}", dict(parse_qsl(form, keep_blank_values=True))))
                posted.signatures.append(self.headers["X-Twilio-Signature"])
                self.send_response(posted.answers.pop(0) if posted.answers else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Posted:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

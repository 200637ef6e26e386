"""The table's providers, asked by the product's own channels."""

from __future__ import annotations

import dataclasses
import datetime
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faults.provider import ACCOUNT, EMAIL, PLAIN, TEXT, TOKEN
from faults.rig import Rig
from faults.rig import rig as taken_down
from reminders.channels import email, phone
from reminders.channels.interface import MayHaveArrived, Message, Misconfigured, NotMade, TryLater

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

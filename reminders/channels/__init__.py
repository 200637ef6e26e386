"""Outgoing channels. Each is a function of a `Message`, named in settings.REMINDER_CHANNELS."""

from __future__ import annotations

import dataclasses
import datetime
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from privacy.models import Channel
from reminders import segments
from reminders.channels.email import send_email
from reminders.channels.interface import (
    BROKEN_OFF,
    IN_DOUBT,
    MayHaveArrived,
    Message,
    Misconfigured,
    NoProvider,
    NotMade,
    TryLater,
    Undeliverable,
)
from reminders.wording import YOUR_REPLY, revealing_words
from staff import phones
from staff.models import Clinic

__all__ = [
    "BROKEN_OFF",
    "IN_DOUBT",
    "Channel",
    "MayHaveArrived",
    "Message",
    "Misconfigured",
    "NoProvider",
    "NotMade",
    "TryLater",
    "Undeliverable",
    "answer",
    "can_be_asked",
    "drops_doubles",
    "idempotency_key",
    "look_up",
    "message",
    "of",
    "repeated",
    "send",
    "send_email",
    "sender_name",
]


def send(channel: str, message: Message) -> None:
    """Hand a message to the channel's provider.

    Raises NoProvider or Undeliverable if a retry is pointless, one of IN_DOUBT if nobody knows whether it was taken,
    NotMade if nothing of it left, TryLater with the time to wait (Misconfigured if someone has to mend the account
    first); any other exception is worth a retry.
    """
    path = settings.REMINDER_CHANNELS.get(channel)
    if not path:
        raise NoProvider("no provider is set up for this channel")
    import_string(path)(message)


def look_up(channel: str, message: Message) -> bool | None:
    """Whether the provider has this message: asked before a try in doubt is repeated.

    True: it took it, at `message.since` or later. False: it did not, and a repetition makes no double. None: it can't
    say, or there is no one to ask. Raises Undeliverable if it took it and could not deliver it.
    """
    path = settings.REMINDER_LOOK_UPS.get(channel)
    if not path or channel not in settings.REMINDER_CHANNELS:
        return None
    found: bool | None = import_string(path)(message)
    return found


def can_be_asked(channel: str) -> bool:
    """Whether the provider can say what it took: then a try in doubt is looked up, and not left to a person at once."""
    return channel in settings.REMINDER_LOOK_UPS


def drops_doubles(channel: str) -> bool:
    """Whether the provider drops a second message with the same key, so that one may be sent again when in doubt."""
    return channel in settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES


def of(value: str) -> Channel:
    """The channel of a reply, from the address or number it came from."""
    return Channel.EMAIL if "@" in value else Channel.SMS


def message(
    clinic: Clinic,
    *,
    to: str,
    body: str,
    key: str,
    subject: str = "Reminder",
    language: str = "en",
    since: datetime.datetime | None = None,
) -> Message:
    """A message from a clinic. `key` names it within Onward: `reminder-12`."""
    return Message(
        to=to,
        subject=subject,
        body=body,
        sender_name=sender_name(clinic),
        idempotency_key=idempotency_key(key),
        sender_number=clinic.text_number,
        spoken_number=phones.spoken(clinic.phone),
        language=language,
        since=since,
    )


def repeated(message: Message, since: datetime.datetime, words: str, others: tuple[int, int] = (0, 0)) -> Message:
    """The same message as it left at a try in doubt: when that began, and in which words, if they are known.

    `others` as in `Message`.
    """
    return dataclasses.replace(message, since=since, body=words or message.body, others=others)


def answer(*, to: str, body: str, clinic: Clinic, key: str, language: str = "en") -> None:
    """Send the answer to a reply to where it came from; `key` identifies the answer. Raises like `send`."""
    channel, subject = of(to), YOUR_REPLY.within(language)
    if channel == Channel.SMS:
        body = segments.as_text_message(body)
    send(channel, message(clinic, to=to, body=body, key=key, subject=subject, language=language))


def sender_name(clinic: Clinic) -> str:
    """The clinic's neutral name, or a neutral substitute if the name reveals the field."""
    return "Your appointment office" if revealing_words(clinic.neutral_name) else clinic.neutral_name


def idempotency_key(subject: str) -> str:
    """A key in the shape of a Message-ID, e.g. `reminder-12@clinic.example`."""
    return f"{subject}@{_domain(settings.DEFAULT_FROM_EMAIL)}"


@lru_cache(8)
def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"

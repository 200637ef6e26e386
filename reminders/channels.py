"""Outgoing channels. Email works; a provider for texts or calls is named in settings.REMINDER_CHANNELS."""

from __future__ import annotations

import datetime
import smtplib
from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from privacy.models import Channel
from reminders.wording import revealing_words
from staff.models import Clinic


class Undeliverable(Exception):
    """The provider will never take this message; trying again is pointless."""


class TryLater(Exception):
    """The provider is busy and says when to come back."""

    def __init__(self, message: str, *, wait: datetime.timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class MayHaveArrived(Exception):
    """The provider did not say whether it took the message: the connection ended after it was handed over."""


# What a library raises when that happens. A connection that was never made (refused, no such host) is not among them.
BROKEN_OFF = (
    TimeoutError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    smtplib.SMTPServerDisconnected,
    SoftTimeLimitExceeded,
)


class NoProvider(Undeliverable):
    """No provider carries messages on this channel."""


@dataclass(frozen=True)
class Message:
    """A message to send. Every attempt has the same `idempotency_key`, so a duplicate can be dropped."""

    to: str
    subject: str
    body: str
    sender_name: str
    idempotency_key: str


def send(channel: str, message: Message) -> None:
    """Hand a message to the channel's provider.

    Raises NoProvider or Undeliverable if a retry is pointless, MayHaveArrived or one of BROKEN_OFF if nobody knows
    whether it was taken; any other exception is worth a retry.
    """
    path = settings.REMINDER_CHANNELS.get(channel)
    if not path:
        raise NoProvider("no provider is set up for this channel")
    import_string(path)(message)


def drops_doubles(channel: str) -> bool:
    """Whether the provider drops a second message with the same key, so that one may be sent again when in doubt."""
    return channel in settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES


def of(value: str) -> Channel:
    """The channel of a reply, from the address or number it came from."""
    return Channel.EMAIL if "@" in value else Channel.SMS


def answer(*, to: str, body: str, clinic: Clinic, key: str) -> None:
    """Send the answer to a reply to where it came from; `key` identifies the answer. Raises like `send`."""
    send(of(to), Message(to, "Your reply", body, sender_name(clinic), idempotency_key(key)))


def send_email(message: Message) -> None:
    """Send through Django's email backend; the Message-ID is the idempotency key."""
    try:
        EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=formataddr((message.sender_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            to=[message.to],
            reply_to=[settings.REMINDER_REPLY_TO] if settings.REMINDER_REPLY_TO else None,
            headers={"Message-ID": f"<{message.idempotency_key}>", "Auto-Submitted": "auto-generated"},
        ).send(fail_silently=False)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= 500 for code in codes):
            raise Undeliverable("the address does not accept messages") from error
        raise
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 550 and isinstance(error, (smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
            raise Undeliverable(f"refused by the mail server ({error.smtp_code})") from error
        raise


def sender_name(clinic: Clinic) -> str:
    """The clinic's neutral name, or a neutral substitute if the name reveals the field."""
    return "Your appointment office" if revealing_words(clinic.neutral_name) else clinic.neutral_name


def idempotency_key(subject: str) -> str:
    """A key in the shape of a Message-ID, e.g. `reminder-12@clinic.example`."""
    return f"{subject}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2] or 'localhost'}"

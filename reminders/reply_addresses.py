"""Each message has an address of its own for replies: who answers from another address is still known.

The address is the clinic's mailbox with a part after a plus sign (RFC 5233): what the message is within Onward, and a
seal that only we can make. A guessed address is nobody's; what it says reveals nothing.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from reminders.models import CrisisReply, DeliveryAttempt, HelpAnswer, OptOut
from staff.models import Clinic

SEAL = 16  # letters: 80 bits
_TOKEN = re.compile(rf"\+((?:reminder|opt-out|opt-in|safety|help)-[0-9]{{1,18}})-([a-z2-7]{{{SEAL}}})@")


@dataclass(frozen=True)
class Answered:
    """The message that somebody answered: the clinic and address that it went to, and its reminder if it was one."""

    clinic: Clinic
    contact_value: str
    reminder_id: int | None = None


def address_for(key: str) -> str:
    """Where replies to the message `key` (`reminder-12@clinic.example`) go; empty without a mailbox for replies."""
    if not settings.REMINDER_REPLY_TO:
        return ""
    local, _, domain = settings.REMINDER_REPLY_TO.rpartition("@")
    what = key.partition("@")[0]
    return f"{local}+{what}-{_seal(what, settings.SECRET_KEY)}@{domain}"


def answered(headers: Iterable[str]) -> Answered | None:
    """The message that an address in these headers (To and the like) belongs to; None if none has a seal of ours."""
    for found in (found for header in headers for found in _TOKEN.finditer(header.lower())):
        if _is_ours(found[1], found[2]):
            return _sent(*found[1].rsplit("-", 1))
    return None


def _sent(kind: str, pk: str) -> Answered | None:
    if kind == "reminder":
        rows = DeliveryAttempt.objects.filter(reminder=int(pk), channel="email").order_by("-number")
        attempt = rows.select_related("reminder__clinic").first()
        if attempt is None:
            return None
        reminder = attempt.reminder
        return Answered(reminder.clinic, attempt.contact_value, reminder.pk)
    models = {"safety": CrisisReply, "help": HelpAnswer}
    row = models.get(kind, OptOut).objects.select_related("clinic").filter(pk=int(pk)).first()  # type: ignore[attr-defined]
    return None if row is None else Answered(row.clinic, row.contact_value)


def _is_ours(what: str, seal: str) -> bool:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(_seal(what, secret), seal) for secret in secrets)


def _seal(what: str, secret: str) -> str:
    digest = salted_hmac("reminders.reply_addresses", what, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:SEAL]

"""What the phone company sends us: signed, stored at once, and read by a worker."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError

from reminders import tasks
from reminders.models import DeliveryReceipt, IncomingMessage
from staff import outside
from staff.models import Clinic
from staff.too_often import is_too_often
from staff.typed_days import moment_in_address

log = logging.getLogger("onward.reminders")

LONGEST = 64 * 1024  # bytes of a request; theirs have a few hundred
REFUSED_A_MINUTE = 30  # unsigned requests from one address; then nothing more is computed for it


def is_signed(url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
    """Whether the account's token signed this request: HMAC-SHA1 over the address and the sorted fields.

    https://www.twilio.com/docs/usage/security. The address is the one they were given, with or without its port: both
    occur. Compared in constant time.
    """
    if not settings.TWILIO_AUTH_TOKEN:
        return False
    names: dict[str, set[str]] = {}
    for name, value in fields:
        names.setdefault(name, set()).add(value)
    signed = "".join(f"{name}{value}" for name in sorted(names) for value in sorted(names[name]))
    token = settings.TWILIO_AUTH_TOKEN.encode()
    macs = [hmac.new(token, f"{each}{signed}".encode(), hashlib.sha1).digest() for each in _both(url)]
    return sum(hmac.compare_digest(base64.b64encode(mac), signature.encode()) for mac in macs) > 0


def _both(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()


def take_message(sent: Mapping[str, str], at: datetime.datetime) -> None:
    """Store a text to a clinic's number. One that is known, or to a number that no clinic has, changes nothing."""
    clinic = Clinic.objects.filter(text_number=sent.get("To", "")).first() if sent.get("To") else None
    if clinic is None or not sent.get("MessageSid") or not sent.get("From"):
        log.warning("A text came for a number that no clinic has")
        return
    message = IncomingMessage(
        provider_id=outside.text(sent["MessageSid"], longest=64),
        clinic=clinic,
        contact_value=outside.text(sent["From"], longest=254),
        words=outside.text(sent.get("Body", ""), longest=2000),
        received_at=at,
    )
    IncomingMessage.objects.bulk_create([message], ignore_conflicts=True)
    transaction.on_commit(_wake_a_worker)


def take_report(sent: Mapping[str, str], key: str, tried_at: str, at: datetime.datetime) -> None:
    """Store what became of a message or call, each status once. One that says nothing changes nothing."""
    provider_id = sent.get("MessageSid") or sent.get("CallSid")
    status = sent.get("MessageStatus") or sent.get("CallStatus")
    if not provider_id or not status:
        return
    receipt = DeliveryReceipt(
        provider_id=outside.text(provider_id, longest=64),
        status=outside.text(status, longest=20),
        error_code=outside.text(sent.get("ErrorCode", ""), longest=10),
        key=outside.text(key, longest=80),
        tried_at=moment_in_address(tried_at),
        received_at=at,
    )
    DeliveryReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    transaction.on_commit(_wake_a_worker)


def refused_too_often(address: str) -> bool:
    """Count an unsigned request. The count is kept for a minute; without a cache nobody is counted."""
    return is_too_often("reminders.unsigned", address, most=REFUSED_A_MINUTE)


def _wake_a_worker() -> None:
    """Beat looks every minute anyway, so a broker that is down costs a minute and no error."""
    try:
        tasks.read_what_came.apply_async(retry=False)
    except (KombuError, OSError) as error:
        log.warning("What came will be read within a minute: no broker (%s)", type(error).__name__)

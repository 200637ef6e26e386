"""What every sheet about a client says of itself: whose it is, who printed it, and the notice of 42 CFR 2.32."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.dateformat import format as worded

from cases.models import Client
from privacy.disclosures import NOTICE
from staff.models import StaffMember


def whose(client: Client) -> str:
    """The name, birth and number, for the head of each page."""
    born = f" · born {client.birth_words}" if client.birth_words else ""
    return f"{client.full_name}{born} · No. {client.pk}"


def printed_by(client: Client, *, by: StaffMember, now: datetime.datetime) -> str:
    """Who printed it, where and when, for the foot of each page."""
    at = worded(timezone.localtime(now, client.clinic.zone), "M j, Y, g:i A T")
    return f"{client.clinic} · printed {at} by {by.signature_name}"


def foot(client: Client, *, by: StaffMember, now: datetime.datetime, notice: bool = True) -> tuple[str, ...]:
    """The same with the notice that goes with whatever leaves the clinic; the client's own copy needs none."""
    printed = printed_by(client, by=by, now=now)
    return (printed, NOTICE) if notice else (printed,)

"""How a client may be reached now: each contact and channel, and why it may not be used."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet

from cases.models import Client, ContactPoint
from privacy.models import Channel
from reminders.contacts import why_not
from reminders.models import OptOut


@dataclass(frozen=True)
class Way:
    """One contact: per channel, empty if open, otherwise why not."""

    point: ContactPoint
    channels: list[tuple[str, str]]
    opted_out: bool


def ways_to_reach(client: Client, points: QuerySet[ContactPoint], now: datetime.datetime) -> list[Way]:
    """Contacts in use, with what may be sent to each."""
    found = list(points.filter(ended_at=None))
    out = set(
        OptOut.objects.in_force()
        .filter(clinic=client.clinic_id, contact_value__in=[point.normalized for point in found])
        .values_list("contact_value", flat=True)
    )
    return [Way(point, _channels(client, point, now), point.normalized in out) for point in found]


def _channels(client: Client, point: ContactPoint, now: datetime.datetime) -> list[tuple[str, str]]:
    if point.kind == ContactPoint.Kind.EMAIL:
        asked = [(Channel.EMAIL, point.messages_ok)]
    else:
        asked = [(Channel.SMS, point.messages_ok), (Channel.VOICE, point.voicemail_ok)]
    return [
        (channel.label, why_not(client, channel, point.normalized, now) if safe else "client doesn’t want this")
        for channel, safe in asked
    ]

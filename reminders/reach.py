"""How a client may be reached now: each contact and channel, and why it may not be used."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cases.models import Client, ContactPoint
from privacy import consents
from privacy.models import Channel, Consent
from reminders.contacts import not_consented
from reminders.models import OptOut


@dataclass(frozen=True)
class Way:
    """One contact: per channel, empty if open, otherwise why not."""

    point: ContactPoint
    channels: list[tuple[str, str]]
    opted_out: bool


def ways_to_reach(client: Client, points: Iterable[ContactPoint], now: datetime.datetime) -> list[Way]:
    """Contacts in use, with what may be sent to each."""
    found = [point for point in points if point.ended_at is None]
    out = set(
        OptOut.objects.in_force()
        .filter(clinic=client.clinic_id, contact_value__in=[point.normalized for point in found])
        .values_list("contact_value", flat=True)
    )
    forms = consents.forms_for(client, Consent.Type.REMINDER_CONTACT, now) if found else []

    def why_not(channel: Channel, point: ContactPoint) -> str:
        """As contacts.why_not, from what was read for all of them."""
        if point.normalized in out:
            return "opt-out"
        return not_consented(client, channel, point.normalized, now, forms=forms)

    return [Way(point, _channels(point, why_not), point.normalized in out) for point in found]


def _channels(point: ContactPoint, why_not: Callable[[Channel, ContactPoint], str]) -> list[tuple[str, str]]:
    if point.kind == ContactPoint.Kind.EMAIL:
        asked = [(Channel.EMAIL, point.messages_ok)]
    else:
        asked = [(Channel.SMS, point.messages_ok), (Channel.VOICE, point.voicemail_ok)]
    return [(channel.label, why_not(channel, point) if safe else "client doesn’t want this") for channel, safe in asked]

"""Where a message may go: a contact that the client allows for messages, with an active consent for it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from cases.models import Client, ContactPoint
from privacy import consents
from privacy.models import Channel, Consent
from reminders.models import OptOut, Reminder
from staff.models import StaffMember

_KIND = {
    Channel.EMAIL: ContactPoint.Kind.EMAIL,
    Channel.SMS: ContactPoint.Kind.PHONE,
    Channel.VOICE: ContactPoint.Kind.PHONE,
}


@dataclass(frozen=True)
class Destination:
    """A number or address, or why there is none: exactly one of the two is empty."""

    value: str = ""
    why_not: str = ""


def best_channel(receiver: Client | StaffMember, on: datetime.datetime) -> str:
    """The first of email, text and call that can reach the recipient now; email if none can."""
    if isinstance(receiver, Client):
        for channel in Channel:
            if destination_for(receiver, channel, on).value:
                return channel
    return Channel.EMAIL


def destination(reminder: Reminder, on: datetime.datetime) -> Destination:
    """Where a reminder would go now."""
    if reminder.client is not None:
        return destination_for(reminder.client, reminder.channel, on)
    staff_member = reminder.staff_member
    if staff_member is None or not staff_member.is_active:
        return Destination(why_not="no longer works here")
    return Destination(staff_member.email)


def destination_for(client: Client, channel: str, on: datetime.datetime) -> Destination:
    """The client's preferred contact on a channel that may be written to now, or the reason why none may.

    Asked each time a message is about to leave: consent, number and opt-out may have changed a second ago.
    """
    if client.merged_into_id is not None:
        return Destination(why_not="record merged into another")
    points = ContactPoint.objects.filter(client=client, kind=_KIND[Channel(channel)]).current()
    usable = [point for point in points if (point.voicemail_ok if channel == Channel.VOICE else point.messages_ok)]
    if not usable:
        return Destination(why_not="no contact that may receive messages")
    reasons = []
    for point in usable:
        reason = why_not(client, channel, point.normalized, on)
        if not reason:
            return Destination(point.normalized)
        reasons.append(reason)
    return Destination(why_not=reasons[0])


def why_not(client: Client, channel: str, value: str, on: datetime.datetime) -> str:
    """Why nothing may be sent to this value; empty if something may. An opt-out outranks any consent."""
    out = OptOut.objects.filter(clinic=client.clinic_id, contact_value=value).in_force().exists()
    return "opt-out" if out else not_consented(client, channel, value, on)


def not_consented(
    client: Client, channel: str, value: str, on: datetime.datetime, *, forms: Sequence[Consent] | None = None
) -> str:
    """The same about consent alone; `forms` as in `consents.why_not`."""
    recipient = consents.contact(channel, value)
    return consents.why_not(client, Consent.Type.REMINDER_CONTACT, recipient, on, forms=forms)

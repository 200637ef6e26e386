"""Where a message may go: a contact that the client allows for messages, with an active consent for it.

A client's own order (`ContactOrder`) says what is tried first. Everything is read for many reminders at once, in a
constant number of queries; asking about one is the same reading.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from cases.models import Client, ContactPoint
from privacy import consents
from privacy.models import Channel, Consent
from reminders.kinds import KINDS
from reminders.models import ContactOrder, NumberFact, OptOut, Reminder, Way
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import answer, known, rows, together

_KIND = {
    Channel.EMAIL: ContactPoint.Kind.EMAIL,
    Channel.SMS: ContactPoint.Kind.PHONE,
    Channel.VOICE: ContactPoint.Kind.PHONE,
}
LEFT = "no longer works here"


@dataclass(frozen=True)
class Destination:
    """A number or address, or why there is none: exactly one of the two is empty.

    `channel` is set where the reminder's own channel is closed and another of the client's ways is open.
    """

    value: str = ""
    why_not: str = ""
    channel: str = ""


@dataclass(frozen=True)
class WayThere:
    """One contact on one channel, in the client's own order, and why it may not be used now; empty if it may."""

    channel: Channel
    point: ContactPoint
    why_not: str

    @property
    def key(self) -> str:
        """As a `ContactOrder` names it."""
        return f"{self.channel.value}:{self.point.pk}"


@dataclass
class Known:
    """What was read of some clients, by client id; opt-outs and facts by clinic and value."""

    points: dict[int, list[ContactPoint]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[int, list[str]] = field(default_factory=dict)
    out: set[tuple[int, str]] = field(default_factory=set)
    facts: dict[tuple[int, str], list[NumberFact]] = field(default_factory=lambda: defaultdict(list))
    forms: dict[int, list[Consent]] = field(default_factory=dict)


def best_channel(receiver: Client | StaffMember, on: datetime.datetime, kind: str) -> str:
    """The first of a client's ways on which the kind may leave now, email if none is; for staff, their inbox."""
    return best_channels([(receiver, kind)], on)[0]


def best_channels(messages: Sequence[tuple[Client | StaffMember, str]], on: datetime.datetime) -> list[str]:
    """The same for many, each a receiver and a kind."""
    return [channel or Channel.EMAIL for channel in open_channels(messages, on)]


def open_channels(messages: Sequence[tuple[Client | StaffMember, str]], on: datetime.datetime) -> list[str]:
    """As `best_channels`, but empty where none of a client's ways is open."""
    read = read_for([receiver for receiver, _ in messages if isinstance(receiver, Client)], on)
    return [_open(read, receiver, kind, on) for receiver, kind in messages]


def _open(read: Known, receiver: Client | StaffMember, kind: str, on: datetime.datetime) -> str:
    if isinstance(receiver, StaffMember):
        return Way.INBOX
    fit = KINDS[kind].channels
    for channel, point in _order(read, receiver):
        if channel in fit and not _why_not(read, receiver, channel, point, on):
            return channel
    return ""


def destination(reminder: Reminder, on: datetime.datetime) -> Destination:
    """Where a reminder would go now: on its own channel, or else by the client's first way that is open."""
    return destinations([reminder], on)[reminder.pk]


def destinations(
    reminders: Sequence[Reminder], now: datetime.datetime, *, known: Known | None = None
) -> dict[int, Destination]:
    """The same for many, by reminder id. They have clinic, client__clinic and staff_member loaded.

    `known` is what was read of their clients, if the caller has.
    """
    clients = {each.client.pk: each.client for each in reminders if each.client is not None}
    read = read_for(clients.values(), now) if known is None else known
    return {
        each.pk: _to_staff(each) if each.client is None else _anyhow(read, each, each.client, now) for each in reminders
    }


def next_way(reminder: Reminder, tried: Collection[tuple[str, str]], now: datetime.datetime) -> Channel | None:
    """The first channel of the client's order that leads to somewhere untried; None if none does, and for staff.

    `tried` are channels, each with the number or address that was tried on it.
    """
    if reminder.client is None:
        return None
    read = read_for([reminder.client], now)
    for channel in _channels(read, reminder.client, reminder.kind):
        there = _to_client(read, reminder.client, channel, now).value
        if there and (channel.value, there) not in tried:
            return channel
    return None


def ways(client: Client, now: datetime.datetime, *, known: Known | None = None) -> list[WayThere]:
    """Each contact in use on each of its channels, in the client's order. `known` as for `destinations`."""
    read = read_for([client], now) if known is None else known
    return [
        WayThere(channel, point, _why_not(read, client, channel, point, now)) for channel, point in _order(read, client)
    ]


def not_consented(
    client: Client, channel: str, value: str, on: datetime.datetime, *, forms: Sequence[Consent] | None = None
) -> str:
    """Why no consent allows a message to this value; empty if one does. `forms` as in `consents.why_not`."""
    recipient = consents.contact(channel, value)
    return consents.why_not(client, Consent.Type.REMINDER_CONTACT, recipient, on, forms=forms)


def _to_staff(reminder: Reminder) -> Destination:
    staff_member = reminder.staff_member
    if staff_member is None or not staff_member.is_active:
        return Destination(why_not=LEFT)
    return Destination(f"inbox:{staff_member.pk}" if reminder.channel == Way.INBOX else staff_member.email)


def _anyhow(read: Known, reminder: Reminder, client: Client, now: datetime.datetime) -> Destination:
    own = _to_client(read, client, reminder.channel, now)
    if own.why_not:
        for other in _channels(read, client, reminder.kind):
            if value := _to_client(read, client, other, now).value:
                return Destination(value, channel=other)
    return own


def _to_client(read: Known, client: Client, channel: str, now: datetime.datetime) -> Destination:
    if client.merged_into_id is not None:
        return Destination(why_not="record merged into another")
    if channel not in Channel.values:
        return Destination(why_not="no contact that may receive messages")
    reasons = []
    for asked, point in _order(read, client):
        if asked != channel or not _wanted(asked, point):
            continue
        reason = _why_not(read, client, asked, point, now)
        if not reason:
            return Destination(point.normalized)
        reasons.append(reason)
    return Destination(why_not=reasons[0] if reasons else "no contact that may receive messages")


def _why_not(read: Known, client: Client, channel: Channel, point: ContactPoint, now: datetime.datetime) -> str:
    """As `why_not`, from what was read, and besides whether the client wants it and the provider can do it."""
    if not _wanted(channel, point):
        return "client doesn’t want this"
    value = client.clinic_id, point.normalized
    if value in read.out:
        return "opt-out"
    if fact := next((fact for fact in read.facts[value] if fact.bars(channel)), None):
        return str(fact.get_kind_display())
    return not_consented(client, channel, point.normalized, now, forms=read.forms[client.pk])


def _wanted(channel: Channel, point: ContactPoint) -> bool:
    return point.voicemail_ok if channel == Channel.VOICE else point.messages_ok


def _order(read: Known, client: Client) -> list[tuple[Channel, ContactPoint]]:
    """All ways: first those that the client has put in order, then by channel, the preferred contact first."""
    order = {key: place for place, key in enumerate(read.orders.get(client.pk, []))}
    found = [
        (channel, point) for channel in Channel for point in read.points[client.pk] if point.kind == _KIND[channel]
    ]
    return sorted(found, key=lambda way: order.get(f"{way[0].value}:{way[1].pk}", len(order)))


def _channels(read: Known, client: Client, kind: str) -> list[Channel]:
    """Those on which a kind may leave (a kind word is no phone call), in the client's order."""
    return list(dict.fromkeys(way for way, _ in _order(read, client) if way in KINDS[kind].channels))


def read_for(
    clients: Iterable[Client], now: datetime.datetime, *, points: Iterable[ContactPoint] | None = None
) -> Known:
    """What the functions here go by: one statement, and one more for the consents of each day it is now.

    `points`, if the page has read them.
    """
    by_id = {client.pk: client for client in clients}
    read = Known()
    if not by_id:
        return read
    own = ContactPoint.objects.filter(IsOneOf("client", by_id)).current()
    clinics, values = {client.clinic_id for client in by_id.values()}, own.order_by().values("normalized")
    found, orders, out, facts = answer(
        together(
            rows(own) if points is None else known([each for each in points if each.ended_at is None]),
            rows(ContactOrder.objects.filter(IsOneOf("client", by_id)).latest()),
            rows(
                OptOut.objects.in_force()
                .filter(clinic__in=clinics, contact_value__in=values)
                .values_list("clinic_id", "contact_value")
            ),
            rows(NumberFact.objects.in_force().filter(clinic__in=clinics, contact_value__in=values)),
        )
    )
    for point in found:
        read.points[point.client_id].append(point)
    read.orders = {order.client_id: order.ways for order in orders}
    read.out = set(out)
    for fact in facts:
        read.facts[fact.clinic_id, fact.contact_value].append(fact)
    read.forms = consents.forms_of_all(by_id.values(), Consent.Type.REMINDER_CONTACT, now)
    return read

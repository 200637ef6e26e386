"""Consents to reminders, reminders of the past and coming weeks, and some replies."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

from privacy import consents
from privacy.models import Channel
from reminders import (
    choices,
    contacts,
    crisis,
    delivery,
    moments,
    opt_outs,
    outbox,
    own_wordings,
    preferred_order,
    sources,
    together,
)
from reminders.kinds import Kind
from reminders.languages import Language
from reminders.models import CrisisReply, Reminder
from staff.models import StaffMember

from .lives import DAY, Life


def allow(lives: Sequence[Life], *, by: StaffMember, today: datetime.date) -> int:
    """Clients in care have signed for reminders to their email address."""
    here = [life for life in lives if life.open_episode]
    for life in here:
        point = life.client.contact_points.filter(kind="email").first()
        if point is not None:
            consents.allow_reminders(
                client=life.client, channel=Channel.EMAIL, value=point.normalized, by=by, signed_on=today - DAY * 60
            )
    return len(here)


def choose(lives: Sequence[Life], *, by: StaffMember) -> int:
    """The clinic's own Spanish words for appointments, and a few clients who do not want every kind of message."""
    own_wordings.keep(
        clinic=by.clinic,
        kind=Kind.CLIENT_APPOINTMENT,
        channel=Channel.EMAIL,
        language=Language.SPANISH,
        subject="Recordatorio",
        body="Le esperamos el {day}, {time}. Si no puede llame al {number}. Responda STOP para no recibir mensajes.",
        by=by,
    )
    here = [life for life in lives if life.open_episode]
    for life, kind in zip(here[3::9], (Kind.CLIENT_MILESTONE, Kind.CLIENT_GROUP, Kind.CLIENT_CHECKUP), strict=False):
        choices.choose(client=life.client, kind=kind, is_wanted=False, by=life.counselor)
    return len(here[3::9])


def remind(lives: Sequence[Life], *, now: datetime.datetime, chance: random.Random) -> tuple[int, int]:
    """Appointments of the past three weeks and the next two, each with a reminder the day before; and what falls due.

    Past reminders are delivered the same way as all others, each at its own hour, so the mailbox and the charts show
    them as sent. Returns (sent, waiting).
    """
    here = [life for life in lives if life.open_episode]
    chosen = chance.sample(here, min(60, len(here)))
    for number, life in enumerate(chosen):
        day = now.astimezone(life.client.zone).date() + DAY * (number % 34 - 20)
        appointment = datetime.datetime.combine(day, datetime.time(9 + number % 8), life.client.zone)
        due_at = outbox.wall_clock(appointment, zone=life.client.zone, days=-1)
        outbox.schedule(
            kind="client_appointment",
            client_or_staff=life.client,
            due_at=due_at,
            not_after=appointment,
            dedupe_key=f"demo-appointment:{life.client.pk}:{day:%Y%m%d}",
            context={"at": moments.kept(appointment), "number": life.client.clinic.phone},
            by=life.counselor,
        )
    sources.schedule_due(now)
    sent = 0
    moment = now - DAY * 22
    while moment < now - datetime.timedelta(hours=1):
        sent += _send_due(moment)
        moment += datetime.timedelta(hours=6)
    sent += _send_due(now)  # what fell due since then
    return sent, Reminder.objects.waiting().count()


def _send_due(moment: datetime.datetime) -> int:
    """Send what is due, as the sender does, at a moment of the past."""
    result = together.deliver(delivery.claim_due(moment, 1000), moment)
    left = [delivery.deliver(*one, moment) for one in result.alone]
    return result.states[Reminder.State.SENT] + left.count(Reminder.State.SENT)


def by_text(lives: Sequence[Life], *, now: datetime.datetime, how_many: int = 8) -> int:
    """Some want texts before emails, and one is due to each of them now. Returns how many."""
    chosen = [life for life in lives if life.open_episode and life.client.contact_points.filter(kind="phone").exists()]
    for life in chosen[-how_many:]:
        phone = life.client.contact_points.get(kind="phone")
        day = now.astimezone(life.client.zone).date() + DAY
        consents.allow_reminders(
            client=life.client, channel=Channel.SMS, value=phone.normalized, by=life.counselor, signed_on=day - DAY * 60
        )
        keys = [way.key for way in contacts.ways(life.client, now)]
        first = f"{Channel.SMS}:{phone.pk}"
        preferred_order.set_order(
            client=life.client, ways=[first, *(key for key in keys if key != first)], by=life.counselor
        )
        appointment = datetime.datetime.combine(day, datetime.time(11), life.client.zone)
        outbox.schedule(
            kind="client_appointment",
            client_or_staff=life.client,
            due_at=now,
            not_after=appointment,
            dedupe_key=f"demo-text:{life.client.pk}",
            context={"at": moments.kept(appointment)},
            by=life.counselor,
        )
    return len(chosen[-how_many:])


# One of each kind; none of them is a real person. The last comes first on Today.
REPLIES = (
    ("STOP", 6),
    ("no más mensajes por favor", 5),
    ("START", 4),  # from who wrote STOP
    ("too many texts", 3),
    ("Yes, I will be there\n\nOn Mon, Nov 2, 2026 at 9:00 AM Appointments wrote:\n> Reply STOP to opt out.", 3),
    ("I want to stop using, please call me", 2),
    ("I can't go on", 2),
    ("I want to end it all", 0),
)


def reply(lives: Sequence[Life], *, now: datetime.datetime) -> int:
    """Replies from some who were reminded, processed like any reply. One who was in danger has been reached since.

    Returns how many there were.
    """
    written = Reminder.objects.filter(client__in=[life.client.pk for life in lives], state=Reminder.State.SENT)
    addresses = list(
        written.order_by("client").values_list("delivery_attempts__contact_value", flat=True).distinct()[: len(REPLIES)]
    )
    if len(addresses) < len(REPLIES):
        return 0
    clinic = lives[0].client.clinic
    senders = [addresses[0], addresses[1], addresses[0], *addresses[2:]]
    for (words, days), value in zip(REPLIES, senders, strict=False):
        at = now - DAY * days - datetime.timedelta(minutes=20)
        opt_outs.receive(clinic=clinic, contact_value=value, words=words, at=at)
    before = CrisisReply.objects.open().filter(clinic=clinic, received_at__lt=now - DAY)
    for life in lives:
        for each in before.filter(client=life.client):
            done = "Called the same hour. Safe at a sister's home, plan gone over together, seen the next morning."
            crisis.resolve(reply=each, what_was_done=done, by=life.counselor)
    return len(REPLIES)

"""Consents to be reminded, and reminders: some went out in the past weeks, some are due today, some wait."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

from privacy import consents
from privacy.models import Channel
from reminders import delivery, outbox
from staff.models import StaffMember

from .histories import DAY, Life


def allow(lives: Sequence[Life], *, by: StaffMember, today: datetime.date) -> int:
    """Those who are here have signed that reminders may go to their e-mail address."""
    here = [life for life in lives if life.open_episode]
    for life in here:
        point = life.client.contact_points.filter(kind="email").first()
        if point is not None:
            consents.allow_reminders(
                client=life.client, channel=Channel.EMAIL, value=point.normalized, by=by, signed_on=today - DAY * 60
            )
    return len(here)


def remind(lives: Sequence[Life], *, now: datetime.datetime, chance: random.Random) -> tuple[int, int]:
    """Appointments of the past three weeks and the next two, each with its reminder the day before.

    The past ones are delivered through the same door as all others, each at its own hour, so that the mailbox and the
    charts show them as sent. Returns (sent, waiting).
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
            context={
                "day": f"{appointment:%A, %b} {appointment.day}",
                "time": f"{appointment:%I:%M %p}".lstrip("0"),
                "number": life.client.clinic.phone,
            },
            by=life.counselor,
        )
    sent = 0
    moment = now - DAY * 22
    while moment < now - datetime.timedelta(hours=1):
        for reminder_id, claim in delivery.claim_due(moment, 100):
            sent += delivery.deliver(reminder_id, claim, moment) == "sent"
        moment += datetime.timedelta(hours=6)
    return sent, len(chosen) - sent

"""Milestone messages, to people in care who allow messages. They name neither the milestone nor why.

The day is computed every hour from the record. Nothing is scheduled ahead, so nothing has to be canceled when a return
to use is recorded. The outbox holds each milestone of a stretch once.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from cases.models import Client
from cases.recovery import milestone_days
from cases.recovery.milestone_days import Reached
from reminders import contacts, outbox, standing
from reminders.kinds import KINDS
from reminders.models import Kind, Reminder
from staff.reading import Reading, reads

HOUR = datetime.time(10)
LAST = datetime.time(20, 59)
CHUNK = 500


def schedule_due(now: datetime.datetime) -> int:
    """Put today's milestones into the outbox. Returns how many are new; any number of calls send each once."""
    new = 0
    last = 0
    in_care = Client.objects.filter(merged_into=None, episodes__discharged_on=None).select_related("clinic").distinct()
    while clients := list(in_care.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = clients[-1].pk
        new += sum(_schedule(each, now) for each in milestone_days.reached(clients, now))
    return new


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which milestones no longer apply, asked just before sending: a return to use may have been recorded."""
    asked = {
        each.pk: (each.client, timezone.localdate(each.asked_for, each.client.zone))
        for each in reminders
        if each.client is not None
    }
    reached = {
        (found.client.pk, found.milestone.label, found.milestone.on)
        for found in (yield from milestone_days.reached_on.part(list(asked.values())))
    }
    return {
        each.pk: "the milestone no longer applies"
        for each in reminders
        if each.pk in asked and (each.client_id, _label(each), asked[each.pk][1]) not in reached
    }


def _schedule(each: Reached, now: datetime.datetime) -> bool:
    client = each.client
    stem = f"milestone:{client.pk}:{each.milestone.label}:"
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        earlier = Reminder.objects.filter(client=client, kind=Kind.CLIENT_MILESTONE, dedupe_key__startswith=stem)
        # The same milestone cannot come again sooner than it takes to reach: what looks like it is a corrected date.
        if earlier.filter(asked_for__gt=now - datetime.timedelta(days=each.days)).exists():
            return False
        if standing.why_not_about(Kind.CLIENT_MILESTONE, client):
            return False
        fitting = KINDS[Kind.CLIENT_MILESTONE].channels
        if not any(way.channel in fitting and not way.why_not for way in contacts.ways(client, now)):
            return False  # no one asked for it; unlike an appointment it leaves no task
        at = datetime.datetime.combine(each.milestone.on, HOUR)
        outbox.schedule(
            kind=Kind.CLIENT_MILESTONE,
            client_or_staff=client,
            due_at=outbox.wall_clock(at, zone=client.zone),
            not_after=outbox.wall_clock(datetime.datetime.combine(each.milestone.on, LAST), zone=client.zone),
            dedupe_key=f"{stem}{each.milestone.on}",
            context={},
        )
    return True


def _label(reminder: Reminder) -> str:
    return reminder.dedupe_key.split(":")[2]

"""Milestones reached today or in days to come, for many clients at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cases.models import Client, Relapse, SobrietyStatement
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

from . import sobriety
from .sobriety import Milestone


@dataclass(frozen=True)
class Reached:
    """A milestone and its day, in the client's own zone."""

    client: Client
    milestone: Milestone
    days: int  # since the sobriety date


@reads
def reached(clients: Sequence[Client], now: datetime.datetime) -> Reading[list[Reached]]:
    """The milestone each person reaches today, where they live, in one query for everyone."""
    days = [(client, timezone.localdate(now, client.zone)) for client in clients]
    return (yield from reached_within.part([(client, day, day) for client, day in days]))


@reads
def reached_within(spans: Sequence[tuple[Client, datetime.date, datetime.date]]) -> Reading[list[Reached]]:
    """The milestones each person reaches from a day to another, both included, by what is on record now; in one query
    for everyone.

    No milestones for anyone who is using, or whose last use is known only to the month or year.
    """
    keys = sorted({client.pk for client, _, _ in spans})
    events, stated = yield from together(
        rows(query(_returns, clients=keys)),
        rows(query(_statements, clients=keys)),
    )
    returns: dict[int, list[Relapse]] = defaultdict(list)
    for event in events:
        returns[event.client_id].append(event)
    statements: dict[int, list[SobrietyStatement]] = defaultdict(list)
    for statement in stated:
        statements[statement.client_id].append(statement)
    found = []
    for client, first, last in spans:
        standing = sobriety.standing_from(returns[client.pk], statements[client.pk], last)
        if standing.sobriety_date is None or standing.approximate:
            continue
        for milestone in sobriety.milestones_from(standing.sobriety_date, until=last):
            if milestone.on >= first:
                found.append(Reached(client, milestone, (milestone.on - standing.sobriety_date).days))
    return found


def _returns(clients: Any) -> QuerySet[Relapse]:
    return Relapse.objects.filter(IsOneOf("client", clients)).order_by("started_on", "pk")


def _statements(clients: Any) -> QuerySet[SobrietyStatement]:
    return SobrietyStatement.objects.filter(IsOneOf("client", clients)).order_by("stated_at", "pk")

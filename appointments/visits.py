"""Days on which clients were seen: kept appointments, and what apps above know (settings.VISIT_SOURCES)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from appointments.codes import Purpose, Step
from appointments.models import Appointment
from staff.prepared import IsOneOf
from staff.reading import Reading, Reads, each, known, query, reads, rows

Seen = list[tuple[int, datetime.datetime]]


@reads
def since(*, clients: Collection[int], since: datetime.datetime) -> Reading[dict[int, list[datetime.datetime]]]:
    """When each of these clients was seen since a moment, the earliest first. Specimen collection is no visit."""
    if not clients:
        return {}
    sources = [kept, *(import_string(path) for path in settings.VISIT_SOURCES)]
    found: dict[int, list[datetime.datetime]] = defaultdict(list)
    for seen in (yield from each(_asked(source, clients=clients, since=since) for source in sources)):
        for client_id, at in seen:
            found[client_id].append(at)
    return {client_id: sorted(moments) for client_id, moments in found.items()}


@reads
def kept(*, clients: Collection[int], since: datetime.datetime) -> Reading[Seen]:
    """Client and beginning of each kept appointment since a moment."""
    return (yield from rows(query(_kept, clients=sorted(clients), since=since)))


def _kept(clients: Any, since: Any) -> QuerySet[Appointment, Any]:
    found = Appointment.objects.filter(IsOneOf("client", clients), starts_at__gte=since).with_step()
    found = found.filter(step=Step.KEPT).exclude(purpose=Purpose.SPECIMEN)  # type: ignore[misc]  # annotated
    return found.order_by().values_list("client", "starts_at")


def _asked(source: Any, **asked: Any) -> Reading[Seen]:
    return source.part(**asked) if isinstance(source, Reads) else known(list(source(**asked)))

"""Attended group sessions as visits, for other apps; named in settings, never imported."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from groups.models import Attendance
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows


@reads
def attended(*, clients: Collection[int], since: datetime.datetime) -> Reading[list[tuple[int, datetime.datetime]]]:
    """Client and beginning of each session that they attended since a moment."""
    return (yield from rows(query(_attended, clients=sorted(clients), since=since)))


def _attended(clients: Any, since: Any) -> QuerySet[Attendance, Any]:
    found = Attendance.objects.filter(IsOneOf("membership__client", clients), session__starts_at__gte=since)
    return found.attended().order_by().values_list("membership__client", "session__starts_at")

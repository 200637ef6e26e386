"""Signed session notes as visits, for other apps; named in settings, never imported."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from counseling.codes import Modality
from counseling.models import SessionNote
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows


@reads
def held(*, clients: Collection[int], since: datetime.datetime) -> Reading[list[tuple[int, datetime.datetime]]]:
    """Client and beginning of each signed session since a moment. Case management may be without the client."""
    return (yield from rows(query(_held, clients=sorted(clients), since=since)))


def _held(clients: Any, since: Any) -> QuerySet[SessionNote, Any]:
    found = SessionNote.objects.filter(IsOneOf("client", clients)).signed().filter(session_started_at__gte=since)
    return found.exclude(modality=Modality.CASE_MANAGEMENT).order_by().values_list("client", "session_started_at")

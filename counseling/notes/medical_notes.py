"""Signed session notes of medical providers, for other apps; named in settings, never imported."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from counseling.models import SessionNote
from staff.models import Role
from staff.reading import Reading, reads, rows


@reads
def signed(*, clients: Collection[int], since: datetime.datetime) -> Reading[list[tuple[int, datetime.datetime]]]:
    """Client and beginning of each signed session of a medical provider since a moment, in one query."""
    notes = SessionNote.objects.signed().filter(
        client__in=clients, session_started_at__gte=since, author__role=Role.MEDICAL
    )
    return (yield from rows(notes.values_list("client", "session_started_at")))

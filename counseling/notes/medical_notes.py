"""Signed session notes of medical providers, for other apps; named in settings, never imported."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator

from counseling.models import SessionNote
from staff.models import Role


def signed(*, clients: Collection[int], since: datetime.datetime) -> Iterator[tuple[int, datetime.datetime]]:
    """Client and beginning of each signed session of a medical provider since a moment, in one query."""
    rows = SessionNote.objects.signed().filter(
        client__in=clients, session_started_at__gte=since, author__role=Role.MEDICAL
    )
    yield from rows.values_list("client", "session_started_at")

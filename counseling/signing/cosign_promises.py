"""Reminders of notes that wait for a second signature, some hours after the first, to the author's supervisor."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from counseling.models import SessionNote
from counseling.thresholds import COSIGN_REMINDER_HOURS
from staff import office_hours, promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

KIND = "staff_cosign"


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Notes of which a supervisor is to be reminded in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the note is cosigned, or another supervisor does it."""
    return (yield from promises.gone(reminders, "note_id", _promised, "the note was cosigned or handed over"))


def _promised(clinic: Clinic, notes: list[int] | None) -> Reading[list[Promise]]:
    """Where the author has no supervisor now, any may cosign: nobody in particular is reminded, and Today says it."""
    hours = datetime.timedelta(hours=COSIGN_REMINDER_HOURS.for_clinic(clinic))
    asked: dict[str, Any] = {} if notes is None else {"pk__in": notes}
    waiting = SessionNote.objects.signed().waiting_for_cosignature().filter(author__clinic=clinic, **asked)
    supervised = waiting.filter(author__supervisor__is_active=True).select_related("author__supervisor")
    office = office_hours.OfficeHours.of(clinic)
    found: list[Promise] = []
    for note in (yield from rows(supervised.order_by("pk"))):
        to = note.author.supervisor
        if to is None or note.signed_at is None:
            continue
        to.clinic = clinic
        at = office.next_open(note.signed_at + hours)
        found.append(promises.to_colleague(KIND, to, at, f"cosign:{note.pk}", {"note_id": note.pk}))
    return found

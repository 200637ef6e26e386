"""The reminder to sign: owed to the author of a draft some hours after the session, gone once the note is signed.

The reminder only nudges. That a draft waits for its signature is read from the note itself, on Today and the worklist.
"""

from __future__ import annotations

import datetime

from counseling.models import SessionNote
from counseling.thresholds import UNSIGNED_REMINDER_HOURS


def due_at(note: SessionNote) -> datetime.datetime:
    """When the author is to be reminded, by the clinic's own threshold."""
    hours = UNSIGNED_REMINDER_HOURS.for_clinic(note.client.clinic)
    return (note.session_ended_at or note.session_started_at) + datetime.timedelta(hours=hours)


def remind(note: SessionNote) -> None:
    """Schedule the reminder for the session's time as it stands now."""


def forget(note: SessionNote, *, reason: str) -> None:
    """Cancel the reminder: its cause is gone."""

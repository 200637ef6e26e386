"""A high risk that a note found stands as told, whatever the draft says later, until a clinician evaluates it.

A draft saves itself while it is typed, so that a tick in passing is a danger, too, until it is taken back at once.
"""

from __future__ import annotations

import datetime

from django.apps import apps

from counseling.codes import RiskScreen
from counseling.models import SessionNote
from counseling.thresholds import RISK_SLIP_MINUTES
from staff.acts import act
from staff.models import StaffMember

TOLD = "counseling.high_risk_told"
_HIGH = RiskScreen.HIGH


def hear(note: SessionNote, *, before: str, now: datetime.datetime, by: StaffMember) -> bool:
    """Set what a changed risk screen tells, before the note is saved, and audit it. `before` is what it said so far.

    Returns whether anything changed. A risk that is high again is told again.
    """
    if note.risk_screen == before or _HIGH not in (note.risk_screen, before):
        return False
    if note.risk_screen == _HIGH:
        note.high_risk_told_at = now
        with act(TOLD, by=by, client=note.client) as entry:
            entry.about(note)
        return True
    with act("counseling.high_risk_lowered", by=by, client=note.client) as entry:
        take_back(note, now=now)
        entry.about(note, stands=note.high_risk_told_at is not None)
    return True


def take_back(note: SessionNote, *, now: datetime.datetime) -> None:
    """The note says it no more, or is put away: only what was told just now, and nothing before it, was a slip."""
    if note.high_risk_told_at is None:  # from before this was kept
        note.high_risk_told_at = note.saved_at
    slip = datetime.timedelta(minutes=RISK_SLIP_MINUTES.for_clinic(note.client.clinic))
    if now - note.high_risk_told_at < slip and not _was_told_before(note):
        note.high_risk_told_at = None


def _was_told_before(note: SessionNote) -> bool:
    history = apps.get_model("counseling", "SessionNoteEvent")._default_manager.filter(
        pgh_obj=note.pk, high_risk_told_at__isnull=False
    )
    return bool(history.exclude(high_risk_told_at=note.high_risk_told_at).exists())

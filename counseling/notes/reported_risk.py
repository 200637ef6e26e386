"""High risk found in a note counts until a clinician evaluates it, whatever the draft says later.

Drafts save automatically, so an accidental selection counts as a danger too, unless it is corrected right away.
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
    """Record and audit a risk screen that became high or was lowered. `before` is the stored value.

    Returns whether anything changed. A risk that becomes high again is reported again.
    """
    if note.risk_screen == before or _HIGH not in (note.risk_screen, before):
        return False
    if note.risk_screen == _HIGH:
        note.high_risk_told_at = now
        with act(TOLD, by=by, client=note.client) as entry:
            entry.about(note)
        return True
    with act("counseling.high_risk_lowered", by=by, client=note.client) as entry:
        clear_if_slip(note, now=now)
        entry.about(note, stands=note.high_risk_told_at is not None)
    return True


def clear_if_slip(note: SessionNote, *, now: datetime.datetime) -> None:
    """The draft's risk was lowered or the draft discarded: it counts as a slip only if it was set just before."""
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

"""Drafts whose author left the clinic: whoever took over finishes and signs them (settings.LEAVING_*).

The author stays the author: the note says who wrote it and who finished it, and the signature is that of who signed.
"""

from __future__ import annotations

from cases.models import ClientRestriction
from counseling.models import SessionNote
from counseling.models.notes.note import NoteQuerySet
from staff.access import Permission, can
from staff.leaving import Held
from staff.models import StaffMember


def still_open(staff_member: StaffMember) -> list[Held]:
    """Drafts that nobody else can finish yet."""
    return [Held("Draft notes", _drafts(staff_member), "Someone else has to take them over.")]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:  # noqa: ARG001
    """Their drafts go to a colleague who signs notes, but for clients who restricted that colleague."""
    if not can(to, Permission.NOTE_SIGN):
        return
    barred = ClientRestriction.objects.in_force().filter(staff_member=to).values("client")
    for note in _drafts(staff_member).exclude(client__in=barred).select_for_update(no_key=True):
        note.taken_over_by = to
        note.save(update_fields=["taken_over_by"])


def _drafts(staff_member: StaffMember) -> NoteQuerySet:
    return SessionNote.objects.drafts().written_by(staff_member).defer("words")

"""Drafts that their author put away: kept, for the author alone, and taken up again where that was a mistake."""

from __future__ import annotations

from django.utils import timezone

from counseling import unsigned
from counseling.models import SessionNote
from counseling.notes import AlreadySigned, NotTheAuthor
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember


def take_up(*, note: SessionNote, by: StaffMember) -> SessionNote:
    """Make a draft of it again, with every word it had, and remind of its signature anew.

    One that is a draft already stays as it is. Raises NotTheAuthor, AlreadySigned.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    with act("counseling.take_up_draft", by=by, client=note.client) as entry:
        stored = (
            SessionNote.objects.select_for_update(of=("self",), no_key=True)
            .select_related("client__clinic")
            .get(pk=note.pk)
        )
        if stored.author_id != by.pk:
            raise NotTheAuthor
        if stored.signed_at is not None:
            raise AlreadySigned
        if stored.discarded_at is not None:
            stored.discarded_at = None
            stored.save(update_fields=["discarded_at"])
            unsigned.remind(stored, since=timezone.now())
        entry.about(stored)
    return stored

"""Discarded drafts: kept, visible only to their author, and restored on request."""

from __future__ import annotations

from django.utils import timezone

from counseling.models import SessionNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember

from . import sign_reminders
from .drafts import AlreadySigned, NotTheAuthor


def take_up(*, note: SessionNote, by: StaffMember) -> SessionNote:
    """Restore a discarded draft with all its text, and schedule its reminder again.

    A note that is already a draft does not change. Raises NotTheAuthor, AlreadySigned.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    with act("counseling.take_up_draft", by=by, client=note.client) as entry:
        stored = (
            SessionNote.objects.select_for_update(of=("self",), no_key=True)
            .select_related("client__clinic")
            .get(pk=note.pk)
        )
        if stored.writer_id != by.pk:
            raise NotTheAuthor
        if stored.signed_at is not None:
            raise AlreadySigned
        if stored.discarded_at is not None:
            stored.discarded_at = None
            stored.save(update_fields=["discarded_at"])
            sign_reminders.remind(stored, since=timezone.now())
        entry.about(stored)
    return stored

"""The author's decision that a client may have a SUD counseling note in a copy of their record.

The law gives a client no right of access to these notes (42 CFR 2.11; 45 CFR 164.524(a)(1)(i)), and forbids nobody to
give one to them: whoever wrote it decides.
"""

from __future__ import annotations

from django.utils import timezone

from counseling.models import SeparateForClient, SeparateNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

from .lifecycle import NotSignedYet, author_locked


class WhyShared(Refusal):
    """A decision without its reason."""

    sentence = "Say in a few words why the client may have this note."


def share_with_client(*, note: SeparateNote, reason: str, by: StaffMember) -> SeparateForClient:
    """Let copies of the client's record include a signed note from now on, for good.

    Raises NotPermitted for anyone but the author, NotSignedYet, WhyShared.
    """
    demand(by, Permission.NOTE_SEPARATE, note.client)
    with act("counseling.share_separate_note", by=by, client=note.client) as entry:
        stored = author_locked(note, by=by)
        if stored.signed_at is None:
            raise NotSignedYet
        if not says_something(reason, least=2, length=8):
            raise WhyShared
        shared = SeparateForClient.objects.filter(note=stored).first()
        if shared is not None:
            entry.nothing_changed()
            return shared
        shared = SeparateForClient.objects.create(
            clinic=stored.client.clinic,
            note=stored,
            decided_at=timezone.now(),
            decided_by=by,
            reason=reason.strip()[:300],
        )
        entry.about(shared, note=stored.pk)
    return shared

"""Links from a note's sentence to a known trigger, sign, strategy or goal, or to a new one."""

from __future__ import annotations

from django.utils import timezone

from cases.models import CopingStrategy, Trigger, WarningSign
from cases.models.recovery.learning import Learned
from cases.recovery import learning
from counseling.models import Goal, NoteMention, SessionNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import drafts

LEARNED: dict[str, type[Trigger] | type[WarningSign] | type[CopingStrategy]] = {
    "trigger": Trigger,
    "warning_sign": WarningSign,
    "strategy": CopingStrategy,
}
_ADD: dict[str, learning.Add] = {
    "trigger": learning.add_trigger,
    "warning_sign": learning.add_warning_sign,
    "strategy": learning.add_strategy,
}
LONGEST = 300


class SentenceNeeded(Refusal):
    sentence = "Copy the sentence from the note, or describe briefly where it came up."


class NothingChosen(Refusal):
    sentence = "Choose what came up, or enter something new."


class NotThisClient(Refusal):
    sentence = "That belongs to another client’s record."


def link(
    *,
    note: SessionNote,
    kind: str,
    what: Learned | Goal | str | None,
    quote: str,
    by: StaffMember,
    outcome: str = "",
    progress: str = "",
) -> NoteMention:
    """Link a sentence of a draft to a trigger, sign, strategy or goal. The same link twice is one.

    `kind` is trigger, warning_sign, strategy or goal; `what` is the row, or the wording of something new (no goal:
    goals are agreed on in the plan). Raises NotPermitted, SentenceNeeded, NothingChosen, NotThisClient, and what
    notes.lock_draft raises for a note that is not the author's own draft.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    quote = " ".join(quote.split())
    if not quote:
        raise SentenceNeeded
    if len(quote) > LONGEST:
        quote = quote[: LONGEST - 1].rstrip() + "…"
    with act("counseling.link_sentence", by=by, client=note.client) as entry:
        stored = drafts.lock_draft(note, by=by)
        row, day = what, timezone.localdate(stored.session_started_at, note.client.clinic.zone)
        if isinstance(what, str) and kind in LEARNED and what.strip():
            row = _ADD[kind](client=note.client, wording=what, by=by, first_seen_on=day, first_seen_in=stored.episode)
        if kind not in (*LEARNED, "goal") or isinstance(row, str) or row is None:
            raise NothingChosen
        if not isinstance(row, LEARNED.get(kind, Goal)) or row.client_id != note.client_id:
            raise NotThisClient
        mention, created = NoteMention.objects.get_or_create(
            note=stored,
            quote=quote,
            **{kind: row},
            defaults={
                "outcome": outcome if kind == "strategy" else "",
                "progress": progress if kind == "goal" else "",
                "recorded_at": timezone.now(),
                "recorded_by": by,
            },
        )
        if created and not isinstance(row, Goal):
            learning.true_again(items=[row], on=day, by=by)
        entry.about(mention, kind=kind, created=created)
    return mention


def unlink(*, mention: NoteMention, by: StaffMember) -> None:
    """Remove a link while the note is a draft. Anything new it added to the client's record stays."""
    demand(by, Permission.NOTE_WRITE, mention.note.client)
    with act("counseling.unlink_sentence", by=by, client=mention.note.client) as entry:
        drafts.lock_draft(mention.note, by=by)
        entry.about(mention.note, mention=mention.pk)
        mention.delete()

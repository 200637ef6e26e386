"""Signing notes: sign, cosign, add addenda, and verify signed notes."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.possible_days import check_possible
from cases.safety import safety_holds
from counseling import notes
from counseling.models import Addendum, NoteMention, NoteSignature, SessionNote
from counseling.notes import draft_merge, formats, sign_reminders
from counseling.thresholds import LATE_ENTRY_HOURS
from staff.access import Permission, demand
from staff.acts import act
from staff.credentials import SignatureKind
from staff.models import StaffMember
from staff.reading import Reading, query, reads
from staff.refusals import Refusal

from . import canonical, verifying
from .verifying import Verification


class ChangedSinceRead(Refusal):
    """The note changed after the signer opened the page."""

    sentence = "This note changed after you opened this page. Read it again, then sign."


class NothingWritten(Refusal):
    sentence = "This note is empty. Write at least one section, then sign."


class NotSigned(Refusal):
    sentence = "This note isn’t signed yet. Its author can still edit it."


class SessionNotOver(Refusal):
    sentence = "The session start time is in the future. Correct it, then sign."


class NotWhatWasSigned(Refusal):
    sentence = "This note changed after signing and can’t be cosigned. Tell the privacy officer."


class NoCosignatureNeeded(Refusal):
    sentence = "This note doesn’t need a cosignature."


class NotTheSupervisor(Refusal):
    sentence = "Only the author's supervisor can cosign this note."


class AddendumIncomplete(Refusal):
    sentence = "Enter the addendum text and a reason."


def sign(
    *,
    note: SessionNote,
    by: StaffMember,
    version: int | None = None,
    went_on_because: str = "",
    signed_with: str = "",
) -> NoteSignature:
    """Sign a draft as its author; after this no one can change it. Labels late entries and requires cosignatures.

    `version` is that of the text the signer has read; if another window has saved since, nothing is signed. A screener
    that the client's answers require comes first (question 9 of the PHQ-9: the C-SSRS), and so does the evaluation of
    an open safety concern, unless `went_on_because` gives a reason. `signed_with` is how the signer confirmed who they
    are (SignedWith); callers check it. Raises AlreadySigned, AlreadyDiscarded, NotTheAuthor, ChangedSinceRead,
    NothingWritten, SectionsEmpty, SessionNotOver, HeldOpen.
    """
    demand(by, Permission.NOTE_SIGN, note.client)
    now = timezone.now()
    with act("counseling.sign_note", by=by, client=note.client) as entry:
        stored = notes.lock_draft(note, by=by)
        if version is not None and version != stored.version:
            raise ChangedSinceRead
        if not any(text.strip() for text in stored.sections.values()):
            raise NothingWritten
        formats.demand_complete(stored)
        if stored.session_started_at > now:
            raise SessionNotOver
        check_possible(stored.client, session_day(stored))
        owed = safety_holds.holds(client=stored.client, on=session_day(stored))
        safety_holds.require_clearance(owed, went_on_because)
        because = safety_holds.reason_kept(owed, went_on_because)
        stored.signed_at = now
        stored.signed_by = by
        stored.is_late_entry = is_late(stored, signed_at=now, hours=LATE_ENTRY_HOURS.for_clinic(stored.client.clinic))
        stored.needs_cosignature = by.supervisor_id is not None
        mentions = list(NoteMention.objects.with_target().filter(note=stored))
        draft_merge.read_linked(stored)
        draft_merge.keep(stored, "mentions", mentions)
        stored.worded = canonical.wording(stored.goals.all(), stored.objectives.all(), mentions)
        signature = signature_of(stored, SignatureKind.SIGN, by, now, signed_with, because)
        stored.save(update_fields=["signed_at", "signed_by", "is_late_entry", "needs_cosignature", "worded"])
        signature.save()
        sign_reminders.forget(stored, reason="note signed")
        entry.about(stored, hash=signature.hash, late_entry=stored.is_late_entry, went_on=bool(because))
    note.refresh_from_db()
    return signature


def cosign(*, note: SessionNote, by: StaffMember, signed_with: str = "") -> NoteSignature:
    """Cosign a supervisee's signed note. The current supervisor cosigns; if there is none, any supervisor may.

    Raises NotSigned, NoCosignatureNeeded, NotTheSupervisor, NotWhatWasSigned.
    """
    demand(by, Permission.NOTE_COSIGN, note.client)
    with act("counseling.cosign_note", by=by, client=note.client) as entry:
        stored = SessionNote.objects.select_for_update(no_key=True).get(pk=note.pk)
        if stored.signed_at is None:
            raise NotSigned
        waiting = SessionNote.objects.filter(pk=stored.pk)
        if not waiting.waiting_for_cosignature().exists():
            raise NoCosignatureNeeded
        if not waiting.to_cosign_by(by).exists():
            raise NotTheSupervisor
        if not verify(stored).unchanged:
            raise NotWhatWasSigned
        signature = signature_of(stored, SignatureKind.COSIGN, by, timezone.now(), signed_with)
        signature.save()
        entry.about(stored, hash=signature.hash)
    return signature


def add_addendum(*, note: SessionNote, text: str, reason: str, by: StaffMember, signed_with: str = "") -> Addendum:
    """Correct or complete a signed note: the addendum is shown below it, and the note itself never changes.

    Raises NotSigned, AddendumIncomplete.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    if not text.strip() or not reason.strip():
        raise AddendumIncomplete
    with act("counseling.add_addendum", by=by, client=note.client) as entry:
        SessionNote.objects.select_for_update(no_key=True).get(
            pk=note.pk
        )  # one at a time: the same form may be under way twice
        signed = NoteSignature.objects.filter(note=note.pk, kind=SignatureKind.SIGN).first()
        if signed is None:
            raise NotSigned
        same: Addendum | None = Addendum.objects.filter(
            note=note, author=by, text=text.strip(), reason=reason.strip()
        ).first()
        if same is not None:  # the form was sent twice; no one could ever remove the second one
            return same
        addendum = Addendum(
            note=note, text=text.strip(), reason=reason.strip(), author=by, name=by.signature_name, at=timezone.now(),
            text_version=canonical.ADDENDUM_VERSION, signed_with=signed_with,
        )  # fmt: skip
        addendum.hash = canonical.digest(canonical.of_addendum(addendum, note_hash=signed.hash))
        addendum.save()
        entry.about(addendum, note=note.pk, hash=addendum.hash)
    return addendum


@reads
def verify(note: SessionNote) -> Reading[Verification]:
    """Recompute every hash from the database and compare."""
    stored = query(lambda note: SessionNote.objects.filter(pk=note).defer("words"), note=note.pk)
    found = yield from verifying.check_again.part(stored, [note.pk])
    return found[note.pk]


def session_day(note: SessionNote) -> datetime.date:
    """The local day on which the session took place."""
    return timezone.localdate(note.session_started_at, note.client.clinic.zone)


def is_late(note: SessionNote, *, signed_at: datetime.datetime, hours: int) -> bool:
    """Whether signing then makes it a late entry: more than so many hours after the session."""
    return signed_at - (note.session_ended_at or note.session_started_at) > datetime.timedelta(hours=hours)


def signature_of(
    note: SessionNote,
    kind: SignatureKind,
    signer: StaffMember,
    at: datetime.datetime,
    signed_with: str = "",
    went_on_because: str = "",
) -> NoteSignature:
    """A signature with its hash of the current note; unsaved."""
    signature = NoteSignature(
        note=note,
        kind=kind,
        signer=signer,
        name=signer.get_full_name(),
        credential=signer.credential,
        at=at,
        text_version=canonical.TEXT_VERSION,
        client_number=note.client_id,
        signed_with=signed_with,
        went_on_because=went_on_because,
    )
    signature.hash = canonical.digest(canonical.text(note, signature))
    return signature

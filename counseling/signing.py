"""Signing notes: sign, cosign, add addenda, and check that what was signed still stands as it was signed."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from cases import closing
from counseling import canonical, notes, unsigned
from counseling.codes import SignatureKind
from counseling.models import Addendum, NoteSignature, SessionNote
from counseling.thresholds import LATE_ENTRY_HOURS
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal


class ChangedSinceRead(Refusal):
    """The text is not the one that the signer was shown."""

    sentence = "The note was changed in another window since this page showed it. Read it again, then sign."


class NothingWritten(Refusal):
    sentence = "Nothing is written in this note yet. Write at least one section before signing."


class NotSigned(Refusal):
    sentence = "This note is not signed yet. Its author can still change it."


class SessionNotOver(Refusal):
    sentence = "The session has not begun yet by the times in the note. Correct the times before signing."


class NoCosignatureNeeded(Refusal):
    sentence = "This note does not wait for a cosignature."


class NotTheSupervisor(Refusal):
    sentence = "Only the author's supervisor can cosign this note."


class AddendumIncomplete(Refusal):
    sentence = "An addendum needs its text and the reason for it."


@dataclass(frozen=True)
class Verification:
    """Whether a note still is what was signed: one answer for each signature, and for all of them together."""

    hash_now: str
    signatures: tuple[tuple[NoteSignature, bool], ...]

    @property
    def unchanged(self) -> bool:
        """True if the note is signed and every signature's hash is the hash of the note as it stands."""
        return bool(self.signatures) and all(matches for _, matches in self.signatures)


def sign(*, note: SessionNote, by: StaffMember, version: int | None = None, went_on_because: str = "") -> NoteSignature:
    """Sign a draft as its author: after this nobody can change it. Labels late entries, asks for a cosignature if owed.

    `version` is that of the text which the signer has read; where another window has saved since, nothing is signed.
    A screen that the person's answers ask for comes first (question 9 of the PHQ-9: the C-SSRS); `went_on_because` says
    why it could not be asked.
    Raises AlreadySigned, AlreadyDiscarded, NotTheAuthor, ChangedSinceRead, NothingWritten, SessionNotOver, HeldOpen.
    """
    demand(by, Permission.NOTE_SIGN, note.client)
    now = timezone.now()
    with act("counseling.sign_note", by=by, client=note.client) as entry:
        stored = notes.lock_draft(note, by=by)
        if version is not None and version != stored.version:
            raise ChangedSinceRead
        if not any(text.strip() for text in stored.sections.values()):
            raise NothingWritten
        if stored.session_started_at > now:
            raise SessionNotOver
        because = closing.reason_to_go_on(client=stored.client, on=session_day(stored), because=went_on_because)
        signed = _signature(stored, SignatureKind.SIGN, by, now)
        signature = NoteSignature.objects.create(**signed, went_on_because=because)
        stored.signed_at = now
        stored.signed_by = by
        stored.is_late_entry = is_late(stored, signed_at=now, hours=LATE_ENTRY_HOURS.for_clinic(stored.client.clinic))
        stored.needs_cosignature = by.supervisor_id is not None
        stored.save(update_fields=["signed_at", "signed_by", "is_late_entry", "needs_cosignature"])
        unsigned.forget(stored, reason="note signed")
        entry.about(stored, hash=signature.hash, late_entry=stored.is_late_entry, went_on=bool(because))
    note.refresh_from_db()
    return signature


def cosign(*, note: SessionNote, by: StaffMember) -> NoteSignature:
    """Cosign a supervisee's signed note. The supervisor is whoever it is today; where nobody is, any supervisor may.

    Raises NotSigned, NoCosignatureNeeded, NotTheSupervisor.
    """
    demand(by, Permission.NOTE_COSIGN, note.client)
    with act("counseling.cosign_note", by=by, client=note.client) as entry:
        stored = SessionNote.objects.select_for_update(of=("self",)).select_related("author").get(pk=note.pk)
        if stored.signed_at is None:
            raise NotSigned
        if not SessionNote.objects.waiting_for_cosignature().filter(pk=stored.pk).exists():
            raise NoCosignatureNeeded
        if stored.author_id == by.pk or stored.author.supervisor_id not in (by.pk, None):
            raise NotTheSupervisor
        signature = NoteSignature.objects.create(**_signature(stored, SignatureKind.COSIGN, by, timezone.now()))
        entry.about(stored, hash=signature.hash)
    return signature


def add_addendum(*, note: SessionNote, text: str, reason: str, by: StaffMember) -> Addendum:
    """Correct or complete a signed note: the addendum stands under it, the note itself never changes.

    Raises NotSigned, AddendumIncomplete.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    if not text.strip() or not reason.strip():
        raise AddendumIncomplete
    with act("counseling.add_addendum", by=by, client=note.client) as entry:
        if not SessionNote.objects.signed().filter(pk=note.pk).exists():
            raise NotSigned
        same = Addendum.objects.filter(note=note, author=by, text=text.strip(), reason=reason.strip()).first()
        if same is not None:  # the form was sent twice; nobody could ever remove the second one
            return same
        addendum = Addendum.objects.create(
            note=note, text=text.strip(), reason=reason.strip(), author=by, name=by.signature_name, at=timezone.now()
        )
        entry.about(addendum, note=note.pk)
    return addendum


def verify(note: SessionNote) -> Verification:
    """Take the hash of the note as it stands in the database and compare it with each signature."""
    stored = SessionNote.objects.prefetch_related("signatures").get(pk=note.pk)
    hash_now = canonical.digest(canonical.text(stored))
    return Verification(hash_now, tuple((each, each.hash == hash_now) for each in stored.signatures.all()))


def session_day(note: SessionNote) -> datetime.date:
    """The local day on which the session took place."""
    return timezone.localdate(note.session_started_at, note.client.clinic.zone)


def is_late(note: SessionNote, *, signed_at: datetime.datetime, hours: int) -> bool:
    """Whether signing then makes it a late entry: more than so many hours after the session."""
    return signed_at - (note.session_ended_at or note.session_started_at) > datetime.timedelta(hours=hours)


def sign_many(*, signed: Mapping[int, datetime.datetime], by: StaffMember, cosigned: Iterable[int] = ()) -> int:
    """Sign many notes of the past as their authors signed them, in few queries: note id → time of signing.

    For imports and the demo; `by` is who imports. Hashes, labels and constraints are those of `sign`. The ids in
    `cosigned` also get the signature of their author's supervisor, a day later. Returns how many were signed.
    """
    with act("counseling.sign_many", by=by) as entry:
        drafts = SessionNote.objects.select_for_update(of=("self",)).drafts().filter(pk__in=signed)
        loaded = list(drafts.select_related("author__supervisor", "client__clinic"))
        goals = _links(SessionNote.goals.through, "goal_id", signed)
        objectives = _links(SessionNote.objectives.through, "objective_id", signed)
        hours = {clinic: LATE_ENTRY_HOURS.for_clinic(clinic) for clinic in {each.client.clinic for each in loaded}}
        cosigned = set(cosigned)
        signatures, late, supervised = [], [], []
        for note in loaded:
            at = signed[note.pk]
            text = canonical.text(note, goals=goals[note.pk], objectives=objectives[note.pk])
            signatures.append(NoteSignature(**_signature(note, SignatureKind.SIGN, note.author, at, text=text)))
            if is_late(note, signed_at=at, hours=hours[note.client.clinic]):
                late.append(note.pk)
            supervisor = note.author.supervisor
            if supervisor is not None:
                supervised.append(note.pk)
                if note.pk in cosigned:
                    at += datetime.timedelta(days=1)
                    signatures.append(
                        NoteSignature(**_signature(note, SignatureKind.COSIGN, supervisor, at, text=text))
                    )
        NoteSignature.objects.bulk_create(signatures, batch_size=500)
        ids = [note.pk for note in loaded]
        own = NoteSignature.objects.filter(note=OuterRef("pk"), kind=SignatureKind.SIGN)
        for chosen, labels in _by_labels(ids, late=set(late), supervised=set(supervised)).items():
            SessionNote.objects.filter(pk__in=labels).update(
                signed_at=Subquery(own.values("at")),
                signed_by=Subquery(own.values("signer")),
                is_late_entry=chosen[0],
                needs_cosignature=chosen[1],
            )
        if loaded:
            entry.about(loaded[0], count=len(loaded))
    return len(loaded)


def _by_labels(ids: list[int], *, late: set[int], supervised: set[int]) -> dict[tuple[bool, bool], list[int]]:
    groups: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for pk in ids:
        groups[pk in late, pk in supervised].append(pk)
    return groups


def _links(through: type, column: str, ids: Iterable[int]) -> dict[int, list[int]]:
    rows = through._default_manager.filter(sessionnote_id__in=ids).values_list("sessionnote_id", column)  # type: ignore[attr-defined]
    links: dict[int, list[int]] = defaultdict(list)
    for note, other in rows:
        links[note].append(other)
    return links


def _signature(
    note: SessionNote, kind: SignatureKind, signer: StaffMember, at: datetime.datetime, *, text: str | None = None
) -> dict[str, object]:
    return {
        "note": note,
        "kind": kind,
        "signer": signer,
        "name": signer.get_full_name(),
        "credential": signer.credential,
        "at": at,
        "hash": canonical.digest(canonical.text(note) if text is None else text),
        "text_version": canonical.TEXT_VERSION,
    }

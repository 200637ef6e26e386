"""Years of notes and measures at once: past rows in a few statements, under the same constraints as single ones.

Hashes, labels and triggers are those of the acts that write them one by one (counseling.signing, counseling.measures,
counseling.sud_counseling_notes); `by` is the person who imports them, and one audit entry says how many there were.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from cases.models import Client, TreatmentEpisode
from counseling import notes, signing, sud_counseling_notes
from counseling.models import Goal, Measure, NoteMention, NoteSignature, SeparateNote, SessionNote
from counseling.notes import formats
from counseling.signing import canonical
from counseling.thresholds import LATE_ENTRY_HOURS
from staff.acts import act
from staff.credentials import SignatureKind
from staff.encrypted_fields import numbered
from staff.models import StaffMember

from . import bulk


def blank_note(
    *, client: Client, episode: TreatmentEpisode, author: StaffMember, format: str, at: datetime.datetime, **fields: Any
) -> SessionNote:
    """An unsaved note for `add_notes`: session begun at `at`, header fields and `sections` as given."""
    chosen = next((each for each in formats.SHIPPED if each.code == format), None)
    if chosen is None:
        raise notes.UnknownFormat
    return SessionNote(
        client=client,
        episode=episode,
        author=author,
        format=format,
        layout=[dict(section) for section in chosen.layout],
        session_started_at=at,
        **{"started_at": at, "saved_at": at, **fields},
    )


def add_notes(
    *, drafts: Iterable[SessionNote], goals: Mapping[int, Iterable[Goal]], by: StaffMember
) -> list[SessionNote]:
    """Insert many unsigned notes of the past; `sign_notes` signs them.

    `goals` maps a draft's place in `drafts` to the goals it addresses. No reminders are scheduled, since these are
    signed at once.
    """
    rows = list(drafts)
    through = SessionNote.goals.through
    with act("counseling.bulk_history", by=by) as entry:
        SessionNote.objects.bulk_create(rows, batch_size=500)
        through._default_manager.bulk_create(
            [
                through(sessionnote_id=rows[place].pk, goal_id=goal.pk)
                for place, addressed in goals.items()
                for goal in addressed
            ],
            batch_size=1000,
        )
        if rows:
            entry.about(rows[0], count=len(rows))
    return rows


def sign_notes(*, signed: Mapping[int, datetime.datetime], by: StaffMember, cosigned: Iterable[int] = ()) -> int:
    """Sign many past notes as their authors: note id → time of signing. Returns how many were signed.

    The ids in `cosigned` also get the signature of their author's supervisor, a day later.
    """
    with act("counseling.sign_many", by=by) as entry:
        drafts = SessionNote.objects.select_for_update(of=("self",), no_key=True).drafts().filter(pk__in=signed)
        loaded = list(drafts)
        mentions = Prefetch("mentions", NoteMention.objects.with_target())
        around = ("author__supervisor", "client__clinic", "goals", "objectives", mentions)
        prefetch_related_objects(loaded, *around)  # a few people and many notes: each person once
        hours = {clinic: LATE_ENTRY_HOURS.for_clinic(clinic) for clinic in {each.client.clinic for each in loaded}}
        cosigned = set(cosigned)
        signatures, cosignatures = [], []
        for note in loaded:
            at, supervisor = signed[note.pk], note.author.supervisor
            note.is_late_entry = signing.is_late(note, signed_at=at, hours=hours[note.client.clinic])
            note.needs_cosignature = supervisor is not None
            note.worded = canonical.wording(note.goals.all(), note.objectives.all(), note.mentions.all())
            note.signed_at, note.signed_by = at, note.author
            signatures.append(signing.signature_of(note, SignatureKind.SIGN, note.author, at))
            if supervisor is not None and note.pk in cosigned:
                day_after = at + datetime.timedelta(days=1)
                cosignatures.append(signing.signature_of(note, SignatureKind.COSIGN, supervisor, day_after))
        NoteSignature.objects.bulk_create(signatures, batch_size=500)
        labels = ["signed_at", "signed_by", "is_late_entry", "needs_cosignature", "worded"]
        bulk.store(loaded, labels)
        NoteSignature.objects.bulk_create(cosignatures, batch_size=500)
        if loaded:
            entry.about(loaded[0], count=len(loaded))
    return len(loaded)


def add_measures(*, measures: Iterable[Measure], by: StaffMember) -> int:
    """Store many measures of the past, each made by `counseling.measures.filled_in`. How many."""
    rows = list(measures)
    with act("counseling.bulk_measures", by=by) as entry:
        Measure.objects.bulk_create(rows, batch_size=1000)
        if rows:
            entry.about(rows[0], count=len(rows))
    return len(rows)


def add_separate_notes(*, written: Iterable[SeparateNote], by: StaffMember) -> int:
    """Insert many signed separate notes of the past. How many."""
    rows = list(written)
    with act("counseling.bulk_separate_notes", by=by) as entry:
        numbered(rows)
        SeparateNote.objects.bulk_create(rows, batch_size=500)
        for note in rows:
            note.signed_at, note.signed_by_id, note.hash = (
                note.saved_at,
                note.author_id,
                sud_counseling_notes.fingerprint(note),
            )
        bulk.store(rows, ["signed_at", "signed_by", "hash"])
        if rows:
            entry.about(rows[0], count=len(rows))
    return len(rows)

"""Verifies a signed note: recomputes each signature's and addendum's hash from what is stored.

A hash alone reveals a change only if its author did not know how to compute a new one. So each hash is also compared
with the copy that the history took when it was written (a separate append-only table).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db.models import QuerySet

from cases.merging import same_person
from counseling.models import Addendum, Fault, NoteMention, NoteSignature, SessionNote
from staff.credentials import SignatureKind
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, query, reads, rows, together

from . import canonical

S = TypeVar("S", NoteSignature, Addendum)
P = TypeVar("P")


@dataclass(frozen=True)
class Check(Generic[S]):
    """One signature or addendum: the text it covers, that text's hash now, and the hash in the history."""

    subject: S
    text: str
    computed: str  # empty where the text cannot be made: rules of a later release
    recorded: str | None  # None where the history holds no copy

    @property
    def stored(self) -> str:
        """The stored hash."""
        return self.subject.hash

    @property
    def is_checkable(self) -> bool:
        """Addenda from before they had a hash cannot be checked."""
        return bool(self.stored or self.recorded)

    @property
    def holds(self) -> bool:
        """Whether the hashes match."""
        return not self.is_checkable or (self.computed == self.stored and self.recorded in (None, self.stored))


@dataclass(frozen=True)
class Verification:
    """The result of verifying a note: for each signature and addendum, and overall."""

    signed: tuple[Check[NoteSignature], ...]
    addenda: tuple[Check[Addendum], ...] = ()
    signatures_gone: int = 0
    addenda_gone: int = 0
    is_elsewhere: bool = False

    @property
    def hash_now(self) -> str:
        """The hash of the author's current text; empty for a draft."""
        return next((each.computed for each in self.signed if each.subject.kind == SignatureKind.SIGN), "")

    @property
    def signatures(self) -> tuple[tuple[NoteSignature, bool], ...]:
        """Each signature, and whether it holds."""
        return tuple((each.subject, each.holds) for each in self.signed)

    @property
    def faults(self) -> list[Fault]:
        """All problems found."""
        broken = {each.subject.kind for each in self.signed if not each.holds}
        has_author = any(each.subject.kind == SignatureKind.SIGN for each in self.signed)
        found = {
            Fault.TEXT: SignatureKind.SIGN in broken,
            Fault.COSIGNATURE: SignatureKind.COSIGN in broken,
            Fault.UNSIGNED: self.signatures_gone > 0 or not has_author,
            Fault.ADDENDUM: not all(each.holds for each in self.addenda),
            Fault.ADDENDUM_GONE: self.addenda_gone > 0,
            Fault.ELSEWHERE: self.is_elsewhere,
        }
        return [fault for fault, is_so in found.items() if is_so]

    @property
    def unchanged(self) -> bool:
        """True if the note is signed and nothing changed after signing."""
        return not self.faults


@reads
def check_all(notes: Iterable[SessionNote]) -> Reading[list[Verification]]:
    """The same for many notes at once, in as many statements as for one."""
    found = list(notes)
    parts = yield from _parts_of([note.pk for note in found])
    together_now = _one_person(found, parts)
    return [_check(note, parts, together_now) for note in found]


@reads
def check_again(
    notes: QuerySet[SessionNote] | Query[SessionNote], ids: Sequence[int]
) -> Reading[dict[int, Verification]]:
    """By number, of the notes with these numbers as they are in the database now."""
    asked = notes.filter(pk__in=ids) if isinstance(notes, QuerySet) else notes
    found, parts = yield from together(rows(asked), _parts_of(ids))
    together_now = _one_person(found, parts)
    return {note.pk: _check(note, parts, together_now) for note in found}


def as_signed(note: SessionNote, check: Check[NoteSignature]) -> str:
    """The text that was signed, if the note's history still has it; otherwise empty."""
    event = apps.get_model("counseling", "sessionnoteevent")
    signature = check.subject
    for row in event._default_manager.filter(pgh_obj_id=note.pk, signed_at__isnull=False).order_by("pk")[:10]:
        names = [field.attname for field in SessionNote._meta.concrete_fields if hasattr(row, field.attname)]
        before = SessionNote(**{name: getattr(row, name) for name in names})
        try:
            text = canonical.text(before, signature, canonical.Linked.of(note))
        except canonical.UnknownRules:
            return ""
        if canonical.digest(text) in (signature.hash, check.recorded):
            return text
    return ""


@dataclass(frozen=True)
class _Parts:
    """What belongs to notes, by note; the history's hashes by note and row."""

    signatures: Mapping[int, list[NoteSignature]]
    addenda: Mapping[int, list[Addendum]]
    mentions: Mapping[int, list[NoteMention]]
    goals: Mapping[int, list[int]]
    objectives: Mapping[int, list[int]]
    signatures_seen: Mapping[int, dict[int, str]]
    addenda_seen: Mapping[int, dict[int, str]]


def _parts_of(ids: Sequence[int]) -> Reading[_Parts]:
    """All at one moment: what is signed or added meanwhile must not look removed."""
    notes = list(ids)
    signatures, addenda, mentions, linked, signatures_seen, addenda_seen = yield from together(
        rows(query(lambda notes: NoteSignature.objects.filter(IsOneOf("note", notes)), notes=notes)),
        rows(query(lambda notes: Addendum.objects.filter(IsOneOf("note", notes)), notes=notes)),
        rows(query(lambda notes: NoteMention.objects.filter(IsOneOf("note", notes)), notes=notes)),
        together(rows(query(_goals_named, notes=notes)), rows(query(_objectives_named, notes=notes))),
        _recorded("notesignatureevent", ids),
        _recorded("addendumevent", ids),
    )
    return _Parts(
        signatures=_by_note((each.note_id, each) for each in signatures),
        addenda=_by_note((each.note_id, each) for each in addenda),
        mentions=_by_note((each.note_id, each) for each in mentions),
        goals=_by_note(linked[0]),
        objectives=_by_note(linked[1]),
        signatures_seen=signatures_seen,
        addenda_seen=addenda_seen,
    )


def _goals_named(notes: Any) -> QuerySet[Any, tuple[int, int]]:
    named = SessionNote.goals.through._default_manager.filter(IsOneOf("sessionnote", notes))
    return named.order_by("goal__opened_on", "goal").values_list("sessionnote", "goal")


def _objectives_named(notes: Any) -> QuerySet[Any, tuple[int, int]]:
    named = SessionNote.objectives.through._default_manager.filter(IsOneOf("sessionnote", notes))
    return named.order_by("objective__due_on", "objective").values_list("sessionnote", "objective")


def _by_note(pairs: Iterable[tuple[int, P]]) -> Mapping[int, list[P]]:
    found: defaultdict[int, list[P]] = defaultdict(list)
    for note, part in pairs:
        found[note].append(part)
    return found


def _one_person(notes: Sequence[SessionNote], parts: _Parts) -> Mapping[int, int]:
    """Record → one number for all records of a person. Read only if a note is elsewhere than it was signed for."""
    moved = {
        note.client_id
        for note in notes
        for each in parts.signatures[note.pk]
        if each.client_number not in (None, note.client_id)
    }
    return same_person.one_person(moved) if moved else {}


def _check(note: SessionNote, parts: _Parts, person: Mapping[int, int]) -> Verification:
    signatures, addenda = parts.signatures_seen[note.pk], parts.addenda_seen[note.pk]
    linked = canonical.Linked(parts.goals[note.pk], parts.objectives[note.pk], parts.mentions[note.pk])
    signed = tuple(_of_signature(note, each, linked, signatures.get(each.pk)) for each in parts.signatures[note.pk])
    found = Verification(
        signed=signed,
        signatures_gone=len(signatures.keys() - {each.subject.pk for each in signed}),
        addenda_gone=len(addenda.keys() - {each.pk for each in parts.addenda[note.pk]}),
        is_elsewhere=any(
            person.get(each.client_number, each.client_number) != person.get(note.client_id, note.client_id)
            for each in parts.signatures[note.pk]
            if each.client_number is not None
        ),
    )
    author = next((each.stored for each in signed if each.subject.kind == SignatureKind.SIGN), "")
    checks = (_of_addendum(each, author, addenda.get(each.pk)) for each in parts.addenda[note.pk])
    return replace(found, addenda=tuple(checks))


def _of_signature(
    note: SessionNote, signature: NoteSignature, linked: canonical.Linked, recorded: str | None
) -> Check[NoteSignature]:
    try:
        text = canonical.text(note, signature, linked)
    except canonical.UnknownRules:
        return Check(signature, "", "", recorded)
    return Check(signature, text, canonical.digest(text), recorded)


def _of_addendum(addendum: Addendum, note_hash: str, recorded: str | None) -> Check[Addendum]:
    if addendum.text_version != canonical.ADDENDUM_VERSION:
        return Check(addendum, "", "", recorded)
    text = canonical.of_addendum(addendum, note_hash=note_hash)
    return Check(addendum, text, canonical.digest(text), recorded)


def _recorded(table: str, ids: Sequence[int]) -> Reading[Mapping[int, dict[int, str]]]:
    """Note → row → the hash with which the history saw it written."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for note, row, value in (yield from rows(query(_inserted, table=table, notes=list(ids)))):
        found[note][row] = value
    return found


def _inserted(table: str, notes: Any) -> QuerySet[Any, tuple[int, int, str]]:
    model: Any = apps.get_model("counseling", table)
    written: QuerySet[Any] = model._default_manager.filter(IsOneOf("note", notes), pgh_label="insert")
    return written.values_list("note_id", "id", "hash")

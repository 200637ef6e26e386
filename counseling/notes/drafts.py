"""Writing a session note: start, save drafts, discard. Signing is in signing.py."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict, Unpack

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.possible_days import check_possible
from counseling.codes import RiskScreen
from counseling.models import Goal, Objective, SessionNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import answer, locked, query
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import PLANS, check_moments

from . import draft_merge, formats, reported_risk, sign_reminders, superseded_text


class Header(TypedDict, total=False):
    """The fields above a note's sections."""

    session_started_at: datetime.datetime
    session_ended_at: datetime.datetime | None
    modality: str
    place: str
    attendees: str
    risk_screen: str
    risk_detail: str
    next_session_on: datetime.date | None


class Details(Header, total=False):
    """The header and what the note addresses; lists are always complete."""

    goals: Iterable[Goal]
    objectives: Iterable[Objective]


class NoteFields(Details, total=False):
    """The same with the texts of the sections by their keys."""

    sections: Mapping[str, str]


HEADER_FIELDS = frozenset(Header.__annotations__)


class NotTheAuthor(Refusal):
    sentence = "Only the author can edit this draft. Start your own note, or add an addendum after it is signed."


class AlreadySigned(Refusal):
    sentence = "This note is signed and can’t be changed. Add an addendum instead."


class AlreadyDiscarded(Refusal):
    sentence = "This draft was discarded. Start a new note."


class UnknownFormat(Refusal):
    sentence = "That note format isn’t available at this clinic. Choose another one."


class EpisodeOfSomebodyElse(Refusal):
    sentence = "That episode belongs to another client."


class GoalOfSomebodyElse(Refusal):
    sentence = "Choose goals and objectives from this client’s own plan."


class DraftConflict(Refusal):
    """The same part of the draft was changed in two windows. Carries both versions; nothing is written.

    `mine` and `theirs` are the texts by section; `changed` holds all that was changed here and `standing` all that the
    draft holds now, by the names of `draft_merge.parts_of`; `clashing` names the parts that both sides changed.
    """

    sentence = "This draft changed in another window after you opened it. Compare both versions and choose."

    def __init__(
        self, *, changed: Mapping[str, object], standing: Mapping[str, object], clashing: frozenset[str], version: int
    ) -> None:
        self.changed, self.standing, self.clashing, self.version = dict(changed), dict(standing), clashing, version
        self.theirs = _texts(standing)
        self.mine = self.theirs | _texts(changed)
        super().__init__()


def start(
    *, client: Client, episode: TreatmentEpisode, by: StaffMember, format: str = "soap", **fields: Unpack[NoteFields]
) -> SessionNote:
    """Start a note about a session in this episode. `fields` are the header, goals and objectives, and texts.

    Without a modality it gets the format's default session type. Raises UnknownFormat, NotForThisKind and
    EpisodeOfSomebodyElse.
    """
    demand(by, Permission.NOTE_WRITE, client)
    if episode.client_id != client.pk:
        raise EpisodeOfSomebodyElse
    header = _header(fields)
    _check_days(client, fields)
    now = timezone.now()
    with act("counseling.start_note", by=by, client=client) as entry:
        chosen = formats.named(client.clinic, format, hold=True)
        if chosen is None:
            raise UnknownFormat
        header = {"session_started_at": now, "modality": chosen.usual_kind, **header}
        if not chosen.is_for(fields.get("modality", chosen.usual_kind)):
            raise formats.NotForThisKind
        note = SessionNote(
            client=client,
            episode=episode,
            author=by,
            format=chosen.code,
            own_format=chosen.own,
            layout=[dict(section) for section in chosen.layout],
            started_at=now,
            saved_at=now,
        )
        for name, value in header.items():
            setattr(note, name, value)
        note.sections = _sections(note, fields.get("sections", {}))
        if note.risk_screen == RiskScreen.HIGH:
            note.high_risk_told_at = now
        note.save()
        _link(note, goals=fields.get("goals"), objectives=fields.get("objectives"))
        sign_reminders.remind(note)
        entry.about(note, format=chosen.code)
    return note


def save_draft(
    *,
    note: SessionNote,
    version: int,
    by: StaffMember,
    since: Mapping[str, str] | None = None,
    **fields: Unpack[NoteFields],
) -> SessionNote:
    """Save a draft unless another window changed the same part: `version` is the one the writer started from.

    `fields` are header fields, `goals` and `objectives` (the whole new list), `sections` (key → text; missing keys
    don't change), or single sections by their key. `since` (`draft_merge.digests`, as the writer's page carries them)
    says what the writer started from in each part, so changes to other parts in another window are kept. Without it,
    every difference from a newer draft is a conflict. Text that is already in the draft is no conflict: the response to
    a save may have been lost, and the same text comes again.

    Writes no audit entry: saving comes every few seconds and changes nothing but the author's own draft; starting,
    signing and discarding are audited, and so is a risk that becomes high or is lowered (reported_risk.py).

    Raises DraftConflict with both texts, NotTheAuthor, AlreadySigned, AlreadyDiscarded, GoalOfSomebodyElse.
    """
    demand(by, Permission.NOTE_WRITE)
    own = {part["key"] for part in note.layout}
    header, links = _header(fields, besides=own), _links(fields)
    single = {key: str(text) for key, text in fields.items() if key in own}
    sections = {**fields.get("sections", {}), **single}
    with transaction.atomic(), pghistory.context(staff_member=by.pk, act="counseling.save_draft"):
        stored = lock_draft(note, by=by)
        _check_days(note.client, fields)
        answer(draft_merge.read_linked.part(stored), keep_plan=True)
        sections = _sections(stored, sections)
        if since is not None or stored.version != version:
            taken = _settled(stored, version=version, since=since or {}, sections=sections, fields={**header, **links})
            if not taken:
                return stored
            sections = {key: text for key, text in sections.items() if f"{draft_merge.SECTION}{key}" in taken}
            header = {name: value for name, value in header.items() if draft_merge.part_with(name) in taken}
            if "goals" not in taken:
                links.pop("goals", None)
            if "objectives" not in taken:
                links.pop("objectives", None)
        times = (stored.session_started_at, stored.session_ended_at)
        stored.sections = {**stored.sections, **sections}
        before = stored.risk_screen
        for name, value in header.items():
            setattr(stored, name, value)
        now = timezone.now()
        told = ["high_risk_told_at"] if reported_risk.hear(stored, before=before, now=now, by=by) else []
        stored.version += 1
        stored.saved_at = now
        stored.save(update_fields=["sections", "version", "saved_at", *header, *told])
        _link(stored, goals=links.get("goals"), objectives=links.get("objectives"))
        if (stored.session_started_at, stored.session_ended_at) != times:
            sign_reminders.remind(stored)
    return stored


def settle_conflict(
    *,
    note: SessionNote,
    version: int,
    by: StaffMember,
    chosen: Mapping[str, str],
    other: Mapping[str, str],
    other_details: Mapping[str, str] | None = None,
    **fields: Unpack[Details],
) -> SessionNote:
    """Save the chosen texts and header `fields` and keep the others as superseded text.

    `other_details` are the header's parts that were not chosen, in words. Raises DraftConflict again if the draft moved
    on meanwhile.
    """
    with act("counseling.settle_draft_conflict", by=by, client=note.client) as entry:
        saved = save_draft(note=note, version=version, by=by, sections=chosen, **fields)
        superseded_text.keep(note=saved, sections=other, details=other_details or {}, by=by)
        entry.about(saved)
    return saved


def discard(*, note: SessionNote, by: StaffMember) -> SessionNote:
    """Discard a draft. It leaves every list but stays readable for its author; a signed note can't be discarded."""
    demand(by, Permission.NOTE_WRITE, note.client)
    with act("counseling.discard_draft", by=by, client=note.client) as entry:
        stored = lock_draft(note, by=by)
        stored.discarded_at = timezone.now()
        if stored.risk_screen == RiskScreen.HIGH or stored.high_risk_told_at is not None:
            reported_risk.clear_if_slip(stored, now=stored.discarded_at)
        stored.save(update_fields=["discarded_at", "high_risk_told_at"])
        sign_reminders.forget(stored, reason="draft discarded")
        entry.about(stored)
    return stored


def lock_draft(note: SessionNote, *, by: StaffMember) -> SessionNote:
    """The current note, locked, if it is the person's own draft or one they took over; otherwise the refusal.

    Raises NotPermitted for someone who may not see its client.
    """
    found = locked(
        query(
            lambda note, by: (
                SessionNote.objects.filter(pk=note)
                .select_related("client__clinic")
                .defer("words")
                .annotate(is_seen=Exists(Client.objects.visible_to(by).filter(pk=OuterRef("client"))))
            ),
            note=note,
            by=by,
        )
    )
    if not found:
        raise SessionNote.DoesNotExist
    (stored,) = found
    if not stored.is_seen:  # type: ignore[attr-defined]  # annotated above
        raise NotPermitted
    if stored.signed_at is not None:
        raise AlreadySigned
    if stored.writer_id != by.pk:
        raise NotTheAuthor
    if stored.discarded_at is not None:
        raise AlreadyDiscarded
    if stored.author_id == by.pk:
        stored.author = by
    else:
        stored.taken_over_by = by
    return stored


def _settled(
    stored: SessionNote,
    *,
    version: int,
    since: Mapping[str, str],
    sections: Mapping[str, str],
    fields: Mapping[str, object],
) -> Collection[str]:
    """The names of the parts to write. Raises DraftConflict if both sides changed one."""
    standing = draft_merge.parts_of(stored)
    sent = draft_merge.named(stored, sections=sections, fields=fields)
    begun_from = {**(draft_merge.digests(stored) if stored.version == version else {}), **since}
    outcome = draft_merge.merge(standing=standing, sent=sent, since=begun_from)
    if outcome.clashing:
        changed = {name: value for name, value in sent.items() if name in outcome.clashing or name in outcome.taken}
        raise DraftConflict(changed=changed, standing=standing, clashing=outcome.clashing, version=stored.version)
    return outcome.taken


def _texts(parts: Mapping[str, object]) -> dict[str, str]:
    start = draft_merge.SECTION
    return {name.removeprefix(start): str(text) for name, text in parts.items() if name.startswith(start)}


def _check_days(client: Client, header: NoteFields) -> None:
    """A signed note can never change, so a note's days must be possible from the first draft on."""
    for moment in (header.get("session_started_at"), header.get("session_ended_at")):
        if moment is not None:
            check_moments(moment)
            check_possible(client, timezone.localdate(moment, client.clinic.zone))
    check_possible(client, header.get("next_session_on"), ahead=PLANS)


def _header(fields: NoteFields, besides: Collection[str] = ()) -> dict[str, object]:
    """Only the header fields. An unknown field is a bug in the caller and is refused."""
    if unknown := fields.keys() - {*NoteFields.__annotations__, *besides}:
        raise TypeError(f"A note has no field {', '.join(sorted(unknown))}.")
    return {name: value for name, value in fields.items() if name in HEADER_FIELDS}


def _links(fields: NoteFields) -> Details:
    links: Details = {}
    if "goals" in fields:
        links["goals"] = list(fields["goals"])
    if "objectives" in fields:
        links["objectives"] = list(fields["objectives"])
    return links


def _sections(note: SessionNote, given: Mapping[str, str]) -> dict[str, str]:
    keys = {section["key"] for section in note.layout}
    if set(given) - keys:
        raise TypeError(f"This format has no section {', '.join(sorted(set(given) - keys))}.")
    return {key: text.replace("\r\n", "\n") for key, text in given.items()}


def _link(
    note: SessionNote, *, goals: Iterable[Goal] | None = None, objectives: Iterable[Objective] | None = None
) -> None:
    if goals is not None:
        goals = list(goals)
        if any(goal.client_id != note.client_id for goal in goals):
            raise GoalOfSomebodyElse
        if {goal.pk for goal in goals} != {goal.pk for goal in note.goals.all()}:
            note.goals.set(goals)
    if objectives is not None:
        objectives = list(objectives)
        ids = {each.pk for each in objectives}
        if ids == {each.pk for each in note.objectives.all()}:
            return
        if Objective.objects.filter(pk__in=ids).exclude(goal__client=note.client_id).exists():
            raise GoalOfSomebodyElse
        note.objectives.set(objectives)

"""Three-way merge of a draft: what was sent, what is stored now, and what both started from.

A page carries a short digest of each part from when it was rendered. With it, a save can distinguish parts that the
writer changed from parts that were only sent along. Two windows can then work on different parts of a note, and only a
part that both changed needs a decision.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from counseling.models import Goal, Objective, SessionNote
from staff.reading import Reading, query, reads, rows, together

TIMES = "times"
SECTION = "section_"
LINKED = ("goals", "objectives")
DETAILS = ("modality", "place", "attendees", "next_session_on", "risk_screen", "risk_detail")
MOMENTS = ("session_started_at", "session_ended_at")

Linked = tuple[list[Goal], list[Objective]]


@dataclass(frozen=True)
class Merge:
    """Result of a merge: parts to write, and parts that both sides changed differently."""

    taken: dict[str, Any]
    clashing: frozenset[str]


@reads
def read_linked(note: SessionNote) -> Reading[None]:
    """Read the goals and objectives that a note names, so that nobody asks for them until they are set anew."""
    if not all(name in _held(note) for name in LINKED):
        found = yield from linked_to(note.pk)
        hold(note, found)


def linked_to(note_id: int) -> Reading[Linked]:
    """The goals and objectives that a note names."""
    return (
        yield from together(
            rows(query(lambda note_id: Goal.objects.filter(notes=note_id), note_id=note_id)),
            rows(query(lambda note_id: Objective.objects.filter(notes=note_id), note_id=note_id)),
        )
    )


def named_in(note_id: int) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """The keys of the goals and objectives that a note names, as subqueries."""
    goals = SessionNote.goals.through._default_manager.filter(sessionnote=note_id)
    objectives = SessionNote.objectives.through._default_manager.filter(sessionnote=note_id)
    return goals.values("goal"), objectives.values("objective")


@reads
def read_linked_of(notes: Sequence[SessionNote]) -> Reading[None]:
    """The same for many notes."""
    ids = [note.pk for note in notes]
    of_goals = SessionNote.goals.through._default_manager.filter(sessionnote__in=ids)
    of_objectives = SessionNote.objectives.through._default_manager.filter(sessionnote__in=ids)
    goal_pairs, goals, objective_pairs, objectives = yield from together(
        rows(of_goals.values_list("sessionnote", "goal")),
        rows(Goal.objects.filter(pk__in=of_goals.values("goal"))),
        rows(of_objectives.values_list("sessionnote", "objective")),
        rows(Objective.objects.filter(pk__in=of_objectives.values("objective"))),
    )
    with_goal, with_objective = set(goal_pairs), set(objective_pairs)
    for note in notes:
        named = [goal for goal in goals if (note.pk, goal.pk) in with_goal]
        hold(note, (named, [each for each in objectives if (note.pk, each.pk) in with_objective]))


def hold(note: SessionNote, linked: Linked) -> None:
    """Keep them with the note, as prefetch_related does."""
    goals, objectives = linked
    keep(note, "goals", goals)
    keep(note, "objectives", objectives)


def keep(note: SessionNote, name: str, found: Sequence[Any]) -> None:
    """Keep the rows of one of its relations."""
    held: Any = getattr(note, name).all()
    held._result_cache = list(found)
    _held(note)[name] = held


def _held(note: SessionNote) -> dict[str, Any]:
    held: dict[str, Any] = note.__dict__.setdefault("_prefetched_objects_cache", {})
    return held


def parts_of(note: SessionNote) -> dict[str, Any]:
    """The separately mergeable parts of a draft, by name; start and end of the session are one part."""
    return {
        **{f"{SECTION}{part['key']}": part["text"] for part in note.parts},
        TIMES: tuple(getattr(note, name) for name in MOMENTS),
        **{name: getattr(note, name) for name in DETAILS},
        **{name: [each.pk for each in getattr(note, name).all()] for name in LINKED},
    }


def digests(note: SessionNote) -> dict[str, str]:
    """Digests of all parts, which the page carries to say which version its writer started from."""
    return {name: _digest(value) for name, value in parts_of(note).items()}


def named(note: SessionNote, *, sections: Mapping[str, str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted values by part name."""
    sent: dict[str, Any] = {f"{SECTION}{key}": text for key, text in sections.items()}
    if any(name in fields for name in MOMENTS):
        sent[TIMES] = tuple(fields.get(name, getattr(note, name)) for name in MOMENTS)
    sent |= {name: fields[name] for name in DETAILS if name in fields}
    return sent | {name: [each.pk for each in fields[name]] for name in LINKED if name in fields}


def part_with(field: str) -> str:
    """The part that a header field belongs to."""
    return TIMES if field in MOMENTS else field


def merge(*, standing: Mapping[str, Any], sent: Mapping[str, Any], since: Mapping[str, str]) -> Merge:
    """Merge what can be merged. `since` holds digests by part; a part without a digest counts as changed.

    A part the writer did not change keeps its stored value; a part no one else changed takes the writer's.
    """
    taken, clashing = {}, set()
    for name, value in sent.items():
        mine, theirs, before = _digest(value), _digest(standing[name]), since.get(name)
        if mine in {theirs, before}:
            continue
        if theirs == before:
            taken[name] = value
        else:
            clashing.add(name)
    return Merge(taken=taken, clashing=frozenset(clashing))


def _digest(value: Any) -> str:
    """Equal for texts a reader would consider equal: line ends, outer blanks, seconds and order don't matter."""
    return hashlib.sha256(json.dumps(_plain(value)).encode()).hexdigest()[:20]


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\r\n", "\n").strip()
        case datetime.datetime():
            return value.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M")  # a form knows no seconds
        case datetime.date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case Iterable():
            return sorted(value)
    return value

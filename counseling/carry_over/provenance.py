"""Links to where a carry-over item was first recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import LearnedKind, Relapse
from counseling.codes import CarryOverKind
from counseling.models import CarryOverItem, Goal, NoteMention
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, each, query, reads, rows, together

# For each kind of learned item: its own history, its history in returns to use, and its place on the page.
_PARTS = {
    CarryOverKind.TRIGGER: ("Trigger", "RelapseTrigger", "trigger", "known_triggers-{pk}", LearnedKind.TRIGGER),
    CarryOverKind.WARNING_SIGN: (
        "WarningSign",
        "RelapseWarningSign",
        "warningsign",
        "known_signs-{pk}",
        LearnedKind.SIGN,
    ),
    CarryOverKind.STRATEGY: ("CopingStrategy", "RelapseCoping", "strategy", "coping_{pk}", LearnedKind.STRATEGY),
}


@dataclass(frozen=True)
class Origin:
    """A short label for where it was recorded, with its URL."""

    words: str
    url: str


@reads
def provenance_of(items: Sequence[CarryOverItem], *, staff_member: StaffMember) -> Reading[dict[str, Origin]]:
    """For each item, by its token, the page and the row that it comes from, as far as the person may open it.

    An item came from a return to use, a session note, or was added by itself. The history shows which: both rows were
    written in one act. The number of queries does not grow with the items.
    """
    found: dict[str, Origin] = {}
    for item in items:
        direct = _direct(item)
        if direct is not None:
            found[item.token] = direct
    learned = yield from each(
        _learned([item for item in items if item.kind == kind], kind, staff_member) for kind in _PARTS
    )
    for origins in learned:
        found |= origins
    return found


def goal_in_its_plan(goal: Goal) -> str:
    """The address of a goal in the plan of the episode that it was agreed on in."""
    page = reverse("counseling:plan_versions", args=[goal.client_id])
    return f"{page}?episode={goal.episode_id}#goal-{goal.pk}"


def _direct(item: CarryOverItem) -> Origin | None:
    client = item.client_id
    if item.goal is not None:
        return Origin("Its treatment plan", goal_in_its_plan(item.goal))
    if item.safety_plan_id is not None:
        return Origin(
            "Original plan", f"{reverse('counseling:safety_plan', args=[client])}?writing={item.safety_plan_id}"
        )
    if item.discharge_plan_id is not None:
        page = reverse("counseling:discharge_plan", args=[client])
        return Origin("Original plan", f"{page}?writing={item.discharge_plan_id}")
    if item.homework is not None:
        return Origin(
            "Where it was assigned", f"{reverse('counseling:homework', args=[client])}#homework-{item.homework.pk}"
        )
    if item.source_url:
        return Origin("Open record", item.source_url)
    return None


def _learned(
    items: Sequence[CarryOverItem], kind: CarryOverKind, staff_member: StaffMember
) -> Reading[dict[str, Origin]]:
    if not items:
        return {}
    *_, anchor, page = _PARTS[kind]
    of_these: dict[str, Any] = {"kind": kind, "sources": [item.source_id for item in items]}
    pairs, noted_in, returned_in = yield from together(
        rows(query(_acts, **of_these)), rows(query(_noted, **of_these)), rows(query(_returned, **of_these))
    )
    acts = dict(pairs)
    noted = {pk: place for pk, place, context in noted_in if acts.get(pk) == context}
    returned = {pk: place for pk, place, context in returned_in if acts.get(pk) == context}
    sentences, relapses = yield from together(
        _by_number(_mentions, noted.values(), staff_member), _by_number(_relapses, returned.values(), staff_member)
    )
    found = {}
    for item in items:
        pk = item.source_id or 0
        sentence, relapse = sentences.get(noted.get(pk) or 0), relapses.get(returned.get(pk) or 0)
        if sentence is not None:
            note = sentence.note
            day = timezone.localdate(note.session_started_at, note.client.clinic.zone)
            url = reverse("counseling:note_edit", args=[item.client_id, note.pk])
            found[item.token] = Origin(f"Session of {day:%b %-d, %Y}", f"{url}#mention-{sentence.pk}")
        elif relapse is not None:
            url = reverse("cases:relapse", args=[item.client_id, relapse.pk])
            found[item.token] = Origin("Open the return to use", f"{url}#{anchor.format(pk=pk)}")
        else:
            found[item.token] = Origin("Open record", reverse("cases:learned", args=[item.client_id, page, pk]))
    return found


def _inserted(app: str, model: str) -> QuerySet[Any]:
    """First entries of a table's history."""
    events: QuerySet[Any] = apps.get_model(app, f"{model}Event")._default_manager.filter(pgh_label="insert")
    return events


def _written_down(kind: str, sources: Any) -> QuerySet[Any]:
    return _inserted("cases", _PARTS[CarryOverKind(kind)][0]).filter(IsOneOf("pgh_obj", sources)).order_by()


def _acts(kind: str, sources: Any) -> QuerySet[Any, tuple[int, Any]]:
    return _written_down(kind, sources).values_list("pgh_obj", "pgh_context")


def _noted(kind: str, sources: Any) -> QuerySet[Any, tuple[int, int, Any]]:
    return _in_one_act(_inserted("counseling", "NoteMention"), kind, "pgh_obj", kind, sources)


def _returned(kind: str, sources: Any) -> QuerySet[Any, tuple[int, int, Any]]:
    _, part, column, *_ = _PARTS[CarryOverKind(kind)]
    return _in_one_act(_inserted("cases", part), column, "relapse", kind, sources)


def _in_one_act(
    events: QuerySet[Any], column: str, where: str, kind: str, sources: Any
) -> QuerySet[Any, tuple[int, int, Any]]:
    """Where each of these things was linked in the acts that wrote them down; the first place of each last."""
    contexts = _written_down(kind, sources).exclude(pgh_context=None).values("pgh_context")
    named = events.filter(IsOneOf(column, sources), pgh_context__in=contexts)
    return named.order_by("-pgh_id").values_list(column, where, "pgh_context")


def _mentions(numbers: Any, by: StaffMember) -> QuerySet[NoteMention]:
    seen = NoteMention.objects.visible_to(by).select_related("note__client__clinic")
    return seen.filter(IsOneOf("pk", numbers))


def _relapses(numbers: Any, by: StaffMember) -> QuerySet[Relapse]:
    return Relapse.objects.visible_to(by).filter(IsOneOf("pk", numbers))


def _by_number(
    build: Callable[..., QuerySet[Any]], numbers: Iterable[int], staff_member: StaffMember
) -> Reading[dict[int, Any]]:
    asked = sorted(set(numbers))
    if not asked:
        return {}
    found = yield from rows(query(build, numbers=asked, by=staff_member))
    return {row.pk: row for row in found}

"""Links to where a carry-over item was first recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from staff.reading import Reading, each, reads, rows, together

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
    model, part, column, anchor, page = _PARTS[kind]
    written_down = _inserted("cases", model).filter(pgh_obj__in=[item.source_id for item in items]).order_by()
    contexts = written_down.exclude(pgh_context=None).values("pgh_context")
    pairs, noted_in, returned_in = yield from together(
        rows(written_down.values_list("pgh_obj", "pgh_context")),
        rows(_in_one_act(_inserted("counseling", "NoteMention"), kind, "pgh_obj", items, contexts)),
        rows(_in_one_act(_inserted("cases", part), column, "relapse", items, contexts)),
    )
    acts = dict(pairs)
    noted = {pk: place for pk, place, context in noted_in if acts.get(pk) == context}
    returned = {pk: place for pk, place, context in returned_in if acts.get(pk) == context}
    mentions = NoteMention.objects.visible_to(staff_member).select_related("note__client__clinic")
    sentences, relapses = yield from together(
        _by_number(mentions, noted.values()),
        _by_number(Relapse.objects.visible_to(staff_member), returned.values()),
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


def _in_one_act(
    events: QuerySet[Any], column: str, where: str, items: Sequence[CarryOverItem], contexts: QuerySet[Any]
) -> QuerySet[Any, tuple[int, int, Any]]:
    """Where each of these things was linked in the acts given; the first place of each last."""
    named = events.filter(pgh_context__in=contexts, **{f"{column}__in": [item.source_id for item in items]})
    return named.order_by("-pgh_id").values_list(column, where, "pgh_context")


def _by_number(queryset: QuerySet[Any], numbers: Iterable[int]) -> Reading[dict[int, Any]]:
    found = yield from rows(queryset.filter(pk__in=set(numbers)))
    return {row.pk: row for row in found}

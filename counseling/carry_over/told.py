"""Triggers, signs and strategies in plans and notes, for cases.recovery.told (settings.TOLD_SOURCES)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.models.recovery.learning import LearnedKind
from cases.recovery.told import Said, lines
from counseling.models import DischargePlan, NoteMention, SafetyPlan
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads, rows, together

_SAFETY = (
    ("warning_signs", LearnedKind.SIGN),
    ("internal_coping", LearnedKind.STRATEGY),
    ("distraction", LearnedKind.STRATEGY),
)
_DISCHARGE = (("high_risk_situations", LearnedKind.TRIGGER), ("what_helps", LearnedKind.STRATEGY))
_MENTIONED = (
    ("trigger", LearnedKind.TRIGGER),
    ("warning_sign", LearnedKind.SIGN),
    ("strategy", LearnedKind.STRATEGY),
)


@reads
def of_plans(*, client: Client, staff_member: StaffMember) -> Reading[list[Said]]:
    """The current safety plan and discharge plan."""
    if not can(staff_member, Permission.PLAN_VIEW):
        return []
    safety, left = yield from together(
        first(
            query(
                lambda client, by: SafetyPlan.objects.visible_to(by).filter(client=client),
                client=client,
                by=staff_member,
            )
        ),
        first(
            query(
                lambda client, by: DischargePlan.objects.visible_to(by).filter(client=client).latest_stay_first(),
                client=client,
                by=staff_member,
            )
        ),
    )
    found: list[Said] = []
    if safety is not None:
        found += _of_plan(client, safety, _SAFETY, "Safety plan", "safety_plan")
    if left is not None:
        found += _of_plan(client, left, _DISCHARGE, "Discharge plan", "discharge_plan")
    return found


@reads
def of_notes(*, client: Client, staff_member: StaffMember) -> Reading[list[Said]]:
    """What signed notes link to, with where it came up."""
    if not can(staff_member, Permission.NOTE_VIEW):
        return []
    learned = query(
        lambda client, by: (
            NoteMention.objects.visible_to(by)
            .filter(note__client=client, note__signed_at__isnull=False, goal=None)
            .select_related("note", "trigger", "warning_sign", "strategy")
        ),
        client=client,
        by=staff_member,
    )
    found = yield from rows(learned)
    return [
        Said(
            kind,
            each.called,
            (on := timezone.localdate(each.note.session_started_at, client.clinic.zone)),
            f"Note of {day_in_words(on)}",
            reverse("counseling:note_edit", args=[client.pk, each.note_id]),
            item=getattr(each, f"{name}_id"),
        )
        for each in found
        for name, kind in _MENTIONED
        if getattr(each, f"{name}_id") is not None
    ]


def _of_plan(
    client: Client, plan: Any, fields: Iterable[tuple[str, LearnedKind]], called: str, page: str
) -> Iterator[Said]:
    plan.client = client
    for name, kind in fields:
        label = plan._meta.get_field(name).verbose_name
        for wording in lines(getattr(plan, name)):
            where = f"{called} of {day_in_words(plan.written_on)}: {label}"
            yield Said(kind, wording, plan.written_on, where, reverse(f"counseling:{page}", args=[client.pk]))

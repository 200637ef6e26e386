"""Inquiry history: each stage change with its reason and author."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from cases.models import Inquiry
from staff.models import StaffMember

SHOWN = 30
WATCHED = ("stage", "program_id", "offer_lapses_on", "stage_reason", "no_danger_because", "interim_services_at")


@dataclass(frozen=True)
class Step:
    """One move."""

    at: datetime.datetime
    what: str
    reason: str
    by: str


def steps(inquiry: Inquiry) -> list[Step]:
    """The latest moves first. The caller has loaded the inquiry by `visible_to`. Three queries."""
    events: list[Any] = list(
        apps.get_model("cases", "InquiryEvent")
        .objects.filter(pgh_obj=inquiry.pk)
        .select_related("pgh_context", "program")
        .order_by("pgh_created_at", "pgh_id")
    )
    moves = []
    for before, after in zip([None, *events], events, strict=False):
        if before is None or any(getattr(before, name) != getattr(after, name) for name in WATCHED):
            moves.append((before, after))
    names = _names([event for _, event in moves])
    found = [
        Step(
            after.pgh_created_at,
            _what(before, after),
            after.closing_reason or _reason(before, after),
            _who(after, names),
        )
        for before, after in moves
    ]
    return list(reversed(found))[:SHOWN]


def _what(before: Any, after: Any) -> str:
    if before is None:
        return "Call"
    if before.interim_services_at != after.interim_services_at:
        return "Record interim services started"
    stage = Inquiry.Stage(after.stage).label
    if after.stage == Inquiry.Stage.OFFERED:
        return f"Offered: {after.program}, held through {after.offer_lapses_on:%b %-d, %Y}"
    if after.stage == Inquiry.Stage.WAITLIST and after.program_id:
        return f"{stage}: {after.program}"
    return stage


def _reason(before: Any, after: Any) -> str:
    said = ("stage_reason", "no_danger_because")
    new = [getattr(after, name) for name in said if before is None or getattr(before, name) != getattr(after, name)]
    return " ".join(each for each in new if each)


def _names(events: list[Any]) -> dict[int, str]:
    ids = {event.pgh_context.metadata.get("staff_member") for event in events if event.pgh_context}
    return {person.pk: str(person) for person in StaffMember.objects.filter(pk__in=ids - {None})}


def _who(event: Any, names: dict[int, str]) -> str:
    who = event.pgh_context.metadata.get("staff_member") if event.pgh_context else None
    return names.get(who, "") if who else "Automatic"

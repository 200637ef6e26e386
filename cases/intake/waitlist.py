"""The wait list of a program: who is next, and why.

Order: preference by law (pregnant people who inject, pregnant people, people who inject, everyone else; 45 CFR
96.131(a)), then a danger sign heard on the call, then first call first. The wait counts from the call, so an expired or
withdrawn offer costs no one their position (45 CFR 96.126(c)).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Inquiry
from staff.models import Clinic, Program

from . import priority as queue

IN_LINE = ("longest wait", "2nd longest wait", "3rd longest wait")
PREFERENCE = {
    queue.Rank.PREGNANT_INJECTING: "Pregnant, injects drugs: first priority",
    queue.Rank.PREGNANT: "Pregnant: priority",
    queue.Rank.INJECTING: "Injects drugs: priority",
    queue.Rank.OTHER: "No priority status",
}


@dataclass(frozen=True)
class Waiting:
    """One person's place in line."""

    position: int
    inquiry: Inquiry
    preference: queue.Rank
    why: str
    days: int
    interim: queue.Clock | None  # interim services not begun, and by when they must
    admit_by: queue.Clock | None
    limit_days: int | None  # the legal wait in days that `admit_by` comes from


def of(program: Program | None, now: datetime.datetime) -> list[Waiting]:
    """Everyone waiting for an opening in a program, next first, each with the reason.

    This ignores who is asking: callers that show rows pick only those the reader may see.
    """
    if program is None:
        return []
    rows = Inquiry.objects.waiting().filter(program=program).select_related("clinic", "assigned_to")
    return in_order(rows, now=now, values=queue.limits(program.clinic), clinic=program.clinic)


def in_order(
    rows: Iterable[Inquiry], *, now: datetime.datetime, values: dict[str, int], clinic: Clinic
) -> list[Waiting]:
    """The rows of one wait list in their order. Asks the database nothing."""
    line = sorted(rows, key=place_in_line)
    alike: dict[tuple[int, bool], list[Inquiry]] = {}
    for inquiry in line:
        alike.setdefault(place_in_line(inquiry)[:2], []).append(inquiry)
    return [
        _waiting(position, inquiry, alike[place_in_line(inquiry)[:2]], now, values, clinic)
        for position, inquiry in enumerate(line, start=1)
    ]


def ahead_of(inquiry: Inquiry, program: Program) -> int:
    """How many people on the program's wait list come before this one, whether or not it is on the list itself."""
    others = Inquiry.objects.waiting().filter(program=program).exclude(pk=inquiry.pk)
    own = place_in_line(inquiry)
    return sum(place_in_line(other) < own for other in others)


def place_in_line(inquiry: Inquiry) -> tuple[int, bool, datetime.datetime, int]:
    """Sort key: legal preference, danger sign, time of the call; the id breaks ties."""
    return queue.preference(inquiry), not inquiry.danger_signs, inquiry.taken_at, inquiry.pk


def _waiting(
    position: int,
    inquiry: Inquiry,
    alike: list[Inquiry],
    now: datetime.datetime,
    values: dict[str, int],
    clinic: Clinic,
) -> Waiting:
    clocks = queue.of(inquiry, values).clocks
    admit_by = next((clock for clock in clocks if clock.duty == queue.ADMIT), None)
    called = inquiry.taken_at.astimezone(clinic.zone).date()
    return Waiting(
        position=position,
        inquiry=inquiry,
        preference=queue.preference(inquiry),
        why=_why(inquiry, alike),
        days=(now.astimezone(clinic.zone).date() - called).days,
        interim=next((clock for clock in clocks if clock.duty != queue.ADMIT), None),
        admit_by=admit_by,
        limit_days=(admit_by.due_at - inquiry.taken_at).days if admit_by else None,
    )


def _why(inquiry: Inquiry, alike: list[Inquiry]) -> str:
    words = [PREFERENCE[queue.preference(inquiry)]]
    if inquiry.danger_signs:
        words.append("danger sign on the call")
    if len(alike) > 1:
        place = alike.index(inquiry)
        wait = IN_LINE[place] if place < len(IN_LINE) else f"{place + 1}th longest wait"
        words.append(f"{wait} of {len(alike)}")
    return "; ".join(words)

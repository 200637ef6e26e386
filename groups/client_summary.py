"""A client's group memberships with attendance, for the chart's tab and overview."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from cases.models import Client
from groups import mentoring, pauses
from groups.mentoring import MentorStatus
from groups.models import Attendance, Membership
from groups.pictures import Strip, strip
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

SESSIONS_SHOWN = 26


@dataclass(frozen=True)
class Spell:
    """One spell with its attendance, latest first; the picture runs from left to right."""

    membership: Membership
    standing: MentorStatus
    is_current: bool
    attendances: list[Attendance]
    strip: Strip
    attended: int
    sessions: int
    minutes: int


@reads
def spells_of(*, client: Client, staff_member: StaffMember, on: datetime.date) -> Reading[list[Spell]]:
    """Every spell, the latest first, in one statement."""
    memberships, attendances, terms, active = yield from together(
        rows(
            query(
                lambda client, by: _seen(client, by).select_related("group__clinic").order_by("-joined_on", "-pk"),
                client=client,
                by=staff_member,
            )
        ),
        rows(
            query(
                lambda client, by: (
                    Attendance.objects.visible_to(by)
                    .filter(membership__in=_seen(client, by), session__cancelled_at=None)
                    .select_related("session__group__clinic")
                    .order_by("-session__starts_at")
                ),
                client=client,
                by=staff_member,
            )
        ),
        rows(
            query(
                lambda client, by, on: mentoring.terms_of(_seen(client, by), on),
                client=client,
                by=staff_member,
                on=on,
            )
        ),
        rows(
            pauses.judged(
                lambda client, by, on, sources: mentoring.active_terms_of(_seen(client, by), on),  # noqa: ARG005
                client=client,
                by=staff_member,
                on=on,
            )
        ),
    )
    standings = mentoring.marks(terms, active)
    marks: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in attendances:
        marks[attendance.membership_id].append(attendance)
    return [_spell(each, standings.get(each.pk, MentorStatus.NONE), marks[each.pk], on) for each in memberships]


def _seen(client: Any, by: Any) -> QuerySet[Membership]:
    return Membership.objects.visible_to(by).filter(client=client)


def _spell(membership: Membership, standing: MentorStatus, rows: list[Attendance], on: datetime.date) -> Spell:
    return Spell(
        membership=membership,
        standing=standing,
        is_current=membership.left_on is None or membership.left_on > on,
        attendances=rows[:SESSIONS_SHOWN],
        strip=strip(rows[:SESSIONS_SHOWN][::-1]),
        attended=sum(row.is_attended for row in rows),
        sessions=len(rows),
        minutes=sum(row.minutes_credited for row in rows),
    )

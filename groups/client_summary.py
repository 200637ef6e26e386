"""A client's group memberships with attendance, for the chart's tab and overview."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass

from cases.models import Client
from groups import mentoring
from groups.mentoring import MentorStatus
from groups.models import Attendance, Membership
from groups.pictures import Strip, strip
from staff.models import StaffMember

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


def spells_of(*, client: Client, staff_member: StaffMember, on: datetime.date) -> list[Spell]:
    """Every spell, the latest first, in a number of queries that does not grow with them."""
    memberships = list(
        Membership.objects.visible_to(staff_member)
        .filter(client=client)
        .select_related("group__clinic")
        .order_by("-joined_on", "-pk")
    )
    marks: dict[int, list[Attendance]] = defaultdict(list)
    rows = Attendance.objects.visible_to(staff_member).filter(membership__in=memberships, session__cancelled_at=None)
    for row in rows.select_related("session__group__clinic").order_by("-session__starts_at"):
        marks[row.membership_id].append(row)
    standings = mentoring.standings(memberships, on)
    return [_spell(each, standings[each.pk], marks[each.pk], on) for each in memberships]


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

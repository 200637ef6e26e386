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
from staff.reading import Reading, reads, rows, together

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
    seen = Membership.objects.visible_to(staff_member).filter(client=client)
    attended = Attendance.objects.visible_to(staff_member).filter(membership__in=seen, session__cancelled_at=None)
    memberships, attendances, standings = yield from together(
        rows(seen.select_related("group__clinic").order_by("-joined_on", "-pk")),
        rows(attended.select_related("session__group__clinic").order_by("-session__starts_at")),
        mentoring.standings_among.part(seen, on),
    )
    marks: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in attendances:
        marks[attendance.membership_id].append(attendance)
    return [_spell(each, standings.get(each.pk, MentorStatus.NONE), marks[each.pk], on) for each in memberships]


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

"""The attendance form: one row per member with a mark and the minutes missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.models import Client
from groups import attendance, mentoring
from groups.attendance import RollMark
from groups.mentoring import MentorStatus
from groups.models import GroupSession, Mark, Membership
from staff import outside
from staff.models import StaffMember

WITH_MINUTES = (Mark.LATE, Mark.LEFT_EARLY, Mark.REMOVED)


@dataclass(frozen=True)
class RollRow:
    """One member with the recorded mark, or with what was typed if the save was refused."""

    membership: Membership
    standing: MentorStatus
    mark: str
    late: str
    early: str
    signed: bool
    chart_client_id: int | None
    problem: str = ""  # what does not fit, shown beside the mark

    @property
    def name(self) -> str:
        """First name and initial."""
        return self.membership.client.roster_name


def roll_rows(
    session: GroupSession,
    *,
    staff_member: StaffMember,
    typed: Mapping[int, Mapping[str, str]],
    problems: Mapping[int, str] | None = None,
) -> list[RollRow]:
    """The rows of a session's roll, in a number of queries that does not grow with the group."""
    members = attendance.roll(session, staff_member=staff_member)
    recorded = {row.membership_id: row for row in session.attendances.all()}
    standings = mentoring.standings(members, session.local_date)
    charts = set(
        Client.objects.visible_to(staff_member)
        .filter(pk__in=[each.client_id for each in members])
        .values_list("pk", flat=True)
    )
    rows = []
    for member in members:
        row, words = recorded.get(member.pk), typed.get(member.pk, {})
        rows.append(
            RollRow(
                membership=member,
                standing=standings[member.pk],
                mark=words.get("mark", row.mark if row else ""),
                late=words.get("late", str(row.minutes_late or "") if row else ""),
                early=words.get("early", str(row.minutes_early or "") if row else ""),
                signed=bool(row and row.is_signed),
                chart_client_id=member.client_id if member.client_id in charts else None,
                problem=(problems or {}).get(member.pk, ""),
            )
        )
    return rows


def filled_in(
    data: Mapping[str, str], members: Iterable[Membership]
) -> tuple[dict[int, dict[str, str]], dict[int, RollMark]]:
    """What was typed by membership id, and the resulting marks. Minutes that do not fit a mark are left out.

    If the form says “everyone else was present”, members without a mark are present.
    """
    typed: dict[int, dict[str, str]] = {}
    marks: dict[int, RollMark] = {}
    for member in members:
        words = {name: data.get(f"{name}-{member.pk}", "").strip() for name in ("mark", "late", "early")}
        if not words["mark"] and data.get("rest") == Mark.PRESENT:
            words["mark"] = Mark.PRESENT.value
        typed[member.pk] = words
        if words["mark"] in Mark.values:
            mark = Mark(words["mark"])
            counted = mark in WITH_MINUTES
            marks[member.pk] = RollMark(
                mark, _minutes(words["late"]) if counted else 0, _minutes(words["early"]) if counted else 0
            )
    return typed, marks


def _minutes(text: str) -> int:
    return outside.number(text, highest=9999) or 0

"""The roster as shown: first name and initial, mentor status, pairings, and attendance."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Client
from groups import mentoring, pauses
from groups.mentoring import MentorStatus
from groups.models import Attendance, Group, GroupSession, Membership, MentorPairing, MentorTerm
from groups.pictures import Strip, strip
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

SESSIONS_SHOWN = 8


@dataclass(frozen=True)
class RosterRow:
    """One member. `chart_client_id` is set for readers who may open the chart."""

    membership: Membership
    standing: MentorStatus
    strip: Strip
    chart_client_id: int | None = None
    mentees: list[RosterName] = field(default_factory=list)
    mentor: RosterName | None = None
    needs_mentor: bool = False
    must_part: list[RosterName] = field(default_factory=list)  # mentees to keep separate from this mentor

    @property
    def name(self) -> str:
        """First name and initial."""
        return self.membership.client.roster_name


@dataclass(frozen=True)
class RosterName:
    """Another member, named as on the roster."""

    membership_id: int
    name: str


@reads
def roster(*, group: Group, staff_member: StaffMember, on: datetime.date) -> Reading[list[RosterRow]]:
    """Members on a local day by name, for one reader, in two statements: who mentors is judged of these few alone."""
    members = yield from rows(query(_on_roster, group=group, by=staff_member, on=on))
    return (yield from rows_for.part(members, group=group, staff_member=staff_member, on=on))


def facilitators_of(group: Any) -> QuerySet[StaffMember]:
    """Who leads it, by name."""
    return StaffMember.objects.filter(facilitated_groups=group)


def _on_roster(group: Any, by: Any, on: Any) -> QuerySet[Membership]:
    seen = Membership.objects.visible_to(by).filter(group=group).current(on)
    return seen.select_related("client", "group__clinic").order_by("client__given_name", "client__family_name", "pk")


@reads
def rows_for(
    members: Sequence[Membership], *, group: Group, staff_member: StaffMember, on: datetime.date
) -> Reading[list[RosterRow]]:
    """The same for members already loaded."""
    return _rows(members, (yield from _facts(members, group, staff_member, on)))


@dataclass(frozen=True)
class _Facts:
    """What a roster says beside the members themselves."""

    standings: dict[int, MentorStatus]
    charts: set[int]
    attendances: list[Attendance]
    pairings: list[tuple[int, int, bool]]  # mentor, mentee, whether they are to be kept separate
    waiting: set[int]


def _facts(
    members: Sequence[Membership], group: Group, staff_member: StaffMember, on: datetime.date
) -> Reading[_Facts]:
    keys = {"members": [each.pk for each in members], "on": on}
    clients = query(
        lambda clients, by: Client.objects.visible_to(by).filter(IsOneOf("pk", clients)).values_list("pk", flat=True),
        clients=[each.client_id for each in members],
        by=staff_member,
    )
    (terms, active), charts, attendances, paired, waiting = yield from together(
        together(rows(query(_terms, **keys)), rows(pauses.judged(_active_terms, **keys))),
        rows(clients),
        rows(query(_recent_of, group=group, members=keys["members"], by=staff_member)),
        rows(pauses.judged(_paired, **keys, by=staff_member)),
        rows(pauses.judged(_without_mentor, **keys, by=staff_member)),
    )
    return _Facts(mentoring.marks(terms, active), set(charts), attendances, paired, set(waiting))


def _terms(members: Any, on: Any) -> QuerySet[MentorTerm, tuple[int, int]]:
    return mentoring.terms_of(Membership.objects.filter(IsOneOf("pk", members)), on)


def _active_terms(members: Any, on: Any, sources: str) -> QuerySet[MentorTerm, int]:  # noqa: ARG001
    return mentoring.active_terms_of(Membership.objects.filter(IsOneOf("pk", members)), on)


def _paired(members: Any, on: Any, by: Any, sources: str) -> QuerySet[MentorPairing, Any]:  # noqa: ARG001
    pairings = MentorPairing.objects.visible_to(by).filter(IsOneOf("mentee", members)).in_force(on)
    apart = pairings.annotate(apart=MentorPairing.objects.all().kept_apart())
    return apart.values_list("term__membership", "mentee", "apart")


def _without_mentor(members: Any, on: Any, by: Any, sources: str) -> QuerySet[MentorPairing, int]:  # noqa: ARG001
    pairings = MentorPairing.objects.visible_to(by).filter(IsOneOf("mentee", members))
    return pairings.to_reassign(on).values_list("mentee", flat=True)


def _rows(members: Sequence[Membership], facts: _Facts) -> list[RosterRow]:
    strips = _strips(members, facts.attendances)
    names = {each.pk: RosterName(each.pk, each.client.roster_name) for each in members}
    mentees: dict[int, list[RosterName]] = defaultdict(list)
    mentors: dict[int, RosterName] = {}
    to_part: dict[int, list[RosterName]] = defaultdict(list)
    for mentor_id, mentee_id, apart in facts.pairings:
        if mentor_id in names:
            if apart:
                to_part[mentor_id].append(names[mentee_id])
            mentees[mentor_id].append(names[mentee_id])
            mentors[mentee_id] = names[mentor_id]
    return [
        RosterRow(
            membership=each,
            standing=facts.standings.get(each.pk, MentorStatus.NONE),
            strip=strips[each.client_id],
            chart_client_id=each.client_id if each.client_id in facts.charts else None,
            mentees=mentees[each.pk],
            mentor=mentors.get(each.pk),
            needs_mentor=each.pk in facts.waiting,
            must_part=to_part[each.pk],
        )
        for each in members
    ]


def _recent_of(group: Any, members: Any, by: Any) -> QuerySet[Attendance]:
    seen = Membership.objects.filter(IsOneOf("pk", members))
    marked = Exists(Attendance.objects.filter(session=OuterRef("pk")))
    held = GroupSession.objects.filter(marked, group=group).held()
    latest = held.order_by("-starts_at").values("pk")[:SESSIONS_SHOWN]
    attended = Attendance.objects.marks_visible_to(by).filter(
        session__in=latest, membership__client__in=seen.values("client")
    )
    return attended.select_related("membership").order_by("session__starts_at")


def _strips(members: Iterable[Membership], attendances: Iterable[Attendance]) -> dict[int, Strip]:
    found: dict[int, list[Attendance]] = {each.client_id: [] for each in members}
    for row in attendances:
        found[row.membership.client_id].append(row)
    return {client: strip(marks) for client, marks in found.items()}

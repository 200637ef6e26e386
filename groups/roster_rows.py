"""The roster as shown: first name and initial, mentor status, pairings, and attendance."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cases.models import Client
from groups import mentoring
from groups.mentoring import MentorStatus
from groups.models import Attendance, Group, GroupSession, Membership, MentorPairing
from groups.pictures import Strip, strip
from staff.models import StaffMember

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


def roster(*, group: Group, staff_member: StaffMember, on: datetime.date) -> list[RosterRow]:
    """Members on a local day by name, for one reader. The number of queries does not grow with the roster."""
    members = list(
        Membership.objects.visible_to(staff_member)
        .filter(group=group)
        .current(on)
        .select_related("client", "group__clinic")
        .order_by("client__given_name", "client__family_name", "pk")
    )
    return rows_for(members, group=group, staff_member=staff_member, on=on)


def rows_for(
    members: Sequence[Membership], *, group: Group, staff_member: StaffMember, on: datetime.date
) -> list[RosterRow]:
    """The same for members already loaded."""
    standings = mentoring.standings(list(members), on)
    charts = set(
        Client.objects.visible_to(staff_member)
        .filter(pk__in=[each.client_id for each in members])
        .values_list("pk", flat=True)
    )
    strips = recent_strips(group, members)
    names = {each.pk: RosterName(each.pk, each.client.roster_name) for each in members}
    mentees: dict[int, list[RosterName]] = defaultdict(list)
    mentors: dict[int, RosterName] = {}
    pairings = MentorPairing.objects.visible_to(staff_member).filter(mentee__in=names)
    to_part: dict[int, list[RosterName]] = defaultdict(list)
    in_force = pairings.in_force(on).annotate(apart=MentorPairing.objects.all().kept_apart())
    for mentor_id, mentee_id, apart in in_force.values_list("term__membership", "mentee", "apart"):
        if mentor_id in names:
            if apart:
                to_part[mentor_id].append(names[mentee_id])
            mentees[mentor_id].append(names[mentee_id])
            mentors[mentee_id] = names[mentor_id]
    waiting = set(pairings.to_reassign(on).values_list("mentee", flat=True))
    return [
        RosterRow(
            membership=each,
            standing=standings[each.pk],
            strip=strips[each.client_id],
            chart_client_id=each.client_id if each.client_id in charts else None,
            mentees=mentees[each.pk],
            mentor=mentors.get(each.pk),
            needs_mentor=each.pk in waiting,
            must_part=to_part[each.pk],
        )
        for each in members
    ]


def recent_strips(group: Group, members: Iterable[Membership], last: int = SESSIONS_SHOWN) -> dict[int, Strip]:
    """How people attended the group's latest sessions, over all their spells, by client."""
    clients = [each.client_id for each in members]
    latest = list(
        GroupSession.objects.filter(group=group, attendances__isnull=False)
        .held()
        .order_by("-starts_at")
        .values_list("pk", flat=True)
        .distinct()[:last]
    )
    found: dict[int, list[Attendance]] = {client: [] for client in clients}
    rows = Attendance.objects.filter(session__in=latest, membership__client__in=clients)
    for row in rows.select_related("membership").order_by("session__starts_at"):
        found[row.membership.client_id].append(row)
    return {client: strip(marks) for client, marks in found.items()}

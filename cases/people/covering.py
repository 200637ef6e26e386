"""Covering for a colleague who is away: their charts open to one other person, and close by themselves.

A cover is a row of the care team for each client of the absent colleague (`part="covering"`), like emergency access:
the row says from when until when, so that nothing has to end it, and who could read a chart stays on record. Whom a
client has restricted does not cover for that client.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.utils import timezone

from cases.models import CareTeamMember, ClientRestriction
from cases.models.people.care_team import CareTeamQuerySet
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal

Part = CareTeamMember.Part
COVERED = (Part.PRIMARY, Part.COUNSELOR, Part.MEDICAL)
LONGEST = datetime.timedelta(days=366)
SHOWN = 100


class CoversNobody(Refusal):
    """Another clinician of the clinic covers."""

    sentence = "Choose another active clinician of this clinic."


class NotATime(Refusal):
    """From before until, not in the past, not for years."""

    sentence = "Enter an end after the start, still to come, and within a year."


class NoCaseload(Refusal):
    """There is nothing to open."""

    sentence = "They have no clients whom this colleague could cover. Choose someone else, or assign clients first."


@dataclass
class Cover:
    """Who covers for whom, from when to when, and for how many clients."""

    away: StaffMember
    covering: StaffMember
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    clients: int
    row: int  # one of its rows, by which it is ended
    may_end: bool = False

    @property
    def words(self) -> str:
        """What a button that ends it is about, for those who hear it."""
        return f"the cover by {self.covering} for {self.away}"

    @property
    def is_over(self) -> bool:
        """It is history."""
        return self.ends_at <= timezone.now()

    @property
    def is_running(self) -> bool:
        """The charts are open now."""
        return self.starts_at <= timezone.now() < self.ends_at


def may_set(away: StaffMember, by: StaffMember) -> bool:
    """Whether `by` says who covers for this person: themself, or whoever puts staff on care teams."""
    return can(by, Permission.COVER_SET) and (away.pk == by.pk or can(by, Permission.CARE_TEAM_ASSIGN, away))


def cover(
    *,
    away: StaffMember,
    covering: StaffMember,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    by: StaffMember,
) -> list[CareTeamMember]:
    """Open the charts of someone's clients to one colleague, from when to when.

    Raises NotPermitted, CoversNobody, NotATime, NoCaseload.
    """
    demand(by, Permission.COVER_SET)
    if not may_set(away, by):
        raise NotPermitted
    if covering.pk == away.pk or covering.clinic_id != away.clinic_id or not can(covering, Permission.NOTE_WRITE):
        raise CoversNobody
    now = timezone.now()
    if not (starts_at < ends_at and ends_at > now and ends_at - starts_at <= LONGEST):
        raise NotATime
    with act("cases.cover", by=by, clinic=away.clinic) as entry:
        starts_at = max(starts_at, now)
        rows = CareTeamMember.objects.bulk_create(
            CareTeamMember(
                client_id=client, staff_member=covering, part=Part.COVERING, covers_for=away, starts_at=starts_at,
                ends_at=ends_at, assigned_by=by,
            )
            for client in _to_cover(away, covering)
        )  # fmt: skip
        if not rows:
            raise NoCaseload
        entry.about(away, covering=covering.pk, clients=len(rows), until=ends_at.isoformat())
    return rows


def end(*, row: CareTeamMember, by: StaffMember) -> int:
    """End a cover now, before its time, for all its clients. How many. Raises NotPermitted."""
    away = row.covers_for
    if away is None or not may_set(away, by):
        raise NotPermitted
    with act("cases.end_cover", by=by, clinic=away.clinic) as entry:
        rows = _same(row).filter(ends_at__gt=timezone.now()).select_for_update(no_key=True)
        now = timezone.now()
        ended = [_ended(each, now) for each in rows]
        entry.about(away, covering=row.staff_member_id, clients=len(ended))
        if not ended:
            entry.nothing_changed()
    return len(ended)


def end_all(*, of: StaffMember) -> int:
    """End every cover by or for someone whose work here ends; the act around it audits. How many rows."""
    rows = _covers().filter(Q(staff_member=of) | Q(covers_for=of), ends_at__gt=timezone.now())
    now = timezone.now()
    return len([_ended(each, now) for each in rows.select_for_update(no_key=True)])


def end_without_cause(*, client_id: int, away_id: int) -> int:
    """End every cover of one client whose cause has gone: the colleague covered for is on the care team no more.

    A part of the act that took them off. How many rows.
    """
    now = timezone.now()
    places = CareTeamMember.objects.filter(client=client_id, staff_member=away_id, part__in=COVERED)
    if places.exclude(ends_at__lte=now).exists():
        return 0
    rows = _covers().filter(client=client_id, covers_for=away_id, ends_at__gt=now)
    return len([_ended(each, now) for each in rows.select_for_update(no_key=True)])


def extend_to(*, member: CareTeamMember) -> None:
    """Someone who is away was put on a care team: who covers for them covers this client, too, until the same time."""
    if member.part not in COVERED:
        return
    now = timezone.now()
    ahead = _covers().filter(covers_for=member.staff_member_id, ends_at__gt=now).exclude(client=member.client_id)
    barred = ClientRestriction.objects.in_force().filter(client=member.client_id).values("staff_member")
    own = _covers().filter(client=member.client_id, covers_for=member.staff_member_id, ends_at__gt=now)
    asked = ahead.exclude(staff_member__in=barred).exclude(staff_member__in=own.values("staff_member"))
    for staff_member, starts_at, ends_at in (
        asked.order_by().values_list("staff_member", "starts_at", "ends_at").distinct()
    ):
        CareTeamMember.objects.create(
            client_id=member.client_id, staff_member_id=staff_member, part=Part.COVERING, ends_at=ends_at,
            covers_for_id=member.staff_member_id, starts_at=max(starts_at, now), assigned_by_id=member.assigned_by_id,
        )  # fmt: skip


def covers(*, by: StaffMember) -> list[Cover]:
    """Running, coming and past covers, the latest first: one's own, or the clinic's for who assigns care teams."""
    rows = _covers().filter(covers_for__clinic=by.clinic_id)
    if not can(by, Permission.CARE_TEAM_ASSIGN):
        rows = rows.filter(Q(covers_for=by) | Q(staff_member=by))
    grouped = (
        rows.order_by()
        .values("covers_for", "staff_member", "ends_at")
        .annotate(clients=Count("client", distinct=True), begins=Min("starts_at"), row=Min("pk"))
        .order_by("-ends_at", "row")[:SHOWN]
    )
    found = list(grouped)
    people = StaffMember.objects.in_bulk({key for each in found for key in (each["covers_for"], each["staff_member"])})
    return [
        Cover(
            away=people[each["covers_for"]],
            covering=people[each["staff_member"]],
            starts_at=each["begins"],
            ends_at=each["ends_at"],  # type: ignore[arg-type]  # a cover has its end
            clients=each["clients"],
            row=each["row"],
        )
        for each in found
    ]


def _covers() -> CareTeamQuerySet:
    return CareTeamMember.objects.filter(part=Part.COVERING)


def _same(row: CareTeamMember) -> CareTeamQuerySet:
    """All rows of the cover that this row is one of."""
    return _covers().filter(covers_for=row.covers_for_id, staff_member=row.staff_member_id, ends_at=row.ends_at)


def _ended(row: CareTeamMember, now: datetime.datetime) -> CareTeamMember:
    row.ends_at = max(now, row.starts_at + CareTeamMember.SHORTEST)
    row.save(update_fields=["ends_at"])
    return row


def _to_cover(away: StaffMember, covering: StaffMember) -> list[int]:
    """The clients of someone who is away, without those who restricted the colleague."""
    barred = ClientRestriction.objects.in_force().filter(staff_member=covering).values("client")
    own = CareTeamMember.objects.current().filter(staff_member=away, part__in=COVERED, client__merged_into=None)
    return sorted(set(own.exclude(client__in=barred).values_list("client", flat=True)))

"""Care team assignments: the rows that let a counselor see a chart."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import covering, restrictions
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

Part = CareTeamMember.Part


class NotAColleague(Refusal):
    """Only active clinicians of the client's clinic can be on a care team."""

    sentence = "Choose a clinician at this clinic."


class NotForThisClient(Refusal):
    """The client restricted them. It says no more: who may assign may not know why."""

    sentence = "Choose another clinician for this client."


def assign(*, client: Client, staff_member: StaffMember, by: StaffMember, part: str = Part.PRIMARY) -> CareTeamMember:
    """Put someone on a client's care team from now on; does nothing if they already have that role.

    A client has one primary counselor: the previous one stays on the team as counselor until someone ends that. Raises
    NotPermitted, NotAColleague, NotForThisClient.
    """
    demand(by, Permission.CARE_TEAM_ASSIGN, client)
    return _assign(client=client, staff_member=staff_member, by=by, part=part)


def join(*, client: Client, by: StaffMember, part: str = Part.PRIMARY) -> CareTeamMember | None:
    """Add the acting user to the care team, if they treat people and may see only their own clients.

    Used when someone has just met the client: registering a caller, admitting. Returns None for everyone else.
    """
    if can(by, Permission.CLIENT_VIEW_ALL) or not can(by, Permission.NOTE_WRITE):
        return None
    return _assign(client=client, staff_member=by, by=by, part=part)


def end(*, member: CareTeamMember, by: StaffMember) -> CareTeamMember:
    """Take someone off a client's care team as of now. Raises NotPermitted."""
    demand(by, Permission.CARE_TEAM_ASSIGN, member.client)
    with act("cases.end_care_team", by=by, client=member.client) as entry:
        member = CareTeamMember.objects.select_for_update(no_key=True).get(pk=member.pk)
        if member.ends_at is None or member.ends_at > timezone.now():
            member.ends_at = timezone.now()
            member.save(update_fields=["ends_at"])
            covering.end_without_cause(client_id=member.client_id, away_id=member.staff_member_id)
        entry.about(member, staff_member=member.staff_member_id, part=member.part)
    return member


def take_over(*, member: CareTeamMember, to: StaffMember, by: StaffMember) -> None:
    """End the place of someone whose work here ends, and give it to a colleague; the act around it has checked who may.

    Also of a client whose record was merged meanwhile: no act of its own, but a part of that one.
    """
    now = timezone.now()
    member.ends_at = max(now, member.starts_at + CareTeamMember.SHORTEST)
    member.save(update_fields=["ends_at"])
    held = CareTeamMember.objects.filter(client=member.client_id, staff_member=to, ends_at=None)
    if member.part == Part.PRIMARY:
        for own in held.filter(part=Part.COUNSELOR):  # need not be listed twice
            own.ends_at = max(now, own.starts_at + CareTeamMember.SHORTEST)
            own.save(update_fields=["ends_at"])
    elif held.exists():
        return
    if not held.filter(part=member.part).exists():
        taken = CareTeamMember.objects.create(
            client_id=member.client_id, staff_member=to, part=member.part, starts_at=now, assigned_by=by
        )
        covering.extend_to(member=taken)


def _assign(*, client: Client, staff_member: StaffMember, by: StaffMember, part: str) -> CareTeamMember:
    if staff_member.clinic_id != client.clinic_id or not can(staff_member, Permission.NOTE_WRITE):
        raise NotAColleague
    if restrictions.is_kept_from(client=client, staff_member=staff_member):
        raise NotForThisClient
    with act("cases.assign_care_team", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)  # two people assigning at once take turns
        now = timezone.now()
        team = CareTeamMember.objects.filter(client=client, ends_at=None)
        member = team.filter(staff_member=staff_member, part=part).first()
        if member is None:
            if part == Part.PRIMARY:
                _hand_over(client=client, to=staff_member, by=by)
            member = CareTeamMember.objects.create(
                client=client, staff_member=staff_member, part=part, starts_at=now, assigned_by=by
            )
            covering.extend_to(member=member)
        entry.about(member, staff_member=staff_member.pk, part=part)
    return member


def _hand_over(*, client: Client, to: StaffMember, by: StaffMember) -> None:
    """End the current primary counselor's role, and keep them on the team as counselor."""
    now = timezone.now()
    team = CareTeamMember.objects.filter(client=client, ends_at=None)
    for former in team.filter(part=Part.PRIMARY).exclude(staff_member=to):
        former.ends_at = max(now, former.starts_at + datetime.timedelta(microseconds=1))
        former.save(update_fields=["ends_at"])
        if not team.filter(staff_member=former.staff_member_id, part=Part.COUNSELOR).exists():
            CareTeamMember.objects.create(
                client=client,
                staff_member_id=former.staff_member_id,
                part=Part.COUNSELOR,
                starts_at=now,
                assigned_by=by,
            )
    # the new primary counselor need not be listed twice
    team.filter(staff_member=to, part=Part.COUNSELOR).update(ends_at=now)

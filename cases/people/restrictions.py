"""A client's own restriction: a member of staff whom they do not want to see their record (45 CFR 164.522(a))."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import CareTeamMember, Client, ClientRestriction
from cases.people import covering
from staff.access import Permission, can, demand, roles_with
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

# Someone at the clinic must be able to do each of these with every record.
DUTIES = (
    Permission.EMERGENCY_REVIEW,
    Permission.REQUESTS_WORK,
    Permission.RECORD_GIVE,
    Permission.BREACH_KEEP,
    Permission.ACCESS_LOG_VIEW,
    Permission.RESTRICTION_KEEP,
)


class WhyRestricted(Refusal):
    """Whoever reads it later has to understand it."""

    sentence = "Enter what the client asked for, in their words if you can."


class WhyLifted(Refusal):
    """42 CFR 2.26(b): the client agrees or asks, or is told."""

    sentence = "Enter how it ended: who asked for it, and how the client learned of it."


class NotOneOfUs(Refusal):
    """Somebody of the client's clinic."""

    sentence = "Choose someone who works at this clinic."


class NotYourself(Refusal):
    """Whoever records it can still see it, and can lift it."""

    sentence = "A restriction about you is recorded by a colleague. Ask the privacy officer."


class NobodyLeft(Refusal):
    """What the law has someone do with this record, no one here could do any more (45 CFR 164.308(a)(2), 164.524)."""

    sentence = (
        "No one else here could review emergency access to this record, or answer what this client asks for. Have "
        "someone else given the privacy officer’s role first, then record the restriction."
    )


class AlreadyRestricted(Refusal):
    """It stands."""

    sentence = "This restriction is already on record."


class AlreadyLifted(Refusal):
    """It ended before."""

    sentence = "This restriction was already lifted."


def restrict(*, client: Client, staff_member: StaffMember, reason: str, by: StaffMember) -> ClientRestriction:
    """Keep a client's record from one person from now on, whatever their role; they leave its care team.

    A chart that they have open for a medical emergency stays open until that hour ends (42 CFR 2.26(a)(3)). Raises
    NotPermitted, NotOneOfUs, NotYourself, WhyRestricted, AlreadyRestricted, NobodyLeft.
    """
    demand(by, Permission.RESTRICTION_KEEP, client)
    if staff_member.clinic_id != client.clinic_id:
        raise NotOneOfUs
    if staff_member.pk == by.pk:
        raise NotYourself
    if not says_something(reason, least=2, length=8):
        raise WhyRestricted
    with act("cases.restrict", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)  # two at once take turns
        if is_kept_from(client=client, staff_member=staff_member):
            raise AlreadyRestricted
        _check_duties(client, staff_member)
        now = timezone.now()
        found = ClientRestriction.objects.create(
            clinic=client.clinic, client=client, staff_member=staff_member, reason=reason.strip(), starts_at=now,
            recorded_by=by,
        )  # fmt: skip
        leave_team(client_id=client.pk, staff_member_id=staff_member.pk)
        entry.about(found, staff_member=staff_member.pk)
    return found


def lift(*, restriction: ClientRestriction, reason: str, by: StaffMember) -> ClientRestriction:
    """End it: their role and the care team decide again. Raises NotPermitted, WhyLifted, AlreadyLifted."""
    demand(by, Permission.RESTRICTION_KEEP, restriction)
    if not says_something(reason, least=2, length=8):
        raise WhyLifted
    with act("cases.lift_restriction", by=by, client=restriction.client) as entry:
        found = ClientRestriction.objects.select_for_update(no_key=True).get(pk=restriction.pk)
        if found.lifted_at is not None:
            raise AlreadyLifted
        found.lifted_at, found.lifted_by, found.lift_reason = timezone.now(), by, reason.strip()
        found.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        entry.about(found, staff_member=found.staff_member_id)
    return found


def is_kept_from(*, client: Client, staff_member: StaffMember) -> bool:
    """Whether a restriction of this client about this person is in force."""
    return ClientRestriction.objects.in_force().filter(client=client, staff_member=staff_member).exists()


def follow(*, client: Client, into: Client, since: datetime.datetime) -> int:
    """What was restricted while two records were one holds for both again once they are two. How many rows."""
    made = 0
    there = set(ClientRestriction.objects.in_force().filter(client=into).values_list("staff_member", flat=True))
    for each in ClientRestriction.objects.in_force().filter(client=client, starts_at__gte=since):
        if each.staff_member_id not in there:
            ClientRestriction.objects.create(
                clinic_id=each.clinic_id, client=into, staff_member_id=each.staff_member_id, reason=each.reason,
                starts_at=each.starts_at, recorded_by_id=each.recorded_by_id,
            )  # fmt: skip
            made += 1
        leave_team(client_id=into.pk, staff_member_id=each.staff_member_id)
    return made


def _check_duties(client: Client, staff_member: StaffMember) -> None:
    """Someone else has to be left for each duty that this person has."""
    barred = ClientRestriction.objects.in_force().filter(client=client).values("staff_member")
    others = StaffMember.objects.filter(clinic=client.clinic_id, is_active=True).exclude(pk=staff_member.pk)
    roles = set(others.exclude(pk__in=barred).values_list("role", flat=True))
    for duty in DUTIES:
        if can(staff_member, duty) and roles.isdisjoint(roles_with(duty)):
            raise NobodyLeft


def leave_team(*, client_id: int, staff_member_id: int) -> None:
    """End the person's places on the care team, but for emergency access, which ends by itself."""
    now = timezone.now()
    team = CareTeamMember.objects.filter(client=client_id, staff_member=staff_member_id).exclude(ends_at__lte=now)
    for member in team.exclude(part=CareTeamMember.Part.EMERGENCY):
        member.ends_at = max(now, member.starts_at + CareTeamMember.SHORTEST)
        member.save(update_fields=["ends_at"])
    covering.end_without_cause(client_id=client_id, away_id=staff_member_id)

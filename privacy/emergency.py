"""Emergency access (break-glass): opens a chart for an hour outside the care team; the reason is reviewed afterward."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection

from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import finding, names
from privacy.models import EmergencyAccess
from privacy.thresholds import EMERGENCY_MINUTES
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads
from staff.refusals import NotPermitted, Refusal


class EmergencyReasonNeeded(Refusal):
    """The privacy officer has to be able to judge the reason."""

    sentence = "Describe the emergency in a sentence. The privacy officer reviews it within one business day."


class AlreadyOnTheCareTeam(Refusal):
    """There is nothing to open."""

    sentence = "You can already open this chart. You don’t need emergency access."


class NobodyFound(Refusal):
    """Says nothing about whether such a person is a client."""

    sentence = "No chart matches. Check the spelling and the birth date."


class AlreadyReviewed(Refusal):
    """The access was already reviewed."""

    sentence = "This access was already reviewed."


class OwnAccess(Refusal):
    """No one reviews their own access."""

    sentence = "You can’t review your own emergency access. Ask a colleague."


def find(
    *,
    given_name: str,
    family_name: str,
    birth_date: datetime.date | None,
    by: StaffMember,
    birth_year: int | None = None,
) -> Client:
    """The one client of the clinic with exactly this name and birth date, whether or not `by` is on the care team.

    Accents, apostrophes and hyphens do not count (cases.people.names), nor which of the two fields a name is in. The
    first name may be the one they go by, the last name a former one.

    If the record holds only the year of birth, the year of a full date is enough. With a year alone, only records that
    hold no more are searched; with neither, only those that hold neither. Then no word of the name may be left out.

    Raises NobodyFound for none and for several alike; the attempt is in the audit log either way.
    """
    demand(by, Permission.EMERGENCY_OPEN)
    asked = f"{given_name} {family_name}".strip()
    people = Client.objects.current().filter(clinic=by.clinic_id)
    year = birth_date.year if birth_date else birth_year
    no_day = people.filter(finding.begins_so(asked), birth_date=None, birth_year=year)
    found = [client for client in no_day if _is_called(client, asked, names.is_whole)]
    if birth_date is not None:
        found += [client for client in people.filter(birth_date=birth_date) if _is_called(client, asked, names.same)]
    with act("privacy.look_up_for_emergency", by=by) as entry:
        entry.details["found"] = len(found)
    if len(found) != 1:
        raise NobodyFound
    return found[0]


def _is_called(client: Client, asked: str, compare: Callable[[str, str], bool]) -> bool:
    return any(compare(asked, name) for name in _whole_names(client))


def _whole_names(client: Client) -> set[str]:
    """Every combination of one of their first names and a last name."""
    first = {client.given_name, client.preferred_name or client.given_name}
    last = {client.family_name, client.former_family_name or client.family_name}
    return {f"{one} {other}".strip() for one in first for other in last}


def open(*, client: Client, reason: str, by: StaffMember) -> EmergencyAccess:
    """Let `by` see one chart for an hour from now; access ends by itself.

    Raises EmergencyReasonNeeded, AlreadyOnTheCareTeam, or NotPermitted if the role may not or the client belongs to
    another clinic.
    """
    demand(by, Permission.EMERGENCY_OPEN)
    if client.clinic_id != by.clinic_id:
        raise NotPermitted
    if len(reason.strip()) < 10:
        raise EmergencyReasonNeeded
    if can(by, Permission.CLIENT_VIEW, client):
        raise AlreadyOnTheCareTeam
    now = timezone.now()
    ends_at = now + datetime.timedelta(minutes=EMERGENCY_MINUTES.for_clinic(client.clinic))
    with act("privacy.open_emergency_access", by=by, client=client) as entry:
        member = CareTeamMember.objects.create(
            client=client,
            staff_member=by,
            part=CareTeamMember.Part.EMERGENCY,
            starts_at=now,
            ends_at=ends_at,
            assigned_by=by,
        )
        access = EmergencyAccess.objects.create(
            client=client,
            staff_member=by,
            care_team_member=member,
            reason=reason.strip(),
            opened_at=now,
            ends_at=ends_at,
        )
        entry.about(access)
    return access


def review(*, access: EmergencyAccess, finding: str, by: StaffMember, note: str = "") -> EmergencyAccess:
    """Record the privacy officer's review. Raises AlreadyReviewed or OwnAccess."""
    demand(by, Permission.EMERGENCY_REVIEW, access.client)
    with act("privacy.review_emergency_access", by=by, client=access.client) as entry:
        access = EmergencyAccess.objects.select_for_update(no_key=True).get(pk=access.pk)
        if access.reviewed_at is not None:
            raise AlreadyReviewed
        if access.staff_member_id == by.pk:
            raise OwnAccess
        access.finding = EmergencyAccess.Finding(finding)
        access.review_note = note.strip()
        access.reviewed_at = timezone.now()
        access.reviewed_by = by
        access.save()
        entry.about(access, finding=finding)
    return access


def review_due_on(access: EmergencyAccess) -> datetime.date:
    """The next business day after the access, in the clinic's zone; Saturdays and Sundays are none."""
    day = timezone.localtime(access.opened_at, access.client.clinic.zone).date() + datetime.timedelta(days=1)
    while day.weekday() >= 5:
        day += datetime.timedelta(days=1)
    return day


def running_for(client_ids: Collection[int], *, staff_member: StaffMember, now: datetime.datetime) -> set[int]:
    """Which of these charts the person has open for an emergency at a moment, in one query."""
    opened = EmergencyAccess.objects.filter(
        client__in=client_ids, staff_member=staff_member, opened_at__lte=now, ends_at__gt=now
    )
    return set(opened.values_list("client_id", flat=True))


@reads
def running(*, client_id: int, staff_member: StaffMember, now: datetime.datetime) -> Reading[EmergencyAccess | None]:
    """The person's emergency access to this chart at a moment, for the banner and the access log."""
    opened = query(
        lambda client_id, by, now: EmergencyAccess.objects.filter(
            client=client_id, staff_member=by, opened_at__lte=now, ends_at__gt=now
        ).order_by("-ends_at"),
        client_id=client_id,
        by=staff_member,
        now=now,
    )
    return (yield from first(opened))

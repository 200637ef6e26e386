"""Emergency access (break-glass): opens a chart for an hour outside the care team; the reason is reviewed afterward.

It also opens the chart of somebody who restricted the reader: their life goes first. The review says that they did.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection

from django.db import transaction
from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import finding, names
from privacy.models import EmergencyAccess, EmergencyLookUp
from privacy.thresholds import EMERGENCY_LOOK_UPS, EMERGENCY_MINUTES
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.office_hours import next_business_day
from staff.reading import Reading, first, query, reads
from staff.refusals import NotPermitted, Refusal
from staff.saying import says_something

Outcome = EmergencyLookUp.Outcome
HOUR = datetime.timedelta(hours=1)
REASON_WORDS, REASON_LENGTH = 3, 15


class EmergencyReasonNeeded(Refusal):
    """The privacy officer has to be able to judge the reason. Checked before anyone is looked up."""

    sentence = (
        "Describe the emergency in a sentence: what happened, and what you need from the chart. The privacy officer "
        "reviews it within one business day."
    )


class AlreadyOnTheCareTeam(Refusal):
    """There is nothing to open."""

    sentence = "You can already open this chart. You don’t need emergency access."


class NobodyFound(Refusal):
    """Says nothing about whether such a person is a client."""

    sentence = "No chart matches. Check the spelling and the birth date. This look-up goes to the privacy officer."


class TooManyLookUps(Refusal):
    """A list of names is being tried."""

    sentence = (
        "You’ve used this form as often as it allows in an hour. In an emergency, call 911 and ask a supervisor to "
        "open the chart. The privacy officer sees this."
    )


class AlreadyReviewed(Refusal):
    """The access was already reviewed."""

    sentence = "This access was already reviewed."


class OwnAccess(Refusal):
    """No one reviews their own access."""

    sentence = "You can’t review your own emergency access. Ask a colleague."


def look_up(
    *,
    given_name: str,
    family_name: str,
    birth_date: datetime.date | None,
    reason: str,
    by: StaffMember,
    birth_year: int | None = None,
) -> EmergencyAccess:
    """Open the chart of the one person with this name and birth date, for an hour: what the emergency form does.

    Every use is a row for the privacy officer's review, whatever comes of it, and the next few in an hour wait
    (EMERGENCY_LOOK_UPS). The reason is checked first, so that a bad one tells nothing. Raises EmergencyReasonNeeded,
    TooManyLookUps, NobodyFound, AlreadyOnTheCareTeam.
    """
    demand(by, Permission.EMERGENCY_OPEN)
    check_reason(reason)
    outcome: EmergencyLookUp.Outcome = Outcome.NOBODY
    refusal: Refusal | None = None
    client: Client | None = None
    access = None
    with transaction.atomic():
        StaffMember.objects.select_for_update(no_key=True).get(pk=by.pk)  # several at once are counted one by one
        now = timezone.now()
        if _recent(by, now) >= EMERGENCY_LOOK_UPS.for_clinic(by.clinic):
            outcome, refusal = Outcome.LIMITED, TooManyLookUps()
        else:
            try:
                client = find(
                    given_name=given_name, family_name=family_name, birth_date=birth_date, birth_year=birth_year, by=by
                )
                access, outcome = open(client=client, reason=reason, by=by), Outcome.OPENED
            except NobodyFound as nobody:
                refusal = nobody
            except AlreadyOnTheCareTeam as own:
                outcome, refusal = Outcome.OWN, own
        EmergencyLookUp.objects.create(
            clinic=by.clinic,
            staff_member=by,
            at=now,
            given_name=given_name,
            family_name=family_name,
            birth_date=birth_date,
            birth_year=birth_year,
            reason=reason.strip(),
            outcome=outcome,
            client_id=client.pk if client is not None else None,
        )
    if access is None:
        raise refusal or NobodyFound()
    return access


def check_reason(reason: str) -> None:
    """Raise EmergencyReasonNeeded for a reason that says nothing: a sentence of a few different words is needed."""
    if not says_something(reason, least=REASON_WORDS, length=REASON_LENGTH):
        raise EmergencyReasonNeeded


def _recent(by: StaffMember, now: datetime.datetime) -> int:
    answered = EmergencyLookUp.objects.filter(staff_member=by, at__gt=now - HOUR).exclude(outcome=Outcome.LIMITED)
    return answered.count()


def review_look_ups(*, look_ups: Collection[int], by: StaffMember, note: str = "") -> int:
    """Record that the privacy officer has seen these look-ups; nobody's own. How many."""
    demand(by, Permission.EMERGENCY_REVIEW)
    with act("privacy.review_look_ups", by=by) as entry:
        rows = EmergencyLookUp.objects.visible_to(by).unreviewed().filter(pk__in=look_ups).exclude(staff_member=by)
        ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        if not ids:
            entry.nothing_changed()
            return 0
        EmergencyLookUp.objects.filter(pk__in=ids).update(
            reviewed_at=timezone.now(), reviewed_by=by, review_note=note.strip()
        )
        entry.details["look_ups"] = ids
        return len(ids)


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
    check_reason(reason)
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
    """The next business day after the access, in the clinic's zone: no weekend, and no holiday of the clinic."""
    return next_business_day(access.opened_at, access.client.clinic)


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

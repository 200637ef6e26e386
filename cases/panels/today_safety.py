"""Today items for safety: evaluations not recorded yet, and checks that are due."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import CareTeamMember, Client, SafetyEvaluation
from cases.models.people.client import ClientQuerySet
from cases.people.deaths import has_died, living
from cases.safety import Listener, SafetyFact
from cases.safety.concerns import Row
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.prepared import IsOneOf
from staff.reading import Reading, known, query, reads, rows, together


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For the care team, the person who recorded the danger, and every supervisor. No danger is ever left out.

    A person who recorded it but may no longer see the client is told that it is waiting, without the chart. Uses a
    fixed number of queries, none of which loads answered dangers. Clients who died are left out.
    """
    if not can(staff_member, Permission.CLIENT_VIEW):
        return []
    may_evaluate = can(staff_member, Permission.SAFETY_EVALUATE)
    today = timezone.localdate(now, staff_member.clinic.zone)
    known_open, checks = yield from together(
        safety.open_by_client.part(
            clients=_everybody(staff_member),
            told_to=_listener(staff_member, now),
            asked=query(_open, by=staff_member, now=now, sources=" ".join(settings.SAFETY_SOURCES)),
        ),
        rows(query(_checks, by=staff_member, now=now, today=today)) if may_evaluate else known([]),
    )
    concerns = {
        client_id: [each for each in found if may_evaluate or each.recorded_by_id == staff_member.pk]
        for client_id, found in known_open.items()
    }
    visible = query(_visible, by=staff_member, clients=[*concerns])
    people = {client.pk: client for client in (yield from rows(visible))} if concerns else {}
    return [
        *(
            _concern(people[pk], found, may_evaluate=may_evaluate)
            if pk in people
            else _of_own_record(found, staff_member)
            for pk, found in concerns.items()
        ),
        *(_check(row, now) for row in checks if row.client_id not in concerns),
    ]


def _open(by: Any, now: Any, sources: str) -> QuerySet[Any, Row]:  # noqa: ARG001  # of each setting another one
    alive = _everybody(by).exclude(has_died("pk"))
    return safety.danger_rows(alive, only_open=True, told_to=_listener(by, now))


def _everybody(by: Any) -> ClientQuerySet:
    return Client.objects.filter(clinic=by.clinic_id).current()


def _listener(by: Any, now: Any) -> Listener | None:
    """Supervisors are told about everyone."""
    return None if can(by, Permission.NOTE_COSIGN) else Listener(by, _team(by, now))


def _team(by: Any, now: Any) -> QuerySet[CareTeamMember, int]:
    team = CareTeamMember.objects.caseload(by, now)
    return (team if can(by, Permission.SAFETY_EVALUATE) else team.none()).values_list("client_id", flat=True)


def _visible(by: Any, clients: Any) -> QuerySet[Client]:
    return Client.objects.visible_to(by).filter(IsOneOf("pk", clients))


def _checks(by: Any, now: Any, today: Any) -> QuerySet[SafetyEvaluation]:
    """Checks of own clients and those the user promised; for supervisors, also all that are late."""
    heard = Q(client__in=_team(by, now)) | Q(evaluated_by=by)
    if can(by, Permission.NOTE_COSIGN):
        heard |= Q(next_check_on__lt=today)
    due = safety.checks_due(clients=living(Client.objects.visible_to(by)), on=today)
    return due.filter(heard).select_related("client__clinic")


def _concern(client: Client, found: list[SafetyFact], *, may_evaluate: bool) -> Need:
    newest = found[0]
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return Need(
        urgency=Urgency.NOW,
        title="Evaluate safety" if may_evaluate else "Get a clinician to evaluate safety",
        detail=f"{newest.sentence}{more} 988: call or text.",
        url=reverse("cases:safety", args=[client.pk]) if may_evaluate else newest.page,
        button="Evaluate now" if may_evaluate else "View record",
        icon="triangle-alert",
        due=found[-1].at,
        client_name=client.full_name,
        kind="Safety",
        is_danger=True,
    )


def _of_own_record(found: list[SafetyFact], staff_member: StaffMember) -> Need:
    newest = found[0]
    own_call = newest.page if newest.record.startswith("call ") else ""  # who took a call goes on seeing it
    return without_the_chart(staff_member=staff_member, recorded_at=newest.at, since=found[-1].at, page=own_call)


def without_the_chart(
    *, staff_member: StaffMember, recorded_at: datetime.datetime, since: datetime.datetime, page: str = ""
) -> Need:
    """For a user who recorded a danger but may no longer see the client: it is waiting, without who or what.

    `page` is a page they may still open. `since` is when the waiting began.
    """
    day = day_in_words(timezone.localdate(recorded_at, staff_member.clinic.zone))
    return Need(
        urgency=Urgency.NOW,
        title="Get a clinician to evaluate safety",
        detail=f"What you recorded on {day} needs a safety evaluation. Tell a supervisor now. 988: call or text.",
        url=page,
        button="View record" if page else "",
        icon="triangle-alert",
        due=since,
        kind="Safety",
        is_danger=True,
    )


def _check(row: SafetyEvaluation, now: datetime.datetime) -> Need:
    today = timezone.localdate(now, row.client.clinic.zone)
    late = row.next_check_on is not None and row.next_check_on < today
    return Need(
        urgency=Urgency.NOW if late else Urgency.TODAY,
        title="Safety check due",
        detail="Set at the last safety evaluation",
        url=reverse("cases:safety", args=[row.client_id]),
        button="Check now",
        icon="shield-alert",
        due=row.next_check_on,
        client_name=row.client.full_name,
        kind="Safety",
        is_danger=late,
    )

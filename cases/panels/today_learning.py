"""Today items for returns to use: check-ins and tolerance warnings."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import CareTeamMember, Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.people.deaths import has_died
from cases.recovery import tolerance
from cases.recovery.dates_in_words import known_to
from cases.recovery.tolerance import Break
from staff.access import ROLES, Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

ASKED_AFTER_DAYS = 7
# The weeks in which an overdose is likeliest; after them the warning still waits, until it is given.
MOST_DANGEROUS_DAYS = 30
# How far back supervisors see breaks of people who are not in care and have no care team.
NOBODY_ELSE_WITHIN = datetime.timedelta(days=366)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For clients whose care team the person is on, in two queries: people at risk of death first.

    If no active care team member could give a warning, every supervisor gets it. Urgent items are never cut off.
    """
    today = timezone.localdate(now, timezone=staff_member.clinic.zone)
    asked_before = today - datetime.timedelta(days=ASKED_AFTER_DAYS)
    since = today - NOBODY_ELSE_WITHIN
    lately = datetime.datetime.combine(since, datetime.time.min, staff_member.clinic.zone)
    people = yield from rows(query(_told_of, by=staff_member, now=now, since=since, lately=lately))
    used, left = yield from together(
        rows(query(_returns, people=people, asked_before=asked_before, by=staff_member, now=now)),
        rows(query(_leavings, people=people, by=staff_member)),
    )
    alive = [row for row in used if not row.has_died]  # type: ignore[attr-defined]
    warned_of = _warn((row for row in alive if row.used_opioids), left, today)  # type: ignore[attr-defined]
    goes_on = [row for row in alive if row.is_own and row.ended_on is None and row.started_on < asked_before]  # type: ignore[attr-defined]
    return [*warned_of, *(_ask(row) for row in goes_on)]


def _returns(people: Any, asked_before: Any, by: Any, now: Any) -> QuerySet[Relapse]:
    own = CareTeamMember.objects.caseload(by, now).values("client")
    return (
        Relapse.objects.visible_to(by)
        .filter(IsOneOf("client", people), client__merged_into=None, is_confirmed=True)
        .annotate(is_own=Q(client__in=own), used_opioids=tolerance.with_opioids(), has_died=has_died("client"))
        .filter(Q(used_opioids=True) | Q(ended_on=None, started_on__lt=asked_before))
        .select_related("client__clinic")
        .order_by("started_on", "pk")
    )


def _leavings(people: Any, by: Any) -> QuerySet[LevelOfCarePeriod]:
    of_them = LevelOfCarePeriod.objects.filter(IsOneOf("episode__client", people), episode__client__merged_into=None)
    return tolerance.leavings(of_them.visible_to(by))


def _told_of(by: Any, now: Any, since: Any, lately: Any) -> QuerySet[Any, int]:
    """The people about whom something may be due, and the user is told of it, by their numbers.

    For clinicians their own clients. For supervisors also those no one else would be told about: people who are in care
    now, who are using as far as known, or whose break was lately. It starts from what may be due, so it does not grow
    with a clinic's age.
    """
    own = CareTeamMember.objects.caseload(by, now).values("client")
    unwarned, left = tolerance.returns_not_warned_of(), tolerance.leavings_not_warned_of()
    found = [
        _whose(unwarned.filter(client__in=own), "client"),
        _whose(Relapse.objects.filter(client__in=own, ended_on=None, is_confirmed=True), "client"),
        *(_whose(some.filter(episode__client__in=own), "episode__client") for some in left),
    ]
    if can(by, Permission.NOTE_COSIGN):
        in_care = _whose(TreatmentEpisode.objects.open().filter(_has_no_team("client", now)), "client")
        found += [
            _whose(unwarned.filter(Q(ended_on=None) | Q(ended_on__gte=since), _has_no_team("client", now)), "client"),
            *(
                _whose(some.filter(_has_no_team("episode__client", now), ends_at__gte=lately), "episode__client")
                for some in left
            ),
            _whose(unwarned.filter(client__in=in_care), "client"),
            *(_whose(some.filter(episode__client__in=in_care), "episode__client") for some in left),
        ]
    return found[0].union(*found[1:])


def _whose(records: QuerySet[Any], client: str) -> QuerySet[Any, int]:
    return records.order_by().values_list(client, flat=True)


def _has_no_team(client: str, now: Any) -> Q:
    giving = [role for role, may in ROLES.items() if Permission.RELAPSE_RECORD in may]
    team = CareTeamMember.objects.current(now).filter(
        client=OuterRef(client), staff_member__is_active=True, staff_member__role__in=giving
    )
    return ~Q(Exists(team))


def _warn(returns: Iterable[Relapse], left: Iterable[LevelOfCarePeriod], today: datetime.date) -> list[Need]:
    """One line for each person who still needs the warning, latest break first."""
    clients: dict[int, Client] = {}
    breaks: dict[int, list[Break]] = defaultdict(list)
    for row in returns:
        clients[row.client_id] = row.client
        breaks[row.client_id].append(tolerance.after_return(row))
    for period in left:
        clients[period.episode.client_id] = period.episode.client
        breaks[period.episode.client_id] += tolerance.after_leaving([period])
    found = (tolerance.latest_due(own, today) for own in breaks.values())
    latest_first = sorted((each for each in found if each), key=lambda each: each.since, reverse=True)
    return [_need(each, clients[each.client_id], today) for each in latest_first]


def _need(due: Break, client: Client, today: datetime.date) -> Need:
    goes_on = due.relapse is not None and due.relapse.ended_on is None
    is_early = goes_on or (today - due.since).days <= MOST_DANGEROUS_DAYS
    return Need(
        urgency=Urgency.NOW if is_early else Urgency.TODAY,
        title="Warn about reduced opioid tolerance",
        detail=f"Their usual amount can now kill, {due.words}. Naloxone nearby; never use alone.",
        url=due.url,
        button="Give warning",
        icon="triangle-alert",
        client_name=client.full_name,
        kind="Returns to use",
        is_danger=True,
    )


def _ask(relapse: Relapse) -> Need:
    return Need(
        urgency=Urgency.TODAY,
        title="Check in",
        detail=f"Currently using, as of last report, since {known_to(relapse.started_on, relapse.started_precision)}",
        url=address("cases:relapses", relapse.client_id),
        button="Open",
        icon="message-circle-question-mark",
        client_name=relapse.client.full_name,
        kind="Returns to use",
    )

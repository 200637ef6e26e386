"""Today items for medical providers: evaluations, 24-hour care, callers in withdrawal, withdrawal scores.

Each stays on Today with its deadline until it is recorded as done: an evaluation, a medical provider's signed session
note, a later decision, or (for 24-hour care) an admission to a level and program that provide it. Those who evaluate
see everything. The clinic's supervisors see what is late, or everything if no one in the clinic evaluates. The care
team sees urgent items and scores. So does the person who recorded a score, without the chart if they may no longer see
the client.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.medical import medical_needs, withdrawal_scores
from cases.medical.medical_standings import MedicalNeed, as_they_stand, decided_need
from cases.models import (
    CareTeamMember,
    Client,
    Inquiry,
    LevelOfCareAssessment,
    LevelOfCarePeriod,
    MedicalEvaluation,
)
from cases.models.medical import WHOSE
from cases.people.deaths import has_died
from cases.placement import thresholds
from cases.placement.thresholds import EVALUATION_HOURS, NEED_DAYS
from cases.safety.danger_sign_times import last_heard, last_heard_at
from cases.safety.danger_signs import FOR_MEDICAL_PROVIDER
from staff.access import ROLES, Permission, can
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, exists, known, query, reads, rows, together
from staff.thresholds import values_for

from .today_medical_lines import is_late, line, of_own_score

_ENDED = (Inquiry.Stage.REFERRED, Inquiry.Stage.CLOSED)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """The most pressing first, in a fixed number of statements. None is left out: the page alone cuts."""
    if not can(staff_member, Permission.EPISODE_ADMIT):
        return []
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    supervises = can(staff_member, Permission.EPISODE_OVERRIDE)
    everything = evaluates or supervises
    numbers = values_for(staff_member.clinic, (*thresholds.ALL, EVALUATION_HOURS, NEED_DAYS))
    since = now - datetime.timedelta(days=numbers[NEED_DAYS.key])
    within = datetime.timedelta(hours=numbers[EVALUATION_HOURS.key])
    for_supervisor = supervises and not evaluates
    (scores, begun, unseen), decided, calls, somebody_evaluates, team = yield from together(
        _scores(staff_member, now, numbers),
        rows(query(_decided, by=staff_member, since=since, now=now, everything=everything)),
        rows(query(_calls, by=staff_member, since=since)) if everything else known([]),
        exists(query(_who_evaluate, by=staff_member)) if for_supervisor else known(False),
        rows(query(_team, by=staff_member, now=now)) if for_supervisor else known([]),
    )
    starts = [decided_need(row) for row in decided]
    starts += [
        MedicalNeed(MedicalIntensity.EVALUATION, last_heard_at(call, FOR_MEDICAL_PROVIDER), inquiry=call)
        for call in calls
    ]
    recorded = yield from rows(
        query(
            _evaluations,
            by=staff_member,
            since=since,
            clients=[each.client_id for each in (*starts, *scores) if each.client_id is not None],
            calls=[each.inquiry.pk for each in starts if each.inquiry is not None],
            unseen=[*unseen],
        )
    )
    standing, periods = yield from together(
        as_they_stand.part([*starts, *scores], recorded), rows(_care_now([*starts, *scores], recorded, now))
    )
    standing = [each for each in standing if each.need and (each.score or each.client_id not in unseen)]
    if not everything:
        standing = [each for each in standing if each.need >= MedicalIntensity.MANAGED or each.score]
    standing = _not_met_in_care(standing, periods)
    if for_supervisor and somebody_evaluates:
        standing = _for_supervisor(standing, staff_member, now, within, team=set(team))
    found = [
        of_own_score(each, staff_member) if each.client_id in unseen else line(each, staff_member, now, within, begun)
        for each in _worst_scores(standing)
    ]
    return sorted(found, key=lambda need: (need.urgency, str(need.due)))


def _for_supervisor(
    standing: list[MedicalNeed],
    staff_member: StaffMember,
    now: datetime.datetime,
    within: datetime.timedelta,
    *,
    team: set[int],
) -> list[MedicalNeed]:
    """Late items, and scores of own clients or recorded by this supervisor; everything if no one evaluates."""
    return [
        each
        for each in standing
        if is_late(each, now, within)
        or (each.score and (each.client_id in team or each.score.recorded_by.pk == staff_member.pk))
    ]


def _who_evaluate(by: Any) -> QuerySet[StaffMember]:
    roles = [role for role, may in ROLES.items() if Permission.MEDICAL_EVALUATE in may]
    return StaffMember.objects.filter(clinic=by.clinic_id, role__in=roles, is_active=True)


def _own(by: Any, now: Any) -> QuerySet[CareTeamMember]:
    return CareTeamMember.objects.caseload(by, now)


def _team(by: Any, now: Any) -> QuerySet[CareTeamMember, int]:
    return _own(by, now).values_list("client_id", flat=True)


def _decided(by: Any, since: Any, now: Any, *, everything: bool) -> QuerySet[LevelOfCareAssessment]:
    """Current decisions on a medical need, of people who are alive."""
    later = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gt=OuterRef("decided_at"))
    decided = LevelOfCareAssessment.objects.visible_to(by).filter(
        decided_medical__gte=MedicalIntensity.EVALUATION, decided_at__gte=since, client__merged_into=None
    )
    if not everything:
        own = _own(by, now).values("client")
        decided = decided.filter(decided_medical__gte=MedicalIntensity.MANAGED, client__in=own)
    return decided.exclude(Exists(later)).exclude(has_died("client")).select_related("client__clinic", "decided_by")


def _calls(by: Any, since: Any) -> QuerySet[Inquiry]:
    """Calls with a sign for the medical provider; calls that led to a decision are listed under the decision."""
    signs = sorted(FOR_MEDICAL_PROVIDER)
    decided = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gte=OuterRef("heard_at"))
    return (
        Inquiry.objects.visible_to(by)
        .filter(Q(taken_at__gte=since) | ~Q(signs_heard_at={}), danger_signs__overlap=signs, is_draft=False)
        .annotate(heard_at=last_heard(*signs))
        .filter(heard_at__gte=since)
        .exclude(Q(stage__in=_ENDED) & ~Q(signs_after_end__overlap=signs))
        .exclude(Exists(decided))
        .select_related("client", "clinic")
    )


def _evaluations(by: Any, since: Any, clients: Any, calls: Any, unseen: Any) -> QuerySet[MedicalEvaluation]:
    """Evaluations of people with a need, or whose need an evaluation found, in one query.

    Findings about a call end with the call, unless the caller is a client or a sign was heard since. For people in
    `unseen`, they say only that someone looked into the score.
    """
    visible = MedicalEvaluation.objects.visible_to(by).with_whose().filter(at__gte=since)
    found = visible.filter(need__gte=MedicalIntensity.EVALUATION)
    told = visible | MedicalEvaluation.objects.with_whose().filter(IsOneOf("whose", unseen), at__gte=since)
    return (
        told.filter(
            Q(IsOneOf("whose", clients))
            | Q(IsOneOf("inquiry", calls))
            | Q(whose__in=found.order_by().values(client=WHOSE))
            | Q(inquiry__in=found.order_by().values("inquiry"))
        )
        .exclude(Q(whose=None, inquiry__stage__in=_ENDED, inquiry__signs_after_end=[]))
        .exclude(has_died("whose"))
    )


def _scores(
    staff_member: StaffMember, now: datetime.datetime, numbers: dict[str, int]
) -> Reading[tuple[list[MedicalNeed], dict[int, LevelOfCareAssessment], set[int]]]:
    """Dangerous scores with no decision since, each person's last assessment, and who the user may not see.

    For people they may not see, users get only the scores they recorded.
    """
    found = yield from withdrawal_scores.dangerous.part(reader=staff_member, now=now, numbers=numbers)
    if not found:
        return [], {}, set()
    people = {score.client_id for score, _ in found}
    own = {score.client_id for score, _ in found if score.recorded_by.pk == staff_member.pk}
    assessed, seen = yield from together(
        rows(query(_assessed, clients=[*people])), rows(query(_seen, by=staff_member, clients=[*own]))
    )
    last: dict[int, LevelOfCareAssessment] = {}
    decided: dict[int, datetime.datetime] = {}
    for row in assessed:
        last[row.client_id] = row
        if row.decided_at is not None:
            decided[row.client_id] = max(row.decided_at, decided.get(row.client_id, row.decided_at))
    standing = [
        MedicalNeed(need, score.at, score=score)
        for score, need in found
        if score.client_id not in decided or decided[score.client_id] < score.at
    ]
    return standing, last, own - set(seen)


def _assessed(clients: Any) -> QuerySet[LevelOfCareAssessment]:
    of_them = LevelOfCareAssessment.objects.filter(IsOneOf("client", clients)).order_by("assessed_at", "pk")
    return of_them.only("client_id", "assessed_at", "decided_at")


def _seen(by: Any, clients: Any) -> QuerySet[Client, int]:
    return Client.objects.visible_to(by).filter(IsOneOf("pk", clients)).values_list("pk", flat=True)


def _worst_scores(standing: Sequence[MedicalNeed]) -> list[MedicalNeed]:
    """Each person's worst score, the latest of equals: thirty scores in one day make one line."""
    worst: dict[int | None, MedicalNeed] = {}
    for each in standing:
        if each.score is not None:
            other = worst.get(each.client_id)
            if other is None or (other.need, other.since) < (each.need, each.since):
                worst[each.client_id] = each
    return [each for each in standing if each.score is None or worst[each.client_id] is each]


def _care_now(
    starts: Sequence[MedicalNeed], recorded: Sequence[MedicalEvaluation], now: datetime.datetime
) -> Query[LevelOfCarePeriod]:
    """Where these people are in care now, with what the program gives."""
    clients = {each.client_id for each in starts} | {each.whose for each in recorded}  # type: ignore[attr-defined]  # with_whose
    return query(_periods, clients=[*(clients - {None})], now=now)


def _periods(clients: Any, now: Any) -> QuerySet[LevelOfCarePeriod]:
    of_them = LevelOfCarePeriod.objects.at(now).filter(IsOneOf("episode__client", clients))
    return of_them.filter(episode__discharged_on=None).select_related("episode__program__clinic")


def _not_met_in_care(standing: Sequence[MedicalNeed], periods: Sequence[LevelOfCarePeriod]) -> list[MedicalNeed]:
    """Leaves out people at a level and in a program that give the 24-hour care they need.

    A client in 24-hour medical care is already being looked after, whatever the score. But only an evaluation satisfies
    a promised evaluation, which is listed separately.
    """
    asked: dict[int, MedicalIntensity] = {}
    for each in standing:
        if each.client_id is not None and _is_met_by_care(each):
            need = max(each.need, MedicalIntensity.MANAGED)
            asked[each.client_id] = max(need, asked.get(each.client_id, need))
    met = {
        period.episode.client_id
        for period in periods
        if period.episode.client_id in asked
        and not medical_needs.shortfall(
            need=asked[period.episode.client_id],
            level=medical_needs.level_of(period, period.episode.program.clinic),
            program=period.episode.program,
        )
    }
    return [each for each in standing if each.client_id not in met or not _is_met_by_care(each)]


def _is_met_by_care(each: MedicalNeed) -> bool:
    """Whether it requires 24-hour care, as a need or a score."""
    return each.need >= MedicalIntensity.MANAGED or each.score is not None

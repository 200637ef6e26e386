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
from cases.people.deaths import has_died, living
from cases.placement import thresholds
from cases.placement.thresholds import EVALUATION_HOURS, NEED_DAYS
from cases.safety.danger_sign_times import last_heard, last_heard_at
from cases.safety.danger_signs import FOR_MEDICAL_PROVIDER
from staff.access import ROLES, Permission, can
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need
from staff.thresholds import values_for

from .today_medical_lines import is_late, line, of_own_score

_ENDED = (Inquiry.Stage.REFERRED, Inquiry.Stage.CLOSED)


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    """The most pressing first, in a fixed number of queries. None is left out: the page alone cuts."""
    if not can(staff_member, Permission.EPISODE_ADMIT):
        return []
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    supervises = can(staff_member, Permission.EPISODE_OVERRIDE)
    everything = evaluates or supervises
    numbers = values_for(staff_member.clinic, (*thresholds.ALL, EVALUATION_HOURS, NEED_DAYS))
    since = now - datetime.timedelta(days=numbers[NEED_DAYS.key])
    within = datetime.timedelta(hours=numbers[EVALUATION_HOURS.key])
    scores, begun, unseen = _scores(staff_member, now, numbers)
    starts = [decided_need(row) for row in _decided(staff_member, since, now, everything=everything)]
    starts += [
        MedicalNeed(MedicalIntensity.EVALUATION, last_heard_at(call, FOR_MEDICAL_PROVIDER), inquiry=call)
        for call in (_calls(staff_member, since) if everything else ())
    ]
    standing = as_they_stand([*starts, *scores], _evaluations(staff_member, since, [*starts, *scores], unseen))
    standing = [each for each in standing if each.need and (each.score or each.client_id not in unseen)]
    if not everything:
        standing = [each for each in standing if each.need >= MedicalIntensity.MANAGED or each.score]
    standing = _not_met_in_care(standing, now)
    if supervises and not evaluates:
        standing = _for_supervisor(standing, staff_member, now, within)
    found = [
        of_own_score(each, staff_member) if each.client_id in unseen else line(each, staff_member, now, within, begun)
        for each in _worst_scores(standing)
    ]
    return sorted(found, key=lambda need: (need.urgency, str(need.due)))


def _for_supervisor(
    standing: list[MedicalNeed], staff_member: StaffMember, now: datetime.datetime, within: datetime.timedelta
) -> list[MedicalNeed]:
    """Late items, and scores of own clients or recorded by this supervisor; everything if no one evaluates."""
    late = [each for each in standing if is_late(each, now, within)]
    if len(late) == len(standing) or not _somebody_evaluates(staff_member):
        return standing
    rows = CareTeamMember.objects.current(now).filter(staff_member=staff_member).values_list("client_id", flat=True)
    team = set(rows) if any(each.score for each in standing) else set()
    return [
        each
        for each in standing
        if is_late(each, now, within)
        or (each.score and (each.client_id in team or each.score.recorded_by.pk == staff_member.pk))
    ]


def _somebody_evaluates(staff_member: StaffMember) -> bool:
    roles = [role for role, may in ROLES.items() if Permission.MEDICAL_EVALUATE in may]
    return StaffMember.objects.filter(clinic=staff_member.clinic_id, role__in=roles, is_active=True).exists()


def _decided(
    staff_member: StaffMember, since: datetime.datetime, now: datetime.datetime, *, everything: bool
) -> QuerySet[LevelOfCareAssessment]:
    """Current decisions on a medical need, of people who are alive."""
    later = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gt=OuterRef("decided_at"))
    rows = LevelOfCareAssessment.objects.visible_to(staff_member).filter(
        decided_medical__gte=MedicalIntensity.EVALUATION, decided_at__gte=since, client__merged_into=None
    )
    if not everything:
        own = CareTeamMember.objects.current(now).filter(staff_member=staff_member)
        rows = rows.filter(decided_medical__gte=MedicalIntensity.MANAGED, client__in=own.values("client"))
    return rows.exclude(Exists(later)).exclude(has_died("client")).select_related("client__clinic", "decided_by")


def _calls(staff_member: StaffMember, since: datetime.datetime) -> QuerySet[Inquiry]:
    """Calls with a sign for the medical provider; calls that led to a decision are listed under the decision."""
    signs = sorted(FOR_MEDICAL_PROVIDER)
    decided = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gte=OuterRef("heard_at"))
    return (
        Inquiry.objects.visible_to(staff_member)
        .filter(Q(taken_at__gte=since) | ~Q(signs_heard_at={}), danger_signs__overlap=signs, is_draft=False)
        .annotate(heard_at=last_heard(*signs))
        .filter(heard_at__gte=since)
        .exclude(Q(stage__in=_ENDED) & ~Q(signs_after_end__overlap=signs))
        .exclude(Exists(decided))
        .select_related("client", "clinic")
    )


def _evaluations(
    staff_member: StaffMember, since: datetime.datetime, starts: Sequence[MedicalNeed], unseen: set[int]
) -> QuerySet[MedicalEvaluation]:
    """Evaluations of people with a need, or whose need an evaluation found, in one query.

    Findings about a call end with the call, unless the caller is a client or a sign was heard since. For people in
    `unseen`, they say only that someone looked into the score.
    """
    visible = MedicalEvaluation.objects.visible_to(staff_member).with_whose().filter(at__gte=since)
    found = visible.filter(need__gte=MedicalIntensity.EVALUATION)
    rows = visible | MedicalEvaluation.objects.with_whose().filter(Q(whose__in=unseen), at__gte=since)
    clients = {each.client_id for each in starts if each.client_id is not None}
    calls = {each.inquiry.pk for each in starts if each.inquiry is not None}
    return (
        rows.filter(
            Q(whose__in=clients)
            | Q(inquiry__in=calls)
            | Q(whose__in=found.order_by().values(client=WHOSE))
            | Q(inquiry__in=found.order_by().values("inquiry"))
        )
        .exclude(Q(whose=None, inquiry__stage__in=_ENDED, inquiry__signs_after_end=[]))
        .exclude(has_died("whose"))
    )


def _scores(
    staff_member: StaffMember, now: datetime.datetime, numbers: dict[str, int]
) -> tuple[list[MedicalNeed], dict[int, LevelOfCareAssessment], set[int]]:
    """Dangerous scores with no decision since, each person's last assessment, and who the user may not see.

    For people they may not see, users get only the scores they recorded.
    """
    visible = Client.objects.visible_to(staff_member)
    found = withdrawal_scores.dangerous(
        clients=living(visible),
        everybody=living(Client.objects.filter(clinic=staff_member.clinic_id)),
        recorded_by=staff_member,
        now=now,
        numbers=numbers,
    )
    if not found:
        return [], {}, set()
    people = {score.client_id for score, _ in found}
    rows = LevelOfCareAssessment.objects.filter(client__in=people).order_by("assessed_at", "pk")
    last: dict[int, LevelOfCareAssessment] = {}
    decided: dict[int, datetime.datetime] = {}
    for row in rows.only("client_id", "assessed_at", "decided_at"):
        last[row.client_id] = row
        if row.decided_at is not None:
            decided[row.client_id] = max(row.decided_at, decided.get(row.client_id, row.decided_at))
    standing = [
        MedicalNeed(need, score.at, score=score)
        for score, need in found
        if score.client_id not in decided or decided[score.client_id] < score.at
    ]
    own = {score.client_id for score, _ in found if score.recorded_by.pk == staff_member.pk}
    unseen = own - set(visible.filter(pk__in=own).values_list("pk", flat=True)) if own else set()
    return standing, last, unseen


def _worst_scores(standing: Sequence[MedicalNeed]) -> list[MedicalNeed]:
    """Each person's worst score, the latest of equals: thirty scores in one day make one line."""
    worst: dict[int | None, MedicalNeed] = {}
    for each in standing:
        if each.score is not None:
            other = worst.get(each.client_id)
            if other is None or (other.need, other.since) < (each.need, each.since):
                worst[each.client_id] = each
    return [each for each in standing if each.score is None or worst[each.client_id] is each]


def _not_met_in_care(standing: Sequence[MedicalNeed], now: datetime.datetime) -> list[MedicalNeed]:
    """Leaves out people at a level and in a program that give the 24-hour care they need.

    A client in 24-hour medical care is already being looked after, whatever the score. But only an evaluation satisfies
    a promised evaluation, which is listed separately.
    """
    asked: dict[int, MedicalIntensity] = {}
    for each in standing:
        if each.client_id is not None and _is_met_by_care(each):
            need = max(each.need, MedicalIntensity.MANAGED)
            asked[each.client_id] = max(need, asked.get(each.client_id, need))
    if not asked:
        return list(standing)
    periods = (
        LevelOfCarePeriod.objects.at(now)
        .filter(episode__client__in=asked, episode__discharged_on=None)
        .select_related("episode__program__clinic")
    )
    met = {
        period.episode.client_id
        for period in periods
        if not medical_needs.shortfall(
            need=asked[period.episode.client_id],
            level=medical_needs.level_of(period, period.episode.program.clinic),
            program=period.episode.program,
        )
    }
    return [each for each in standing if each.client_id not in met or not _is_met_by_care(each)]


def _is_met_by_care(each: MedicalNeed) -> bool:
    """Whether it requires 24-hour care, as a need or a score."""
    return each.need >= MedicalIntensity.MANAGED or each.score is not None

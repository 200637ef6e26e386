"""What is promised of a medical provider: evaluations that were decided, 24-hour care, callers in withdrawal.

Each stands on Today with its clock until it is recorded as done: an evaluation, a signed session of a medical provider,
a later decision, or (for 24-hour care) an admission to a level and program that give it. Who evaluates sees them all;
where the clinic has nobody who does, its supervisors see them. The care team sees what cannot wait.
"""

from __future__ import annotations

import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases import medical_needs
from cases.codes import DischargeReason
from cases.danger_signs import FOR_MEDICAL_PROVIDER
from cases.medical_needs import Standing
from cases.models import CareTeamMember, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, TreatmentEpisode
from cases.placement.thresholds import EVALUATION_HOURS, NEED_DAYS
from staff.access import ROLES, Permission, can
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need, Urgency, shown
from staff.thresholds import values_for

SHOWN = 40
KIND = "Medical care"


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    """The most pressing first, in a fixed number of queries."""
    if not can(staff_member, Permission.EPISODE_ADMIT):
        return []
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    everything = evaluates or (can(staff_member, Permission.EPISODE_OVERRIDE) and not _somebody_evaluates(staff_member))
    numbers = values_for(staff_member.clinic, (EVALUATION_HOURS, NEED_DAYS))
    since = now - datetime.timedelta(days=numbers[NEED_DAYS.key])
    decided = [medical_needs.decided_need(row) for row in _decided(staff_member, since, now, everything=everything)]
    calls = [
        Standing(MedicalIntensity.EVALUATION, call.taken_at, inquiry=call)
        for call in (_calls(staff_member, since) if everything else ())
    ]
    standing = [each for each in medical_needs.after_evaluations([*decided, *calls]) if each.need]
    if not standing:
        return []
    met = _met_in_care(standing, now)
    within = datetime.timedelta(hours=numbers[EVALUATION_HOURS.key])
    found = [_need(each, staff_member, now, within) for each in standing if each.client_id not in met]
    return shown(sorted(found, key=lambda need: (need.urgency, str(need.due))), at_most=SHOWN)


def _somebody_evaluates(staff_member: StaffMember) -> bool:
    roles = [role for role, may in ROLES.items() if Permission.MEDICAL_EVALUATE in may]
    return StaffMember.objects.filter(clinic=staff_member.clinic_id, role__in=roles, is_active=True).exists()


def _decided(
    staff_member: StaffMember, since: datetime.datetime, now: datetime.datetime, *, everything: bool
) -> QuerySet[LevelOfCareAssessment]:
    """Decisions on a medical need that no later decision replaced, of people who are alive."""
    later = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gt=OuterRef("decided_at"))
    died = TreatmentEpisode.objects.filter(client=OuterRef("client"), discharge_reason=DischargeReason.DIED)
    rows = LevelOfCareAssessment.objects.visible_to(staff_member).filter(
        decided_medical__gte=MedicalIntensity.EVALUATION, decided_at__gte=since, client__merged_into=None
    )
    if not everything:
        own = CareTeamMember.objects.current(now).filter(staff_member=staff_member)
        rows = rows.filter(decided_medical__gte=MedicalIntensity.MANAGED, client__in=own.values("client"))
    return rows.exclude(Exists(later)).exclude(Exists(died)).select_related("client__clinic", "decided_by")


def _calls(staff_member: StaffMember, since: datetime.datetime) -> QuerySet[Inquiry]:
    """Calls in which a sign for the medical provider was heard; those that led to a decision stand there instead."""
    decided = LevelOfCareAssessment.objects.filter(client=OuterRef("client"), decided_at__gte=OuterRef("taken_at"))
    return (
        Inquiry.objects.visible_to(staff_member)
        .filter(danger_signs__overlap=sorted(FOR_MEDICAL_PROVIDER), taken_at__gte=since, is_draft=False)
        .exclude(stage__in=(Inquiry.Stage.REFERRED, Inquiry.Stage.CLOSED))
        .exclude(Exists(decided))
        .select_related("client", "clinic")
    )


def _met_in_care(standing: list[Standing], now: datetime.datetime) -> set[int]:
    """Clients who are at a level, in a program, that give the 24-hour care they need."""
    asked = {
        each.client_id: each.need
        for each in standing
        if each.client_id is not None and each.need >= MedicalIntensity.MANAGED
    }
    if not asked:
        return set()
    periods = (
        LevelOfCarePeriod.objects.at(now)
        .filter(episode__client__in=asked, episode__discharged_on=None)
        .select_related("episode__program__clinic")
    )
    return {
        period.episode.client_id
        for period in periods
        if not medical_needs.shortfall(
            need=asked[period.episode.client_id],
            level=medical_needs.level_of(period, period.episode.program.clinic),
            program=period.episode.program,
        )
    }


def _need(each: Standing, staff_member: StaffMember, now: datetime.datetime, within: datetime.timedelta) -> Need:
    if each.inquiry is not None:
        return _of_call(each, each.inquiry, staff_member)
    row = each.assessment
    assert row is not None
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    page = "cases:medical_evaluation" if evaluates else "cases:assessment"
    at_once = each.need >= MedicalIntensity.MANAGED
    due = each.since if at_once else each.since + within
    titles = {
        MedicalIntensity.EVALUATION: "Evaluate medically",
        MedicalIntensity.MANAGED: "Arrange 24-hour medical care",
        MedicalIntensity.EMERGENCY: "Get emergency care now",
    }
    return Need(
        urgency=Urgency.NOW if at_once or due <= now else Urgency.TODAY,
        title=titles[each.need],
        detail=f"{each.need.label}, decided by {row.decided_by}",
        url=reverse(page, args=[row.client_id, row.pk]),
        button="Record the evaluation" if evaluates else "Open",
        icon="stethoscope",
        due=due,
        client_name=row.client.full_name,
        kind=KIND,
        is_danger=at_once,
    )


def _of_call(each: Standing, call: Inquiry, staff_member: StaffMember) -> Need:
    """A caller's sign is for the same day: by its end, in the clinic's zone."""
    signs = ", ".join(Inquiry.DangerSign(sign).label for sign in call.danger_signs if sign in FOR_MEDICAL_PROVIDER)
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    return Need(
        urgency=Urgency.NOW,
        title="Medical provider today",
        detail=f"Heard in a call: {signs.lower()}",
        url=reverse("cases:inquiry_evaluation" if evaluates else "cases:inquiry", args=[call.pk]),
        button="Record the evaluation" if evaluates else "Open",
        icon="stethoscope",
        due=timezone.localdate(each.since, call.clinic.zone),
        client_name=call.person_name,
        kind=KIND,
        is_danger=True,
    )

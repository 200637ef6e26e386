"""Today items for medical needs, and when each is overdue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone

from cases.medical.medical_standings import MedicalNeed
from cases.medical.withdrawal_scores import WithdrawalScore
from cases.models import Inquiry, LevelOfCareAssessment
from cases.safety.danger_signs import FOR_MEDICAL_PROVIDER
from staff.access import Permission, can
from staff.days import day_in_words, moment_in_words
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need, Urgency

KIND = "Medical care"
_TITLES = {
    MedicalIntensity.EVALUATION: "Get a medical evaluation",
    MedicalIntensity.MANAGED: "Arrange 24-hour medical care",
    MedicalIntensity.EMERGENCY: "Get emergency care now",
}


def is_late(each: MedicalNeed, now: datetime.datetime, within: datetime.timedelta) -> bool:
    """Whether a promise of this medical need is overdue: 24-hour care is wanted at once.

    An evaluation is due `within` hours; a caller's sign is for the same day, in the clinic's zone.
    """
    if _is_heard(each) and each.inquiry is not None:
        zone = each.inquiry.clinic.zone
        return timezone.localdate(each.since, zone) < timezone.localdate(now, zone)
    return _due(each, within) <= now


def line(
    each: MedicalNeed,
    staff_member: StaffMember,
    now: datetime.datetime,
    within: datetime.timedelta,
    begun: Mapping[int, LevelOfCareAssessment],
) -> Need:
    """One line. `begun` is the last assessment of each person with a score."""
    if each.score is not None:
        return _of_score(each, each.score, staff_member, begun.get(each.score.client_id))
    if _is_heard(each) and each.inquiry is not None:
        return _of_call(each, each.inquiry, staff_member)
    due = _due(each, within)
    at_once = each.need >= MedicalIntensity.MANAGED
    url, button = _page(each, staff_member)
    return Need(
        urgency=Urgency.NOW if at_once or due <= now else Urgency.TODAY,
        title=_TITLES[each.need],
        detail=_says(each),
        url=url,
        button=button,
        icon="stethoscope",
        due=due,
        client_name=_name(each),
        kind=KIND,
        is_danger=at_once,
    )


def _is_heard(each: MedicalNeed) -> bool:
    """A sign in a call that no medical provider has looked into."""
    return each.evaluation is None and each.assessment is None and each.inquiry is not None


def _due(each: MedicalNeed, within: datetime.timedelta) -> datetime.datetime:
    return each.since if each.need >= MedicalIntensity.MANAGED else each.since + within


def _page(each: MedicalNeed, staff_member: StaffMember) -> tuple[str, str]:
    """The page to record it, or to read it for users who do not evaluate."""
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    button = "Record evaluation" if evaluates else "Open"
    if each.assessment is not None:
        page = "cases:medical_evaluation" if evaluates else "cases:assessment"
        return reverse(page, args=[each.assessment.client_id, each.assessment.pk]), button
    assert each.inquiry is not None
    return reverse("cases:inquiry_evaluation" if evaluates else "cases:inquiry", args=[each.inquiry.pk]), button


def _says(each: MedicalNeed) -> str:
    if each.evaluation is not None:
        return f"{each.need.label}, evaluated by {each.evaluation.by}"
    by = each.assessment.decided_by if each.assessment is not None else ""
    return f"{each.need.label}, decided by {by}"


def _name(each: MedicalNeed) -> str:
    about = each.assessment or each.inquiry
    if about is not None and about.client is not None:
        return about.client.full_name
    return each.inquiry.person_name if each.inquiry is not None else ""


def _of_call(each: MedicalNeed, call: Inquiry, staff_member: StaffMember) -> Need:
    """A caller's sign is for the same day: by its end, in the clinic's zone."""
    signs = ", ".join(Inquiry.DangerSign(sign).label for sign in call.danger_signs if sign in FOR_MEDICAL_PROVIDER)
    url, button = _page(each, staff_member)
    return Need(
        urgency=Urgency.NOW,
        title="Medical provider today",
        detail=f"Reported on a call: {signs.lower()}",
        url=url,
        button=button,
        icon="stethoscope",
        due=timezone.localdate(each.since, call.clinic.zone),
        client_name=call.person_name,
        kind=KIND,
        is_danger=True,
    )


def of_own_score(each: MedicalNeed, staff_member: StaffMember) -> Need:
    """For a user who recorded a score but may no longer see the client: it is waiting, without who or what."""
    day = day_in_words(timezone.localdate(each.since, staff_member.clinic.zone))
    return Need(
        urgency=Urgency.NOW,
        title="Get a medical provider",
        detail=f"What you recorded on {day} needs a medical provider. Tell one or a supervisor now.",
        url="",
        button="",
        icon="stethoscope",
        due=each.since,
        kind=KIND,
        is_danger=True,
    )


def _of_score(
    each: MedicalNeed, score: WithdrawalScore, staff_member: StaffMember, begun: LevelOfCareAssessment | None
) -> Need:
    """A score needs a medical provider now, whether for an evaluation or for 24-hour care."""
    evaluates = can(staff_member, Permission.MEDICAL_EVALUATE)
    if begun is None:
        url, button = reverse("cases:assessment_new", args=[score.client_id]), "Assess placement"
    elif begun.decided_at is None:
        url, button = reverse("cases:assessment", args=[score.client_id, begun.pk]), "Decide on placement"
    elif evaluates:
        url = reverse("cases:medical_evaluation", args=[score.client_id, begun.pk])
        button = "Record evaluation"
    else:
        url, button = reverse("cases:assessment_new", args=[score.client_id]), "Assess placement"
    titles = _TITLES if evaluates else _TITLES | {MedicalIntensity.EVALUATION: "Get a medical evaluation"}
    taken = moment_in_words(score.at, staff_member.clinic.zone)
    return Need(
        urgency=Urgency.NOW,
        title=titles[each.need],
        detail=f"{score.name} {score.value}, {taken}, recorded by {score.recorded_by}",
        url=url,
        button=button,
        icon="stethoscope",
        due=score.at,
        client_name=score.client.full_name,
        kind=KIND,
        is_danger=True,
    )

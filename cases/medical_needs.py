"""Medical needs: what was decided, what is still to be met, and whether a level of care and a program can meet it.

One function says whether a level and a program meet a need (`shortfall`), and every place that chooses one asks it:
decisions, admissions, changes of level, transfers, offers and reviews of a stay. A need that was decided stands until
a later decision, or until a medical provider says what is still needed; for a medical evaluation a signed session of a
medical provider is enough. What nobody looked into for longer than the clinic's number of days stands no more.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cases import levels
from cases.levels import Level
from cases.models import Client, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, MedicalEvaluation
from cases.placement.thresholds import NEED_DAYS
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import Clinic, Program, StaffMember
from staff.models.clinic import MedicalIntensity
from staff.refusals import Refusal

SENT_TWICE = datetime.timedelta(minutes=1)

_GIVES = {
    MedicalIntensity.EVALUATION: "no medical evaluation within 24 hours",
    MedicalIntensity.MANAGED: "no 24-hour medical care",
    MedicalIntensity.EMERGENCY: "no emergency care",
}


class UnmetNeed(Refusal):
    """The level or the program cannot meet the medical need, and no supervisor said why it is chosen all the same."""


class WhatWasFound(Refusal):
    """An evaluation without its findings."""

    sentence = "Say what was found and what was done, in a sentence each."


@dataclass(frozen=True)
class Standing:
    """What somebody needs medically now, since when, and the decision that said so first."""

    need: MedicalIntensity
    since: datetime.datetime
    assessment: LevelOfCareAssessment | None = None
    inquiry: Inquiry | None = None

    @property
    def client_id(self) -> int | None:
        """Whose it is; nobody's yet where a caller was not linked to a client."""
        about = self.assessment or self.inquiry
        return about.client_id if about else None


def shortfall(*, need: int, level: Level | None, program: Program | None) -> str:
    """Why a level and a program cannot meet a need, in a sentence; empty where they can, as far as they are named."""
    if need == MedicalIntensity.NONE:
        return ""
    lacks = _GIVES[MedicalIntensity(need)]
    if level is not None and level.medical < need:
        return f"Level {level.label} gives {lacks}."
    if program is not None and program.medical_intensity < need:
        return f"{program} gives {lacks}."
    return ""


def standing(client: Client, *, assessment: LevelOfCareAssessment | None = None) -> Standing | None:
    """What the client needs medically now by the last decision and what followed, or None where nothing was decided.

    `assessment` is one that an act rests on: it counts however old it is, unless a later one was decided.
    """
    now = timezone.now()
    decided = LevelOfCareAssessment.objects.filter(client=client, decided_at__isnull=False)
    since = now - datetime.timedelta(days=NEED_DAYS.for_clinic(client.clinic))
    counts = Q(decided_at__gte=since) | Q(pk=assessment.pk if assessment else None)
    last = decided.filter(counts).order_by("-decided_at", "-pk").first()
    return after_evaluations([decided_need(last)])[0] if last is not None else None


def decided_need(assessment: LevelOfCareAssessment) -> Standing:
    """The need as it was decided."""
    assert assessment.decided_at is not None
    return Standing(MedicalIntensity(assessment.decided_medical or 0), assessment.decided_at, assessment)


def after_evaluations(needs: Sequence[Standing]) -> list[Standing]:
    """The same needs as they stand after what medical providers recorded since, in two queries however many."""
    waiting = [each for each in needs if each.need]
    if not waiting:
        return list(needs)
    since = min(each.since for each in waiting)
    clients = {each.client_id for each in waiting if each.client_id is not None}
    calls = {each.inquiry.pk for each in waiting if each.inquiry is not None}
    evaluations = list(
        MedicalEvaluation.objects.filter(at__gte=since)
        .filter(Q(assessment__client__in=clients) | Q(inquiry__client__in=clients) | Q(inquiry__in=calls))
        .select_related("assessment", "inquiry")
        .order_by("at", "pk")
    )
    seen = [each for path in settings.MEDICAL_CONTACTS for each in import_string(path)(clients=clients, since=since)]
    return [_after(each, evaluations, seen) for each in needs]


def _after(
    need: Standing, evaluations: Sequence[MedicalEvaluation], seen: Sequence[tuple[int, datetime.datetime]]
) -> Standing:
    for each in evaluations:
        if _is_about(each, need):
            need = Standing(MedicalIntensity(each.need), each.at, need.assessment, need.inquiry)
    if need.need == MedicalIntensity.EVALUATION:
        met = [at for client_id, at in seen if client_id == need.client_id and at >= need.since]
        if met:
            return Standing(MedicalIntensity.NONE, max(met), need.assessment, need.inquiry)
    return need


def _is_about(evaluation: MedicalEvaluation, need: Standing) -> bool:
    """Whether an evaluation answers a need: recorded about that very decision or call, or later about the person."""
    if need.inquiry is not None and evaluation.inquiry_id == need.inquiry.pk:
        return evaluation.at >= need.since
    if need.assessment is not None and evaluation.assessment_id == need.assessment.pk:
        return evaluation.at >= need.since
    about = evaluation.assessment or evaluation.inquiry
    theirs = need.client_id is not None and about is not None and about.client_id == need.client_id
    return theirs and evaluation.at > need.since


def reason_to_place(
    *,
    client: Client,
    level: Level | None,
    program: Program | None,
    by: StaffMember,
    reason: str,
    assessment: LevelOfCareAssessment | None = None,
    said_before: str = "",
    said_at: datetime.datetime | None = None,
) -> str:
    """The reason to keep with a level or program chosen for a client: empty where it meets what they need.

    What a supervisor said of this very level and program when it was decided, or (`said_before`, at `said_at`) since,
    is kept without asking again. Raises UnmetNeed.
    """
    now = standing(client, assessment=assessment)
    lacks = shortfall(need=now.need, level=level, program=program) if now else ""
    if now is None or not lacks:
        return ""
    if said_before and said_at is not None and said_at >= now.since:
        return said_before
    return checked_reason(now.need, lacks, by, reason or _said_at_decision(now, level, program), asked=bool(reason))


def checked_reason(need: int, lacks: str, by: StaffMember, reason: str, *, asked: bool = True) -> str:
    """A supervisor's reason for what cannot meet a need. Raises UnmetNeed without one, or from anybody else."""
    if not reason.strip() or (asked and not can(by, Permission.EPISODE_OVERRIDE)):
        raise UnmetNeed(
            f"{lacks} What was decided: {MedicalIntensity(need).label.lower()}. "
            "Choose a level and a program that give it, or a supervisor says why not."
        )
    return reason.strip()


def _said_at_decision(now: Standing, level: Level | None, program: Program | None) -> str:
    """What a supervisor said when deciding on this level, if the need is the same as then."""
    decided = now.assessment
    if decided is None or decided.decided_at != now.since or level is None:
        return ""
    same = decided.decided_level_code == level.code and decided.decided_program_id in (
        None,
        program.pk if program else None,
    )
    return decided.unmet_need_reason if same else ""


def level_of(chosen: Program | LevelOfCarePeriod, clinic: Clinic) -> Level | None:
    """The level at which a program admits, or of a period; None for a code that no edition has, from an old import."""
    try:
        return levels.find(chosen.level_code, clinic)
    except levels.UnknownLevel:
        return None


def record_evaluation(
    *,
    found: str,
    done: str,
    need: int,
    by: StaffMember,
    assessment: LevelOfCareAssessment | None = None,
    inquiry: Inquiry | None = None,
) -> MedicalEvaluation:
    """A medical provider writes down what they found and did, and what is still needed of this clinic.

    About a decided assessment (and the call that it came from), or about a call. The same words again within a minute
    are a form that was sent twice. Raises NotPermitted, WhatWasFound.
    """
    about = assessment or inquiry
    if about is None:
        raise TypeError("An evaluation is about an assessment or a call.")
    demand(by, Permission.MEDICAL_EVALUATE, about)
    if not found.strip() or not done.strip():
        raise WhatWasFound
    inquiry = inquiry or (assessment.inquiry if assessment else None)
    clinic = None if about.client else by.clinic
    now = timezone.now()
    with act("cases.evaluate_medically", by=by, client=about.client, clinic=clinic) as entry:
        type(about)._default_manager.select_for_update(no_key=True).get(pk=about.pk)
        evaluation, is_new = MedicalEvaluation.objects.get_or_create(
            assessment=assessment,
            inquiry=inquiry,
            found=found.strip(),
            done=done.strip(),
            need=MedicalIntensity(need),
            by=by,
            at__gte=now - SENT_TWICE,
            defaults={"at": now},
        )
        entry.about(evaluation, need=int(need), again=not is_new)
    return evaluation

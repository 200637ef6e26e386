"""Medical needs: whether a level of care and a program can meet one, and what a medical provider records about it.

One function says whether a level and a program meet a need (`shortfall`). Every place that chooses one calls it:
decisions, admissions, changes of level, transfers, offers and continued-stay reviews. `cases.medical.medical_standings`
says what a client needs now.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from cases import levels
from cases.levels import Level
from cases.models import Client, Inquiry, LevelOfCareAssessment, LevelOfCarePeriod, MedicalEvaluation
from staff import sent_twice
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import Clinic, Program, StaffMember
from staff.models.clinic import MedicalIntensity
from staff.refusals import Refusal

from .medical_standings import MedicalNeed, standing

_GIVES = {
    MedicalIntensity.EVALUATION: "no medical evaluation within 24 hours",
    MedicalIntensity.MANAGED: "no 24-hour medical care",
    MedicalIntensity.EMERGENCY: "no emergency care",
}


class UnmetNeed(Refusal):
    """The level or the program cannot meet the medical need, and no supervisor gave a reason for choosing it."""


class WhatWasFound(Refusal):
    """An evaluation without its findings."""

    sentence = "Enter the findings and the actions taken."


def shortfall(*, need: int, level: Level | None, program: Program | None) -> str:
    """Why a level and a program, if given, cannot meet a need, in a sentence; empty if they can."""
    if need == MedicalIntensity.NONE:
        return ""
    lacks = _GIVES[MedicalIntensity(need)]
    if level is not None and level.medical < need:
        return f"Level {level.label} provides {lacks}."
    if program is not None and program.medical_intensity < need:
        return f"{program} provides {lacks}."
    return ""


@dataclass(frozen=True)
class Gap:
    """The care that a level or a program lacks."""

    need: int
    lacks: str
    since: datetime.datetime
    said_at_decision: str = ""  # by the supervisor who decided on this very level and program for the same need


def gap(
    *,
    client: Client | None,
    level: Level | None,
    program: Program | None,
    assessment: LevelOfCareAssessment | None = None,
    inquiry: Inquiry | None = None,
) -> Gap | None:
    """What the chosen level or program lacks for this client, or None if it meets the need.

    For a caller who is not a client yet, `inquiry` gives what a medical provider recorded about the call.
    """
    now = standing(client, assessment=assessment, inquiry=inquiry)
    lacks = shortfall(need=now.need, level=level, program=program) if now else ""
    if now is None or not lacks:
        return None
    return Gap(now.need, lacks, now.since, _said_at_decision(now, level, program))


def require_reason(found: Gap | None, reason: str, *, by: StaffMember) -> None:
    """Only a supervisor, with a reason, chooses what cannot meet a need; a reason from the decision is not asked again.

    Raises UnmetNeed.
    """
    if found is None:
        return
    if reason:
        require_supervisors_reason(found.need, found.lacks, reason, by=by)
    elif not found.said_at_decision.strip():
        raise _unmet(found.need, found.lacks)


def reason_kept(found: Gap | None, reason: str) -> str:
    """The reason to store with a level or program: empty if it meets the need."""
    return (reason or found.said_at_decision).strip() if found else ""


def require_supervisors_reason(need: int, lacks: str, reason: str, *, by: StaffMember) -> None:
    """Only a supervisor, with a reason, can choose a level or program that cannot meet a need. Raises UnmetNeed."""
    if not reason.strip() or not can(by, Permission.EPISODE_OVERRIDE):
        raise _unmet(need, lacks)


def _unmet(need: int, lacks: str) -> UnmetNeed:
    return UnmetNeed(
        f"{lacks} Decided: {MedicalIntensity(need).label.lower()}. "
        "Choose a level and program that provide it, or have a supervisor give a reason."
    )


def _said_at_decision(now: MedicalNeed, level: Level | None, program: Program | None) -> str:
    """The supervisor's reason from the decision on this level, if the need is still the same."""
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
    """Record a medical provider's findings and actions, and what this clinic still has to provide.

    For a decided assessment (and the call that it came from), or for a call. The same text again within a minute is a
    form that was sent twice. Raises NotPermitted, WhatWasFound.
    """
    about = assessment or inquiry
    if about is None:
        raise TypeError("A medical evaluation must belong to an assessment or a call.")
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
            at__gte=sent_twice.since(now),
            defaults={"at": now},
        )
        entry.about(evaluation, need=int(need), again=not is_new)
    return evaluation

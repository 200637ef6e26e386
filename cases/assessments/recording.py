"""Placement assessments: anyone may record the answers; a clinician decides the level of care."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from django.utils import timezone

from cases import levels, placement, safety
from cases.medical import medical_needs
from cases.models import Client, Inquiry, LevelOfCareAssessment, MeasureSetAside, Relapse
from cases.safety import SafetyFact, safety_holds
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Program, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from staff.refusals import Refusal

from .prefilling import prefilled

__all__ = [
    "AlreadyDecided",
    "DecisionReasonNeeded",
    "LevelOfAnotherSetting",
    "MoreDaysThanThereWere",
    "NoSuchMeasure",
    "SafetyFirst",
    "WhyNoLonger",
    "age_in_days",
    "amend",
    "decide",
    "prefilled",
    "record",
    "set_measure_aside",
]


class Inputs(TypedDict, total=False):
    """Input to the placement rules. Anything not given stays unknown."""

    emergency_signs: bool | None
    suicidal_intent: bool | None
    suicidal_behavior: bool | None
    suicide_risk_moderate: bool | None
    substances: Sequence[str]
    use_days: int | None
    span_days: int | None
    use_stopped: bool | None
    days_since_alcohol: int | None
    days_since_sedative: int | None
    days_since_opioid: int | None
    alcohol_daily: bool | None
    ciwa_ar: int | None
    cows: int | None
    intoxicated: bool | None
    past_withdrawal_seizure: bool | None
    complicating_illness: bool | None
    cannot_attend_visits: bool | None
    sedative_stopped: bool | None
    sedative_severe: bool | None
    pregnant: bool | None
    overdose_since_last_episode: bool | None
    days_since_overdose: int | None
    phq9: int | None
    psychosis: bool | None
    no_housing: bool | None
    violence_at_home: bool | None
    substances_at_home: bool | None
    present_setting: int | None
    used_during_care: bool | None
    prior_setting: int | None
    days_from_discharge_to_use: int | None
    preference: str
    barriers: str
    criteria_edition: str
    dimension_ratings: Mapping[str, object]


INPUTS = frozenset(Inputs.__annotations__)


class AlreadyDecided(Refusal):
    """A decided assessment can't be changed."""

    sentence = "The level of care is decided. If something changed, start a new assessment."


class SafetyFirst(Refusal):
    """An open safety concern, this assessment's own or any other (cases/safety/concerns.py)."""

    sentence = "A clinician must record a safety evaluation before the level of care is decided."


class DecisionReasonNeeded(Refusal):
    """A decision that differs from the suggestion, or without one, and no reason."""

    sentence = "The decision differs from the suggestion. Enter a reason."


class NoSuchMeasure(Refusal):
    """A measure that does not count for the assessment, or no longer."""

    sentence = "This measure no longer counts. Reload the page."


class WhyNoLonger(Refusal):
    """A measure set aside without a reason."""

    sentence = "Enter why this measure no longer applies. The reason stays with the decision."


class LevelOfAnotherSetting(Refusal):
    """The level of care does not belong to the setting decided."""


class MoreDaysThanThereWere(Refusal):
    """More days of use than days in between."""

    sentence = "Days of use can’t be more than the days from first to last use."


_DANGERS = frozenset({"suicidal_intent", "suicidal_behavior"})


def record(
    *,
    client: Client,
    by: StaffMember,
    inquiry: Inquiry | None = None,
    relapse: Relapse | None = None,
    **inputs: Unpack[Inputs],
) -> LevelOfCareAssessment:
    """Record an assessment's inputs; anything not given is unknown. Raises NotPermitted, MoreDaysThanThereWere."""
    demand(by, Permission.ASSESSMENT_RECORD, client)
    _only(inputs)
    with act("cases.record_assessment", by=by, client=client) as entry:
        assessment = LevelOfCareAssessment(
            client=client,
            inquiry=inquiry,
            relapse=relapse,
            assessed_at=timezone.now(),
            assessed_by=by,
            criteria_edition=client.clinic.criteria_edition,
        )
        for name, value in inputs.items():
            setattr(assessment, name, value)
        _check(assessment)
        assessment.save()
        entry.about(assessment)
    return assessment


def amend(*, assessment: LevelOfCareAssessment, by: StaffMember, **inputs: Unpack[Inputs]) -> LevelOfCareAssessment:
    """Complete or correct the inputs before the decision. Raises AlreadyDecided, EvaluateFirst.

    A new danger needs a new safety evaluation: the earlier one covers only what it was recorded for
    (safety/concerns.py).
    """
    demand(by, Permission.ASSESSMENT_RECORD, assessment.client)
    _only(inputs)
    with act("cases.amend_assessment", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        given = dict(inputs)
        changed = [name for name, value in given.items() if getattr(assessment, name) != value]
        taken_back = any(getattr(assessment, name) and not given[name] for name in _DANGERS & set(changed))
        own = f"assessment {assessment.pk}:"
        if taken_back and any(each.record.startswith(own) for each in concerns(assessment.client)):
            raise safety.EvaluateFirst
        for name in changed:
            setattr(assessment, name, given[name])
        _check(assessment)
        assessment.save()
        entry.about(assessment, changed=sorted(changed))
    return assessment


def concerns(client: Client) -> list[SafetyFact]:
    """Open safety concerns that block a decision today, wherever they were recorded (rule E2)."""
    return safety.open_concerns(client=client, on=timezone.localdate(timezone=client.clinic.zone))


def decide(
    *,
    assessment: LevelOfCareAssessment,
    setting: int,
    by: StaffMember,
    medical: int = MedicalIntensity.NONE,
    level_code: str = "",
    program: Program | None = None,
    reason: str = "",
    unmet_need_reason: str = "",
) -> LevelOfCareAssessment:
    """Record a clinician's decision, with the inputs, numbers, rules and rule version it is based on.

    A decision needs a reason if it differs from the suggestion or if there was not enough information for one. A level
    or program that cannot meet the medical need decided needs a supervisor's reason. Raises NotPermitted,
    AlreadyDecided, SafetyFirst, DecisionReasonNeeded, LevelOfAnotherSetting, UnknownLevel, medical_needs.UnmetNeed.
    """
    demand(by, Permission.LEVEL_OF_CARE_DECIDE, assessment.client)
    with act("cases.decide_level_of_care", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        suggestion = placement.suggest(assessment)
        if suggestion.locked or concerns(assessment.client):
            raise SafetyFirst
        today = timezone.localdate(timezone=assessment.client.clinic.zone)
        if owed := safety_holds.holds(client=assessment.client, on=today):  # such as question 9 of a PHQ-9
            raise SafetyFirst(" ".join(hold.sentence for hold in owed))
        differs = (suggestion.setting, suggestion.medical) != (setting, medical)
        if differs and not reason.strip():
            raise DecisionReasonNeeded(
                None if suggestion.is_enough else "There wasn’t enough information. Enter why you are deciding now."
            )
        level = levels.find(level_code, assessment.client.clinic) if level_code else None
        if level is not None and level.setting != setting:
            raise LevelOfAnotherSetting(
                f"Level {level.label} is {level.setting.in_sentence} care, not {Setting(setting).in_sentence}. "
                "Choose one."
            )
        lacks = _lacks(assessment.client, setting, medical, level, program)
        if lacks:
            medical_needs.require_supervisors_reason(medical, lacks, unmet_need_reason, by=by)
        assessment.suggestion = suggestion.as_json()
        assessment.decided_setting = Setting(setting)
        assessment.decided_medical = MedicalIntensity(medical)
        assessment.decided_level_code = level_code
        assessment.decided_program = program
        assessment.decision_reason = reason.strip()
        assessment.unmet_need_reason = unmet_need_reason.strip() if lacks else ""
        assessment.decided_at, assessment.decided_by = timezone.now(), by
        assessment.save()
        entry.about(assessment, setting=setting, medical=medical, differs=differs, rules=list(suggestion.rules))
    return assessment


def set_measure_aside(
    *, assessment: LevelOfCareAssessment, instrument: str, measured_at: datetime.datetime, reason: str, by: StaffMember
) -> MeasureSetAside:
    """Exclude a recent measure, and earlier ones of its kind, from an assessment, with a clinician's reason.

    Not allowed while the decision is waiting for a safety evaluation: no one can explain away a screener. Raises
    NotPermitted, AlreadyDecided, SafetyFirst, WhyNoLonger, NoSuchMeasure.
    """
    demand(by, Permission.LEVEL_OF_CARE_DECIDE, assessment.client)
    if not reason.strip():
        raise WhyNoLonger
    with act("cases.set_measure_aside", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        suggestion = placement.suggest(assessment)
        counts = {(each.instrument, each.at): each for each in suggestion.measured}
        measure = counts.get((instrument, measured_at))
        if measure is None:
            raise NoSuchMeasure
        if measure.is_danger and suggestion.locked:
            raise SafetyFirst
        aside = MeasureSetAside.objects.create(
            assessment=assessment,
            instrument=measure.instrument,
            name=measure.name,
            value=measure.value,
            measured_at=measure.at,
            page=measure.page,
            reason=reason.strip(),
            at=timezone.now(),
            by=by,
        )
        entry.about(aside, instrument=instrument)
    return aside


def age_in_days(assessment: LevelOfCareAssessment, now: datetime.datetime) -> int:
    """How old the answers are: withdrawal scores change within hours."""
    return (now - assessment.assessed_at).days


def _undecided(assessment: LevelOfCareAssessment) -> LevelOfCareAssessment:
    assessment = (
        LevelOfCareAssessment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("client__clinic")
        .get(pk=assessment.pk)
    )
    if assessment.decided_at is not None:
        raise AlreadyDecided
    return assessment


def _lacks(client: Client, setting: int, medical: int, level: levels.Level | None, program: Program | None) -> str:
    """Why the decision cannot meet its own medical need, or an empty string if it can."""
    if level is None and program is not None:
        level = medical_needs.level_of(program, client.clinic)
    lacks = medical_needs.shortfall(need=medical, level=level, program=program)
    if not lacks and level is None and levels.most_medical_of(setting, client.clinic) < medical:
        lacks = f"{Setting(setting).label} care does not provide {MedicalIntensity(medical).label.lower()}."
    return lacks


def _only(inputs: Mapping[str, object]) -> None:
    if unknown := inputs.keys() - INPUTS:
        raise TypeError(f"An assessment has no {', '.join(sorted(unknown))}.")


def _check(assessment: LevelOfCareAssessment) -> None:
    days, span = assessment.use_days, assessment.span_days
    if days is not None and span is not None and days > span:
        raise MoreDaysThanThereWere

"""Placement assessments: inputs recorded by whoever asks the questions, and a level of care decided by a clinician."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from cases import levels, placement
from cases.codes import OPIOIDS, Precision, Substance
from cases.models import Client, Inquiry, LevelOfCareAssessment, Relapse, TreatmentEpisode
from cases.placement import thresholds
from cases.spans import days_of_use
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Program, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from staff.refusals import Refusal

INPUTS = frozenset(
    {
        "emergency_signs", "suicidal_intent", "suicidal_behavior", "suicide_risk_moderate", "substances", "use_days",
        "span_days", "use_stopped", "days_since_alcohol", "days_since_benzodiazepine", "days_since_opioid",
        "alcohol_daily", "ciwa_ar", "cows", "intoxicated", "past_withdrawal_seizure", "complicating_illness",
        "cannot_attend_visits", "benzodiazepine_stopped", "benzodiazepine_severe", "pregnant",
        "overdose_since_last_episode", "days_since_overdose", "phq9", "psychosis", "no_housing", "violence_at_home",
        "substances_at_home", "prior_setting", "days_from_discharge_to_use", "preference", "barriers",
        "criteria_edition", "dimension_ratings",
    }
)  # fmt: skip


SAFETY_INPUTS = frozenset({"emergency_signs", "suicidal_intent", "suicidal_behavior", "suicide_risk_moderate"})


class AlreadyDecided(Refusal):
    """A decided assessment stays as it was decided."""

    sentence = "The level of care is decided. If something changed, start a new assessment."


class SafetyFirst(Refusal):
    """Suicidal intent or behavior without a signed safety assessment."""

    sentence = "A clinician has to evaluate the client's safety and sign it before a level of care is decided."


class ReasonNeeded(Refusal):
    """A decision that differs from the suggestion, or without one, and no reason."""

    sentence = "The decision differs from what is suggested. Write down why."


class LevelOfAnotherSetting(Refusal):
    """A level of care whose setting is not the one decided."""


class MoreDaysThanThereWere(Refusal):
    """More days of use than days in between."""

    sentence = "There cannot be more days of use than days from first to last use."


def record(
    *,
    client: Client,
    by: StaffMember,
    inquiry: Inquiry | None = None,
    relapse: Relapse | None = None,
    **inputs: Any,
) -> LevelOfCareAssessment:
    """Record an assessment's inputs; what is not given stays unknown. Raises NotPermitted, MoreDaysThanThereWere."""
    demand(by, Permission.ASSESSMENT_RECORD, client)
    _only(inputs)
    with act("cases.record_assessment", by=by, client=client) as entry:
        assessment = LevelOfCareAssessment(
            client=client,
            inquiry=inquiry,
            relapse=relapse,
            assessed_at=timezone.now(),
            assessed_by=by,
            **{"criteria_edition": client.clinic.criteria_edition, **inputs},
        )
        _check(assessment)
        assessment.save()
        entry.about(assessment)
    return assessment


def amend(*, assessment: LevelOfCareAssessment, by: StaffMember, **inputs: Any) -> LevelOfCareAssessment:
    """Complete or correct the inputs before the decision. Raises AlreadyDecided.

    A new answer about danger takes back a signature that the client's safety was evaluated: it was given for others.
    """
    demand(by, Permission.ASSESSMENT_RECORD, assessment.client)
    _only(inputs)
    with act("cases.amend_assessment", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        changed = [name for name, value in inputs.items() if getattr(assessment, name) != value]
        for name in changed:
            setattr(assessment, name, inputs[name])
        _check(assessment)
        if not SAFETY_INPUTS.isdisjoint(changed):  # what was signed was about other answers
            assessment.safety_assessed_at = assessment.safety_assessed_by = None
        assessment.save()
        entry.about(assessment, changed=sorted(changed))
    return assessment


def sign_safety(*, assessment: LevelOfCareAssessment, by: StaffMember) -> LevelOfCareAssessment:
    """A clinician signs that they have evaluated the client's safety; this lifts the lock of rule E2."""
    demand(by, Permission.LEVEL_OF_CARE_DECIDE, assessment.client)
    with act("cases.sign_safety", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        assessment.safety_assessed_at, assessment.safety_assessed_by = timezone.now(), by
        assessment.save(update_fields=["safety_assessed_at", "safety_assessed_by"])
        entry.about(assessment)
    return assessment


def decide(
    *,
    assessment: LevelOfCareAssessment,
    setting: int,
    by: StaffMember,
    medical: int = MedicalIntensity.NONE,
    level_code: str = "",
    program: Program | None = None,
    reason: str = "",
) -> LevelOfCareAssessment:
    """A clinician decides. The inputs, numbers, rules and their version are kept with the decision.

    A decision that differs from the suggestion, or is made where there was not enough information for one, needs a
    reason. Raises NotPermitted, AlreadyDecided, SafetyFirst, ReasonNeeded, LevelOfAnotherSetting, UnknownLevel.
    """
    demand(by, Permission.LEVEL_OF_CARE_DECIDE, assessment.client)
    with act("cases.decide_level_of_care", by=by, client=assessment.client) as entry:
        assessment = _undecided(assessment)
        suggestion = placement.suggest(assessment)
        if suggestion.locked:
            raise SafetyFirst
        differs = (suggestion.setting, suggestion.medical) != (setting, medical)
        if differs and not reason.strip():
            raise ReasonNeeded(
                None if suggestion.is_enough else "There was not enough information. Write down why now."
            )
        if level_code:
            level = levels.find(level_code, assessment.client.clinic)
            if level.setting != setting:
                raise LevelOfAnotherSetting(
                    f"Level {level.label} is {level.setting.label}, not {Setting(setting).label}. Choose one of them."
                )
        assessment.suggestion = suggestion.as_json()
        assessment.decided_setting = Setting(setting)
        assessment.decided_medical = MedicalIntensity(medical)
        assessment.decided_level_code = level_code
        assessment.decided_program = program
        assessment.decision_reason = reason.strip()
        assessment.decided_at, assessment.decided_by = timezone.now(), by
        assessment.save()
        entry.about(assessment, setting=setting, medical=medical, differs=differs, rules=list(suggestion.rules))
    return assessment


def prefilled(*, client: Client, relapse: Relapse | None = None) -> dict[str, Any]:
    """Inputs that the record answers already, from the return to use and the episode before it; to be checked."""
    known: dict[str, Any] = {}
    today = client.today
    spell = _spell(relapse) if relapse is not None else []
    if spell:
        last = max(each.ended_on or today for each in spell)
        stopped = all(each.ended_on is not None for each in spell)
        # A day that is not known answers no question about days.
        ends_known = all(each.ended_on is None or each.ended_precision == Precision.DAY for each in spell)
        span_known = ends_known and all(each.started_precision == Precision.DAY for each in spell)
        since = (today - last).days if ends_known else None
        substances = sorted({each.substance for part in spell for each in part.substances.all()})
        known |= {"substances": substances, "use_stopped": stopped}
        known["use_days"] = days_of_use(spell, today)
        if span_known:
            known["span_days"] = (last - min(each.started_on for each in spell)).days + 1
        if since is not None and Substance.ALCOHOL in substances:
            known["days_since_alcohol"] = since
        if since is not None and Substance.BENZODIAZEPINES in substances:
            known["days_since_benzodiazepine"] = since
        if since is not None and OPIOIDS.intersection(substances):
            known["days_since_opioid"] = since
        overdoses = [each.overdosed_on for each in spell if each.overdosed_on]
        if overdoses:
            known |= {
                "overdose_since_last_episode": True,
                "days_since_overdose": (today - max(overdoses)).days,
            }
    prior = (
        TreatmentEpisode.objects.filter(client=client).exclude(discharged_on=None).order_by("-discharged_on").first()
    )
    if prior is not None:
        period = prior.level_of_care_periods.order_by("-starts_at").first()
        known["prior_setting"] = period.setting if period else prior.program.setting
        if relapse is not None and prior.discharged_on is not None:
            since_then = [each.started_on for each in spell if each.started_on >= prior.discharged_on]
            first = min(since_then, default=relapse.started_on)
            known["days_from_discharge_to_use"] = (first - prior.discharged_on).days
    return known


def _spell(relapse: Relapse) -> list[Relapse]:
    """This return to use and those shortly before it: two slips in a week are judged together, not each by itself.

    Shortly is the window of days within which the clinic counts days of use as a slip (rule D1).
    """
    window = datetime.timedelta(days=thresholds.LAPSE_WINDOW.for_clinic(relapse.client.clinic))
    earlier = (
        Relapse.objects.filter(client=relapse.client_id, started_on__lte=relapse.started_on, is_confirmed=True)
        .exclude(pk=relapse.pk)
        .order_by("-started_on", "-pk")
        .prefetch_related("substances")
    )
    spell = [relapse]
    for each in earlier:
        if (each.ended_on or spell[-1].started_on) + window <= spell[-1].started_on:
            break
        spell.append(each)
    return spell


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


def _only(inputs: dict[str, Any]) -> None:
    if unknown := inputs.keys() - INPUTS:
        raise TypeError(f"An assessment has no {', '.join(sorted(unknown))}.")


def _check(assessment: LevelOfCareAssessment) -> None:
    days, span = assessment.use_days, assessment.span_days
    if days is not None and span is not None and days > span:
        raise MoreDaysThanThereWere

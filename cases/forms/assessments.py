"""Placement assessment forms: the answers and the decision. Unanswered questions stay unknown."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.db import models

from cases import levels
from cases.codes import Substance
from cases.forms.episodes.admission import ProgramField, programs_with_places
from cases.forms.fields import YesNoField
from cases.forms.intake.inquiry import ASKED_FIRST
from cases.forms.medical import UnmetNeedField, only_for_supervisors
from cases.models import LevelOfCareAssessment
from cases.models.assessments import LONGEST_REASON
from staff.models import Program, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from staff.typed_fields import number_fields

DIMENSIONS = range(1, 7)
RATINGS = [("", "–"), *((str(rating), str(rating)) for rating in range(5))]

_LABELS = {
    "emergency_signs": "Seizure, confusion, hallucinations, can’t be woken, or overdose now",
    "suicidal_intent": "Suicidal intent or a plan in the past month (C-SSRS question 4 or 5)",
    "suicidal_behavior": "Suicidal behavior in the past 3 months",
    "suicide_risk_moderate": "Other C-SSRS answers show moderate risk",
    "overdose_since_last_episode": "An overdose since the last episode of care",
    "days_since_overdose": "Days since that overdose",
    "pregnant": "Pregnant",
    "use_days": "Days used",
    "span_days": "Days from first to last use",
    "use_stopped": "Has stopped using",
    "days_since_alcohol": "Days since the last drink",
    "days_since_sedative": "Days since the last sedative",
    "days_since_opioid": "Days since the last opioid",
    "alcohol_daily": "Drank daily",
    "ciwa_ar": "CIWA-Ar (alcohol), 0–67",
    "cows": "COWS (opioids), 0–48",
    "intoxicated": "Intoxicated now",
    "past_withdrawal_seizure": "History of withdrawal seizure or delirium",
    "complicating_illness": "Medical condition that complicates withdrawal",
    "cannot_attend_visits": "Can’t attend daily visits",
    "sedative_stopped": "Stopped or cut down regular sedative use",
    "sedative_severe": "Severe symptoms, imminent harm, or home taper unsafe",
    "phq9": "PHQ-9 total, 0–27",
    "psychosis": "Psychosis",
    "no_housing": "No housing",
    "violence_at_home": "Violence at home",
    "substances_at_home": "Substances are used at home",
    "present_setting": "Current care",
    "used_during_care": "Returned to use while in care",
    "prior_setting": "Care at that time, or most recent care before it",
    "days_from_discharge_to_use": "Days from the last discharge to the return to use",
    "preference": "What the client wants",
    "barriers": "Barriers",
}


class MomentExactly(forms.CharField):
    """A moment that a page wrote for itself, to the microsecond and with its offset."""

    def clean(self, value: Any) -> datetime.datetime:
        """The moment. Refuses values that none of our pages would send."""
        try:
            moment = datetime.datetime.fromisoformat(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError("Enter a valid date and time.") from error
        if moment.tzinfo is None:
            raise forms.ValidationError("Enter a valid date and time.")
        return moment


class AssessmentForm(forms.ModelForm):
    """The answers on one page, in the order of the questions: danger first."""

    substances = forms.MultipleChoiceField(
        label="Substances used",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            *((each.value, each.label) for each in ASKED_FIRST),
            *((each.value, each.label) for each in Substance if each not in ASKED_FIRST),
        ],
    )

    class Meta:
        model = LevelOfCareAssessment
        fields = ("substances", *_LABELS)
        labels = _LABELS
        help_texts = {
            "use_days": "Days with any use.",
            "span_days": "Count both the first and last day: one day of use is 1.",
            "days_since_sedative": "A benzodiazepine, barbiturate, Z-drug or other tranquilizer.",
            "days_from_discharge_to_use": "0 = day of discharge. Enter a negative number if use began in care.",
        }
        field_classes = number_fields(LevelOfCareAssessment)
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("preference", "barriers")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _LABELS.items():
            if isinstance(LevelOfCareAssessment._meta.get_field(name), models.BooleanField):
                self.fields[name] = YesNoField(label=label)
        for name in ("present_setting", "prior_setting"):
            setting = self.fields[name]
            assert isinstance(setting, forms.TypedChoiceField)
            setting.choices = [("", "Unknown or none"), *Setting.choices]
        kept = self.instance.dimension_ratings
        for number in DIMENSIONS:
            self.fields[f"dimension_{number}"] = forms.ChoiceField(
                label=f"Dimension {number}", required=False, choices=RATINGS, initial=kept.get(str(number), "")
            )

    @property
    def dimensions(self) -> list[forms.BoundField]:
        """The clinician's own ratings, one field a dimension."""
        return [self[f"dimension_{number}"] for number in DIMENSIONS]

    @property
    def facts(self) -> dict[str, Any]:
        """Everything as assessments.record takes it."""
        given = self.cleaned_data
        ratings = {str(number): given[f"dimension_{number}"] for number in DIMENSIONS if given[f"dimension_{number}"]}
        return {**{name: given.get(name) for name in self.Meta.fields}, "dimension_ratings": ratings}

    def clean(self) -> dict[str, Any]:
        """Report impossible days at their fields."""
        given = super().clean() or self.cleaned_data
        days, span = given.get("use_days"), given.get("span_days")
        if days is not None and span is not None and days > span:
            self.add_error("use_days", "Days of use can’t be more than the days from first to last use.")
        if given.get("overdose_since_last_episode") is False and given.get("days_since_overdose") is not None:
            self.add_error(
                "days_since_overdose", "You answered above that there was no overdose. Correct one of the two."
            )
        return given

    def validate_constraints(self) -> None:
        """The functions enforce the rules, with sentences of their own."""


class SetAsideForm(forms.Form):
    """Which recent measure no longer holds, and why."""

    instrument = forms.CharField(max_length=12, widget=forms.HiddenInput)
    measured_at = MomentExactly(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(forms.Form):
    """The level of care as a clinician decides it."""

    setting = forms.TypedChoiceField(choices=Setting.choices, coerce=int, widget=forms.RadioSelect)
    medical = forms.TypedChoiceField(
        label="Medical care", choices=MedicalIntensity.choices, coerce=int, widget=forms.RadioSelect
    )
    level_code = forms.ChoiceField(label="Level of care", required=False)
    program = ProgramField(Program.objects.none(), required=False, empty_label="Not decided yet")
    reason = forms.CharField(
        label="Reason, if different from the suggestion",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you know that the rules don’t. Saved with the decision.",
    )
    unmet_need_reason = UnmetNeedField()

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_for_supervisors(self, staff_member)
        level = self.fields["level_code"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "Not chosen yet"), *levels.choices(staff_member.clinic)]
        program = self.fields["program"]
        assert isinstance(program, forms.ModelChoiceField)
        program.queryset = programs_with_places(staff_member)

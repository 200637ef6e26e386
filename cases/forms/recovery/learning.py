"""Forms for triggers, warning signs, coping strategies and the sobriety date."""

from __future__ import annotations

from django import forms

from cases.codes import HighRiskSituation, WarningSignCategory
from staff.typed_fields import NumberField, PastDayField


class SobrietyDateForm(forms.Form):
    """The date from which the client counts."""

    sobriety_date = PastDayField(label="In recovery since (client-reported)")


class LearnedForm(forms.Form):
    """A wording, best the client's own."""

    wording = forms.CharField(max_length=200)


class TriggerForm(LearnedForm):
    """Something that has triggered use or craving."""

    wording = forms.CharField(label="New trigger", max_length=200)
    situation = forms.ChoiceField(
        label="Type of situation", required=False, choices=[("", "None in particular"), *HighRiskSituation.choices]
    )
    strength = NumberField(label="Strength, 0–10", required=False, min_value=0, max_value=10)


class StrengthForm(forms.Form):
    """How strong a trigger is now."""

    strength = NumberField(label="Strength now, 0–10", min_value=0, max_value=10)


class WarningSignForm(LearnedForm):
    """Something seen before a return to use."""

    wording = forms.CharField(label="New warning sign", max_length=200)
    category = forms.ChoiceField(label="Where it shows", choices=WarningSignCategory.choices)


class StrategyForm(LearnedForm):
    """Something the person does instead of using."""

    wording = forms.CharField(label="New coping strategy", max_length=200)

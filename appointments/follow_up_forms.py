"""Forms of what follows a no-show or a discharge: they check what was typed; the functions enforce the rules."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms

from appointments.codes import CALLER_STEPS, NoShowStep, Outcome, Pace, SaidUse
from appointments.continuing_care import HIGHEST_CRAVING, MOST_MEETINGS
from staff.typed_fields import DayField, NumberField, PastMomentField, PlannedDayField


def _words(label: str, *, rows: int = 2, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text
    )


class FollowUpCallForm(forms.Form):
    """A follow-up call, short enough to fill in while talking."""

    outcome = forms.ChoiceField(label="Did you reach them?", choices=Outcome.choices, widget=forms.RadioSelect)
    at = PastMomentField(label="When", required=False, help_text="Blank: now.")
    how_they_are = _words("How are you?")
    said_use = forms.ChoiceField(
        label="Any use since we last talked?",
        choices=[(SaidUse.NO.value, "No"), (SaidUse.YES.value, "Yes"), ("", "Not asked")],
        required=False,
        widget=forms.RadioSelect,
    )
    said_about_use = _words("What happened?", help_text="In their words. There is always a way back in.")
    meetings = NumberField(
        label="Mutual-help meetings in the past 7 days", required=False, min_value=0, max_value=MOST_MEETINGS
    )
    craving = NumberField(label="Craving, 0 to 10", required=False, min_value=0, max_value=HIGHEST_CRAVING)
    what_helped = _words("What helped?")
    next_on = PlannedDayField(label="Next call", required=False, help_text="Blank: as planned.")
    due_on = DayField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            InlineRadios("outcome"),
            "how_they_are",
            InlineRadios("said_use"),
            "said_about_use",
            Div("meetings", "craving", css_class="ow-row"),
            "what_helped",
            Div("next_on", "at", css_class="ow-row"),
            "due_on",
        )


class PaceForm(forms.Form):
    """How often the client wants to be called."""

    pace = forms.ChoiceField(
        label="How often",
        choices=Pace.choices,
        widget=forms.RadioSelect,
        help_text="All but “Checkups only” and “No calls” begin with the first call after discharge.",
    )
    reason = forms.CharField(label="Reason", required=False, max_length=200)


class NoShowStepForm(forms.Form):
    """A step taken after a missed appointment."""

    step = forms.ChoiceField(label="What was done", choices=NoShowStep.choices, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(
        label="Did you reach them?",
        choices=[*Outcome.choices, ("", "Not asked: a review or a letter")],
        required=False,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What got in the way, and what would make it easier to come.",
    )
    at = PastMomentField(label="When", required=False, help_text="Blank: now.")

    def __init__(self, *args: Any, of_caller: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step = self.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        if of_caller:
            step.choices = list(CALLER_STEPS.items())
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(InlineRadios("step"), InlineRadios("outcome"), "note", "at")

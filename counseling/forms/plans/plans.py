"""Forms for a plan as a whole: next version, review, signatures."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms

from counseling.codes import Progress
from counseling.models import Goal, Objective
from staff.paper.drawn_signature import NotDrawn, Strokes, read
from staff.typed_fields import PlannedDayField


class PlanVersionForm(forms.Form):
    """The client's current needs."""

    needs = forms.CharField(
        label="Client’s needs",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=4000,
        help_text="One need per line, in the client’s words if possible. Each need gets a goal.",
    )


class PlanReviewForm(forms.Form):
    """Progress on each goal, and the review summary."""

    summary = forms.CharField(
        label="Review summary",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=8000,
        help_text="With the client: progress, barriers, and what changes next.",
    )
    next_review_on = PlannedDayField(
        label="Next review",
        required=False,
        help_text="Only if sooner than usual.",
    )

    def __init__(self, *args: Any, goals: Iterable[Goal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goals = list(goals)
        for goal in self.goals:
            self.fields[f"progress_{goal.pk}"] = forms.ChoiceField(
                label="Progress",
                choices=Progress.choices,
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            )
            self.fields[f"words_{goal.pk}"] = forms.CharField(
                label="Comment", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
            )

    @property
    def per_goal(self) -> list[tuple[Goal, forms.BoundField, forms.BoundField]]:
        """Each goal with its two fields."""
        return [(goal, self[f"progress_{goal.pk}"], self[f"words_{goal.pk}"]) for goal in self.goals]

    @property
    def said(self) -> dict[str, Any]:
        """What `plans.review` takes."""
        data = self.cleaned_data
        day: datetime.date | None = data["next_review_on"]
        return {
            "summary": data["summary"],
            "next_review_on": day,
            "progress": {goal: (data[f"progress_{goal.pk}"], data.get(f"words_{goal.pk}", "")) for goal in self.goals},
        }


class ClientSignatureForm(forms.Form):
    """The client draws their name or types it."""

    strokes = forms.CharField(required=False, widget=forms.HiddenInput)
    typed_name = forms.CharField(
        label="Or type the full name",
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_strokes(self) -> Strokes | None:
        """The drawing, or None if nothing was drawn."""
        drawn = self.cleaned_data["strokes"]
        if not drawn:
            return None
        try:
            return read(drawn)
        except NotDrawn as fault:
            raise forms.ValidationError(str(fault)) from fault


class NoteFilingForm(forms.Form):
    """Which objective a signed note worked on."""

    objective: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Objective",
        queryset=None,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        empty_label=None,
    )

    def __init__(self, *args: Any, objectives: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["objective"].queryset = objectives  # type: ignore[attr-defined]
        self.fields["objective"].label_from_instance = self.label_of  # type: ignore[attr-defined]

    @staticmethod
    def label_of(objective: Objective) -> str:
        """The objective with the goal it belongs to."""
        return f"{objective.wording} (goal: {objective.goal.wording})"

"""The form of an evaluation of safety."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from cases.models.safety import LONGEST_REASON
from staff.typed_fields import PastMomentField, PlannedDayField


class SafetyEvaluationForm(forms.Form):
    """What a clinician found, what was done, and when to check again."""

    evaluated_at = PastMomentField(label="Date and time of evaluation")
    found = forms.CharField(
        label="Findings",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Current ideation, plan, intent and means; protective factors; your assessment of risk.",
    )
    done = forms.CharField(
        label="Actions taken",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example: safety plan written, lethal means secured, 988 given, family called, "
        "sent to the hospital.",
    )
    next_check_on = PlannedDayField(label="Next check on", required=False, help_text="Shows on Today on that date.")
    no_check_because = forms.CharField(
        label="If no next check is needed, why", required=False, max_length=LONGEST_REASON
    )

    def __init__(self, *args: Any, now: datetime.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evaluated_at"].initial = timezone.localtime(now)

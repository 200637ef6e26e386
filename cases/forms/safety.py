"""The form of an evaluation of safety."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from cases.models.safety import LONGEST_REASON
from staff.typed_fields import PastMomentField, PlannedDayField


class SafetyEvaluationForm(forms.Form):
    """What a clinician found, what was done, and when they look again."""

    evaluated_at = PastMomentField(label="When did you evaluate?")
    found = forms.CharField(
        label="What did you find?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Thoughts, plan, intent and means now; what protects; your judgment of the risk.",
    )
    done = forms.CharField(
        label="What was done?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example: safety plan written, means made safe, 988 given, family called, sent to the hospital.",
    )
    next_check_on = PlannedDayField(
        label="Next check on", required=False, help_text="It comes up on Today on that day."
    )
    no_check_because = forms.CharField(
        label="If no next check is needed: why", required=False, max_length=LONGEST_REASON
    )

    def __init__(self, *args: Any, now: datetime.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evaluated_at"].initial = timezone.localtime(now)

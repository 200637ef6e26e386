"""The box by which staff say that they were told of a danger; the same on every step of a referral."""

from __future__ import annotations

from django import forms


class DangerForm(forms.Form):
    """Any step may bring the news of a danger."""

    reports_danger = forms.BooleanField(
        label="Thoughts of suicide, or an attempt, were reported",
        required=False,
        help_text="Opens a safety concern until a clinician has evaluated it. In danger now: call 911, or 988.",
    )

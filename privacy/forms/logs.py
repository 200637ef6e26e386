"""Forms about the access logs: reports, checks, unusual access."""

from __future__ import annotations

from django import forms

from privacy.models import (
    AccessReport,
    UnusualAccessReview,
)
from staff.typed_fields import PastDayField


class AccessReportForm(forms.Form):
    """Which time the report covers, who asked for it, and whether it names people."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")
    asked_by = forms.ChoiceField(label="Asked for by", choices=AccessReport.AskedBy.choices)
    with_names = forms.BooleanField(
        label="With the names of staff", required=False, initial=True, help_text="Without, it gives their roles."
    )


class AcknowledgmentForm(forms.Form):
    """What was done about the findings of a log check."""

    note = forms.CharField(
        label="What you did", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="Whom you told, when."
    )


class UnusualReviewForm(forms.Form):
    """What the privacy officer found out about an unusual access."""

    finding = forms.ChoiceField(choices=UnusualAccessReview.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="Whom you asked, and what they said."
    )

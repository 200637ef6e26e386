"""Forms of legal holds."""

from __future__ import annotations

from django import forms

from privacy.models import (
    LegalHold,
)
from staff.typed_fields import PastDayField


class LegalHoldForm(forms.ModelForm):
    """Why a record must stay as it is, and since when."""

    class Meta:
        model = LegalHold
        fields = ("reason", "from_on")
        field_classes = {"from_on": PastDayField}
        widgets = {"reason": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"reason": "The matter and who asked, e.g. “Sample v. Clinic, letter of counsel.”"}


class LiftHoldForm(forms.Form):
    """Why it need no longer be kept."""

    reason = forms.CharField(label="Why the hold is lifted", max_length=500)

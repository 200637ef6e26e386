"""Forms of emergency access to a chart, and of its review."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.forms.fields import of_somebody_else
from cases.people import births
from privacy import emergency
from privacy.models import (
    EmergencyAccess,
)
from staff import outside
from staff.confirming import SignatureForm
from staff.typed_fields import PastDayField, YearField


class EmergencyForm(SignatureForm):
    """Whose chart, exactly, and why, with the password or a passkey each time.

    The form does not reveal whether the person is known: nobody is looked up before all of it is right.
    """

    not_done = "No chart was opened."

    given_name = forms.CharField(
        label="First name", max_length=60, required=False, help_text="Leave blank if the person has only one name."
    )
    family_name = forms.CharField(label="Last name", max_length=60)
    birth_date = PastDayField(
        label="Birth date", required=False, help_text="Leave blank only if no birth date is on file."
    )
    birth_year = YearField(label=births.YEAR_LABEL, required=False, help_text="If only the birth year is on file.")
    reason = forms.CharField(
        label="Describe the emergency",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, and what you need. The privacy officer reviews this within one business day.",
    )
    field_order = ("given_name", "family_name", *births.FIELDS, "reason", "password", "credential")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(self.fields, "given_name", "family_name", *births.FIELDS)
        self.fields["password"].help_text = "Asked each time you use this form."

    def clean_reason(self) -> str:
        """A reason that says something, before anyone is looked up."""
        reason: str = self.cleaned_data["reason"]
        try:
            emergency.check_reason(reason)
        except emergency.EmergencyReasonNeeded as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        return reason

    def clean(self) -> dict[str, Any]:
        """A year beside the birth date must match it; then the password is asked."""
        births.clean(self, self.cleaned_data)
        return super().clean()


class ReviewForm(forms.Form):
    """The privacy officer's findings."""

    finding = forms.ChoiceField(choices=EmergencyAccess.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class LookUpReviewForm(forms.Form):
    """What the privacy officer found about the look-ups that are shown."""

    shown = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    @property
    def numbers(self) -> list[int]:
        """Which look-ups were on the page."""
        return [key for each in self.cleaned_data["shown"].split()[:200] for key in outside.keys(each)]

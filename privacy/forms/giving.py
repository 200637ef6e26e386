"""Forms of what a client is given of their record: copies and accountings."""

from __future__ import annotations

from typing import Any

from django import forms

from privacy import giving
from privacy.forms.disclosures import choose_disclosure
from privacy.models import (
    AccountingSuspension,
    AskedAbout,
    Disclosure,
    RecordGiven,
)
from staff.days import day_in_words
from staff.typed_fields import PastDayField, PlannedDayField


class TimeForm(forms.Form):
    """The first and last day of an accounting."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")


class GivenForm(forms.Form):
    """To whom something of a client's is given, in which form, and which request it answers."""

    asked = forms.ModelChoiceField(
        label="Request it answers",
        queryset=AskedAbout.objects.none(),
        required=False,
        empty_label="None",
        help_text="A waiting request for this, on which this client was identified.",
    )
    form = forms.ChoiceField(label="As", choices=())
    to = forms.ChoiceField(label="Given to", choices=RecordGiven.To.choices, initial=RecordGiven.To.CLIENT)
    name = forms.CharField(
        label="Name", max_length=200, required=False, help_text="Of someone who acts for the client by law."
    )
    acts_by = forms.CharField(
        label="By what right", max_length=200, required=False, help_text="E.g. “court-appointed guardian, Nov 2026.”"
    )
    disclosure = forms.ModelChoiceField(
        label="Disclosure",
        queryset=Disclosure.objects.none(),
        required=False,
        empty_label="None",
        help_text="For anyone else: the disclosure recorded for this, of the whole record or of the accounting. One "
        "allows one copy.",
    )
    forms_given: tuple[RecordGiven.Form, ...] = (RecordGiven.Form.PDF, RecordGiven.Form.PAPER)

    def __init__(self, *args: Any, requests: Any, disclosures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["asked"]
        asked.queryset = requests
        asked.label_from_instance = lambda each: f"No. {each.pk}, due {day_in_words(each.due_on)}"
        choose_disclosure(self.fields["disclosure"], disclosures)
        self.fields["form"].choices = [(each.value, each.label) for each in self.forms_given]  # type: ignore[attr-defined]

    @property
    def recipient(self) -> giving.Recipient:
        """To whom, as `giving` takes it."""
        facts = self.cleaned_data
        return giving.Recipient(facts["to"], facts["name"], facts["acts_by"], facts["disclosure"])


class SuspensionForm(forms.ModelForm):
    """What an agency stated: the accounting of what it was told would impede it."""

    class Meta:
        model = AccountingSuspension
        fields = ("agency", "official", "statement", "stated_on", "in_writing", "ends_on")
        field_classes = {"stated_on": PastDayField, "ends_on": PlannedDayField}
        widgets = {
            "agency": forms.TextInput(attrs={"list": "agencies"}),
            "statement": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {"ends_on": "As the statement says. If it isn’t in writing, at most 30 days from it."}

    def validate_constraints(self) -> None:
        """The act refuses the same, beside the field."""


class SuspensionEndForm(forms.Form):
    """Why it no longer holds."""

    reason = forms.CharField(label="How you know that it ended", max_length=500)


class CopyForm(GivenForm):
    """The same for a copy of the record."""

    forms_given = (RecordGiven.Form.PDF, RecordGiven.Form.DATA)


class AccountingForm(GivenForm):
    """The same with the time of an accounting."""

    since = PastDayField(label="From")
    until = PastDayField(label="To")

"""Forms of requests for records, from the first question to the answer."""

from __future__ import annotations

from typing import Any

from django import forms

from privacy.forms.disclosures import choose_disclosure
from privacy.models import (
    AskedAbout,
    Disclosure,
    RequestStep,
)
from staff.models import StaffMember
from staff.typed_fields import KeyField, PastDayField, PlannedDayField


class AskedOnChartForm(forms.Form):
    """Who is asking about the client whose chart is open, and how."""

    asked_by = forms.CharField(
        label="Who is asking", max_length=120, help_text="Their name, as it would appear on a consent.", required=False
    )
    relation = forms.ChoiceField(
        label="Relationship, as they state it", choices=AskedAbout.Relation.choices, initial=AskedAbout.Relation.PARENT
    )
    way = forms.ChoiceField(label="How they asked", choices=AskedAbout.Way.choices)
    kind = forms.ChoiceField(
        label="What they want",
        choices=AskedAbout.Kind.choices,
        required=False,
        help_text="Anything but the first goes to the privacy officer, who answers in writing.",
    )
    received_on = PastDayField(
        label="Received", required=False, help_text="For letters and papers, if it was before today."
    )
    answer_by = PlannedDayField(
        label="Date it names", required=False, help_text="For a subpoena or order: the date by which to answer."
    )

    def clean_kind(self) -> str:
        """A question, unless they want more."""
        return self.cleaned_data["kind"] or AskedAbout.Kind.QUESTION


class AskedForm(AskedOnChartForm):
    """The same for the person who answers the phone: nothing is looked up."""

    about = forms.CharField(label="About", max_length=120, help_text="The name they gave. It isn’t looked up.")
    address = forms.CharField(
        label="Reply address",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only for a reply by mail.",
    )

    field_order = ("about", "asked_by", "relation", "way", "kind", "received_on", "answer_by", "address")


class TakeForm(forms.Form):
    """Who answers it: somebody who works the queue."""

    owner = forms.ModelChoiceField(label="Who answers it", queryset=StaffMember.objects.none())

    def __init__(self, *args: Any, workers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = workers  # type: ignore[attr-defined]


class IdentifyForm(forms.Form):
    """Which client a request is about. By number: the page looks nobody up by the name they gave."""

    number = KeyField(label="Client no.", help_text="From the chart, after you checked who they are.")


class ExtendForm(forms.Form):
    """More time, with the reason that the client is told in writing."""

    prefix = "extend"

    until = PlannedDayField(label="New date", help_text="Up to 30 days after the first one.")
    reason = forms.CharField(
        label="Reason, as the client is told", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class StepNoteForm(forms.Form):
    """What was done about it."""

    prefix = "note"

    reason = forms.CharField(label="What was done", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class CloseForm(forms.Form):
    """What came of it and why."""

    prefix = "close"

    outcome = forms.ChoiceField(label="Outcome", choices=RequestStep.Outcome.choices)
    disclosure = forms.ModelChoiceField(
        label="Disclosure",
        queryset=Disclosure.objects.none(),
        required=False,
        help_text="Only if something was disclosed: the one you recorded for this request.",
    )
    went_as_asked = forms.BooleanField(
        label="It went where this request says",
        required=False,
        help_text="Only if it went to another name than the one who asked: to the court in the papers, for example.",
    )
    ground = forms.ChoiceField(
        label="Ground of the denial",
        choices=[("", "None"), *RequestStep.Ground.choices],
        required=False,
        help_text="Only if the client is denied a copy. The last three but one take a licensed professional’s finding.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In plain words: a client who is denied a copy reads them in their letter. If you don’t have it, say "
        "who does (45 CFR 164.524(d)(3)).",
    )

    def __init__(self, *args: Any, disclosures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_disclosure(self.fields["disclosure"], disclosures)

"""Forms of the breach register: each is one act of `breaches`."""

from __future__ import annotations

from typing import Any

from django import forms

from privacy.models import Breach, BreachAssessment, BreachClient, BreachNotice, BreachStep
from staff import outside
from staff.typed_fields import NumberField, PastDayField, PlannedDayField

SHOWN = 200  # people in a list to choose from


class BreachReportForm(forms.ModelForm):
    """What anyone who works here can say of a possible breach."""

    class Meta:
        model = Breach
        fields = ("discovered_on", "happened_on", "what_happened", "information")
        field_classes = {"discovered_on": PastDayField, "happened_on": PastDayField}
        widgets = {"what_happened": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"what_happened": "What was lost, sent, opened or taken; by whom and to whom, if you know."}


class BreachPeopleForm(forms.Form):
    """Whose records were involved."""

    numbers = forms.CharField(
        label="Client numbers",
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="As at the top of each chart, separated by spaces or commas.",
    )
    others = NumberField(
        label="People without a record here",
        required=False,
        max_value=10_000_000,
        help_text="How many in all, such as callers or relatives. Leave blank if that hasn’t changed.",
    )

    def clean_numbers(self) -> list[int]:
        """The numbers that were typed."""
        found = []
        for each in self.cleaned_data["numbers"].replace(",", " ").replace(";", " ").split():
            number = outside.number(each.removeprefix("No.").removeprefix("#"), lowest=1)
            if number is None:
                raise forms.ValidationError(f"“{outside.quoted(each)}” isn’t a client number.")
            found.append(number)
        return found


class BreachAssessmentForm(forms.ModelForm):
    """The four factors of 45 CFR 164.402(2), and the decision."""

    class Meta:
        model = BreachAssessment
        fields = ("nature", "whom", "viewed", "mitigated", "decision")
        widgets = {each: forms.Textarea(attrs={"rows": 2}) for each in ("nature", "whom", "viewed", "mitigated")}

    decision = forms.ChoiceField(choices=BreachAssessment.Decision.choices, widget=forms.RadioSelect)


class BreachNoticeForm(forms.Form):
    """The notice to the people affected."""

    listed = forms.ChoiceField(label="Who was notified", required=False)
    sent_on = PastDayField(label="Sent on")
    way = forms.ChoiceField(label="How", choices=BreachNotice.Way.choices)
    others = NumberField(label="And people without a record here", required=False, max_value=10_000_000)

    def __init__(self, *args: Any, listed: list[BreachClient], untold: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everyone = f"Everyone on the list not notified yet ({untold})"
        self.fields["listed"].choices = [  # type: ignore[attr-defined]
            ("", everyone),
            *((str(each.pk), f"Only {each.client.full_name} (No. {each.client_id})") for each in listed[:SHOWN]),
        ]


class BreachAuthorityForm(forms.Form):
    """The notice to the media or to HHS."""

    whom = forms.ChoiceField(
        label="Who was notified",
        choices=[(each.value, each.label) for each in (BreachStep.Kind.MEDIA, BreachStep.Kind.HHS)],
    )
    on = PastDayField(label="On")
    note = forms.CharField(label="Outlet, or HHS’s submission number", max_length=300)


class BreachDelayForm(forms.Form):
    """What law enforcement stated."""

    official = forms.CharField(label="Official and agency", max_length=200)
    on = PastDayField(label="Stated on")
    until = PlannedDayField(label="Wait until", help_text="If it isn’t in writing, at most 30 days from the statement.")
    in_writing = forms.BooleanField(label="The statement is in writing and names this time", required=False)


class BreachDelayEndForm(forms.Form):
    """They no longer ask to wait."""

    on = PastDayField(label="Ended on")
    note = forms.CharField(label="How you know", max_length=300, required=False)


class BreachOffForm(forms.Form):
    """Someone was listed by mistake."""

    listed = forms.ChoiceField(label="Who to take off")
    reason = forms.CharField(label="Why their records weren’t involved", max_length=200)

    def __init__(self, *args: Any, listed: list[BreachClient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["listed"].choices = [  # type: ignore[attr-defined]
            (str(each.pk), f"{each.client.full_name} (No. {each.client_id})") for each in listed[:SHOWN]
        ]


class BreachNoteForm(forms.Form):
    """Anything else, or why the whole entry was an error."""

    note = forms.CharField(label="Note", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    is_error = forms.BooleanField(
        label="This whole entry was made in error: nothing is owed for it. It stays on record.", required=False
    )

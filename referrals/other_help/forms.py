"""Forms of referrals to places, and of the directory of places."""

from __future__ import annotations

from typing import Any

from django import forms

from referrals.danger_form import DangerForm
from referrals.models import ServiceKind, ServicePlace
from referrals.models.service_referral import How, Outcome, ToldBy
from staff.models import StaffMember
from staff.typed_fields import ClockField, PastDayField, PlannedDayField

from . import naming


def _words(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class _NamingForm(forms.Form):
    """What is told where the client is named, and what was agreed on."""

    what = forms.CharField(
        label="What is told",
        required=False,
        max_length=1000,
        widget=_words(),
        help_text="No more than the consent covers.",
    )
    why = forms.CharField(label="What for", required=False, max_length=300, help_text="In the words of the consent.")
    accepted = forms.BooleanField(label="The place will take them", required=False)
    appointment_on = PlannedDayField(label="Appointment", required=False)
    appointment_time = ClockField(label="Time", required=False)


class ReferForm(_NamingForm, DangerForm):
    """A new referral. How it goes out is asked with no answer to start from: a wrong one would be read as a fact."""

    kind = forms.ChoiceField(label="What for", choices=ServiceKind.choices)
    place = forms.ModelChoiceField(
        ServicePlace.objects.none(), label="Place", required=False, empty_label="Not in the directory"
    )
    elsewhere = forms.CharField(
        label="If it isn’t in the directory: its name", required=False, max_length=120, help_text="As on the consent."
    )
    need = forms.CharField(
        label="What the client wants", required=False, widget=_words(), help_text="In their own words if you can."
    )
    how = forms.ChoiceField(label="How", choices=How.choices, widget=forms.RadioSelect)
    spoke_with = forms.CharField(label="Whom you spoke with", required=False, max_length=80)
    name_client = forms.BooleanField(
        label="We say who the client is", required=False, help_text="Not needed if the client speaks for themselves."
    )
    note = forms.CharField(label="What was agreed, or a note", required=False, widget=_words())
    happened_on = PastDayField(label="Day")

    def __init__(self, *args: Any, reader: StaffMember, kind: str = "", **kwargs: Any) -> None:
        if kind in ServiceKind.values:
            known = {"kind": kind, "what": naming.what_is_told(kind), "why": naming.what_for(kind)}
            kwargs["initial"] = known | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["how"].error_messages["required"] = "Choose how it goes out."
        self.fields["why"].label = "Purpose"
        for name in ("what", "why"):  # static/js/when.js: words that nobody typed need not be seen
            self.fields[name].widget.attrs["data-when-proposed"] = self.initial.get(name, "")
        self.fields["place"].queryset = ServicePlace.objects.visible_to(reader).in_use()  # type: ignore[attr-defined]


class CallForm(_NamingForm, DangerForm):
    """A call to the place later on."""

    spoke_with = forms.CharField(label="Whom you spoke with", max_length=80)
    name_client = forms.BooleanField(
        label="We said who the client is",
        required=False,
        help_text="A disclosure: it takes an active consent. Not needed if the client spoke for themselves.",
    )
    happened_on = PastDayField(label="Day")
    note = forms.CharField(label="What was said or agreed", required=False, widget=_words())

    field_order = (
        "happened_on", "spoke_with", "name_client", "what", "why", "accepted", "appointment_on", "appointment_time",
        "note", "reports_danger",
    )  # fmt: skip


class _AnswerForm(DangerForm):
    """Somebody told us something."""

    happened_on = PastDayField(label="Day")
    told_by = forms.ChoiceField(label="Who told you", choices=[("", "Choose…"), *ToldBy.choices])
    note = forms.CharField(label="In words", required=False, widget=_words())

    field_order: tuple[str, ...] = ("happened_on", "told_by", "note", "reports_danger")


class AnswerForm(_AnswerForm):
    """Declined, or seen there."""


class AcceptForm(_AnswerForm):
    """The place takes them."""

    appointment_on = PlannedDayField(label="Appointment (optional)", required=False)
    appointment_time = ClockField(label="Time (optional)", required=False)

    field_order = ("happened_on", "told_by", "appointment_on", "appointment_time", "note", "reports_danger")


class ResultForm(_AnswerForm):
    """What came of it."""

    outcome = forms.ChoiceField(label="What came of it", choices=Outcome.choices, widget=forms.RadioSelect)

    field_order = ("outcome", "note", "happened_on", "told_by", "reports_danger")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].help_text = "For example: keys to a room on Elm Street, first rent paid by the county."


class EndForm(DangerForm):
    """Closed without a result."""

    happened_on = PastDayField(label="Day")
    note = forms.CharField(label="Note", required=False, widget=_words())

    field_order = ("happened_on", "note", "reports_danger")


class StepNoteForm(DangerForm):
    """A note."""

    note = forms.CharField(label="Note", widget=_words())

    field_order = ("note", "reports_danger")


class ServicePlaceForm(forms.ModelForm):
    """A place in the directory. Its rules are in the act."""

    kinds = forms.MultipleChoiceField(
        label="What people are referred there for", choices=ServiceKind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ServicePlace
        fields = (
            "name", "kinds", "phone", "address", "hours", "contact_person", "what_to_bring", "languages", "costs",
            "notes",
        )  # fmt: skip
        widgets = {"notes": _words(3)}

    def _post_clean(self) -> None:
        """The act fills the row and says what is wrong with it; the form only cleans."""

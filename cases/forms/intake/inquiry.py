"""Inquiry forms: taking a call, and moving it afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import CharField

from cases.codes import Substance
from cases.forms.fields import YesNoField, of_somebody_else
from cases.models import Inquiry
from cases.people import births
from cases.people.phones import e164
from staff.models import Program, StaffMember
from staff.typed_fields import NumberField, PastDayField, PlannedDayField, PlannedMomentField, YearField

# What callers name most comes first: fewer keystrokes while someone talks.
ASKED_FIRST = (
    Substance.ALCOHOL,
    Substance.FENTANYL,
    Substance.HEROIN,
    Substance.OTHER_OPIOIDS,
    Substance.METHAMPHETAMINE,
    Substance.COCAINE,
    Substance.CANNABIS,
    Substance.BENZODIAZEPINES,
)
LANGUAGES = ("English", "Spanish", "Vietnamese", "Chinese", "Arabic", "French", "Haitian Creole", "Sign language")


class CallForm(forms.ModelForm):
    """The whole call on one page. No field is required: a call is as complete as the caller is ready to be."""

    substances = forms.MultipleChoiceField(
        label="Substances",
        required=False,
        choices=[
            *((each.value, each.label) for each in ASKED_FIRST),
            *((each.value, each.label) for each in Substance if each not in ASKED_FIRST),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    danger_signs = forms.MultipleChoiceField(
        label="Danger signs",
        required=False,
        choices=Inquiry.DangerSign.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    pregnant = YesNoField(label="Pregnant", help_text="First priority; interim services within 48 hours.")
    injects = YesNoField(label="Injects drugs", help_text="Second priority; admission within 14 days.")

    class Meta:
        model = Inquiry
        fields = (
            "relation", "caller_name", "reason", "danger_signs",
            "given_name", "family_name", "birth_date", "birth_year", "phone", "ssn_last4", "language", "payer",
            "substances", "days_since_last_use", "pregnant", "injects",
            "call_back_phone", "voicemail_ok", "voicemail_words", "must_not_reveal",
            "costs_of_now", "benefits_of_now", "benefits_of_change", "costs_of_change",
            "next_action", "next_action_at",
        )  # fmt: skip
        labels = {
            "caller_name": "Caller's name",
            "reason": "Why now, in their words",
            "birth_year": births.YEAR_LABEL,
            "phone": "Person’s phone, if different",
            "ssn_last4": "Last 4 of SSN",
            "days_since_last_use": "Days since last use",
            "call_back_phone": "Safe callback number",
            "voicemail_ok": "OK to leave a voicemail",
            "voicemail_words": "What a voicemail can say",
            "must_not_reveal": "What a call must not reveal, and to whom",
            "costs_of_now": "What is hard right now?",
            "benefits_of_now": "What is good right now?",
            "benefits_of_change": "What could improve with help?",
            "costs_of_change": "What makes it hard to get help?",
            "payer": "Insurance or payer",
            "next_action": "Next step",
            "next_action_at": "When",
        }
        help_texts = {
            "caller_name": "If someone calls for another person.",
            "days_since_last_use": "0 means today.",
            "birth_year": "",
            "ssn_last4": "Only if the caller offers it.",
            "must_not_reveal": "For example: don’t tell husband; say “the office.”",
            "next_action": "If blank: next business day; within an hour if there is a danger sign.",
        }
        field_classes = {
            "birth_date": PastDayField,
            "birth_year": YearField,
            "days_since_last_use": NumberField,
            "next_action_at": PlannedMomentField,
        }
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 2}),
            "phone": forms.TextInput(attrs={"inputmode": "tel"}),
            "call_back_phone": forms.TextInput(attrs={"inputmode": "tel"}),
            "ssn_last4": forms.TextInput(attrs={"inputmode": "numeric"}),
            "language": forms.TextInput(attrs={"list": "languages"}),
            "costs_of_now": forms.Textarea(attrs={"rows": 3}),
            "benefits_of_now": forms.Textarea(attrs={"rows": 3}),
            "benefits_of_change": forms.Textarea(attrs={"rows": 3}),
            "costs_of_change": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(
            self.fields,
            *("caller_name", "given_name", "family_name", *births.FIELDS, "ssn_last4", "phone", "call_back_phone"),
        )
        # a radio button reads better than a list for two answers; no one is asked twice
        self.fields["relation"].initial = Inquiry.Relation.SELF
        # the caller is talking already; after a refusal the first field with an error gets the focus instead
        self.fields["relation"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """A year beside the birth date must match it."""
        said = super().clean() or self.cleaned_data
        births.clean(self, said)
        return said

    def clean_call_back_phone(self) -> str:
        """Refuse an invalid phone number: no one could call it back."""
        return self._phone("call_back_phone")

    def clean_phone(self) -> str:
        """The same for the person's own number."""
        return self._phone("phone")

    def _phone(self, name: str) -> str:
        value = str(self.cleaned_data[name]).strip()
        if value and not e164(value):
            raise forms.ValidationError("Enter a 10-digit phone number, or + and the country code.")
        return value

    @property
    def facts(self) -> dict[str, Any]:
        """Valid values by field. Autosave uses it while other fields are still invalid."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}

    @property
    def as_typed(self) -> dict[str, str]:
        """Invalid values by field that a draft can keep as typed, such as half a phone number."""
        return {name: typed for name, typed in self._typed_wrongly() if _can_hold(name, typed)}

    @property
    def not_understood(self) -> list[str]:
        """A sentence for each invalid field: what is kept as typed, and what is not kept at all."""
        sentences = []
        for name, typed in self._typed_wrongly():
            label, errors = self.fields[name].label, " ".join(map(str, self.errors[name]))
            kept = "Saved as typed" if _can_hold(name, typed) else "Not saved"
            sentences.append(f"{kept}: {label}, “{typed}”. {errors}")
        return sentences

    @property
    def shows_rarer_substances(self) -> bool:
        """Whether one is chosen that is folded away at first."""
        chosen = self["substances"].value() or ()
        return bool({str(each) for each in chosen} - {each.value for each in ASKED_FIRST})

    def _typed_wrongly(self) -> list[tuple[str, str]]:
        return [(name, str(self.data.get(name, ""))) for name in self.fields if name in self.errors]


def _can_hold(name: str, typed: str) -> bool:
    """Whether the call has a line of free text for it: a number or a day has no place for other letters."""
    field = Inquiry._meta.get_field(name)
    return isinstance(field, CharField) and not field.choices and len(typed) <= (field.max_length or 0)


class NoDangerForm(forms.Form):
    """Why a danger sign that still needs a response is wrong; required only once someone removed it."""

    no_danger_because = forms.CharField(
        label="Why this sign is being removed",
        required=False,
        max_length=100,
        help_text="For example: checked by mistake. It shows on the inquiry with your name.",
    )


class MoveForm(forms.Form):
    """Move an inquiry to another stage."""

    stage = forms.ChoiceField(
        choices=[choice for choice in Inquiry.Stage.choices if choice[0] != Inquiry.Stage.ADMITTED]
    )
    reason = forms.CharField(required=False, max_length=200)
    next_action = forms.CharField(label="Next step", required=False, max_length=200)
    next_action_at = PlannedMomentField(label="When", required=False)
    program = forms.ModelChoiceField(Program.objects.none(), required=False, empty_label="No program yet")
    any_program = forms.BooleanField(label="Any suitable program", required=False)
    offer_lapses_on = PlannedDayField(label="Hold opening through", required=False)

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Program.objects.visible_to(staff_member).open()


class CounselorField(forms.ModelChoiceField):
    """Someone who treats people, by name and credential."""

    def label_from_instance(self, obj: Any) -> str:
        """As under a signed note."""
        return obj.signature_name


class PersonForm(forms.Form):
    """Who the person on the phone is, and who takes care of them."""

    counselor = CounselorField(StaffMember.objects.none(), required=False, empty_label="Choose a counselor")
    asked = forms.BooleanField(label="I checked a second identifier, and it matches", required=False)

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["counselor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffMember.objects.visible_to(staff_member).clinicians()

"""Client demographics and contact forms."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.forms.fields import TimeZoneField, of_somebody_else
from cases.forms.intake.inquiry import CounselorField
from cases.models import CareTeamMember, Client, ContactPoint
from cases.people import births
from staff.models import StaffMember
from staff.typed_fields import PastDayField, YearField


class ClientForm(forms.ModelForm):
    """A client's demographics."""

    time_zone = TimeZoneField(
        label="Time zone",
        required=False,
        help_text="Only if different from the clinic's. Reminders use it.",
    )

    class Meta:
        model = Client
        fields = (
            "given_name", "family_name", "preferred_name", "former_family_name", "pronouns", "birth_date", "birth_year",
            "sex", "ssn_last4", "language", "street", "city", "state", "postal_code",
            "work_postal_code", "time_zone", "must_not_reveal", "named_by_others",
        )  # fmt: skip
        labels = {
            "given_name": "First name",
            "family_name": "Last name",
            "preferred_name": "Goes by",
            "former_family_name": "Former last name",
            "birth_year": births.YEAR_LABEL,
            "sex": "Sex (for measures with separate cutoffs)",
            "must_not_reveal": "What must not be revealed, and to whom",
            "named_by_others": "OK to name outside their own chart",
        }
        help_texts = {
            "named_by_others": "By first name and initial, such as on a group roster.",
            "birth_year": "",
            "work_postal_code": "Only used on this server, to find meetings near it.",
            "must_not_reveal": "",
            "former_family_name": "",
            "preferred_name": "",
            "given_name": "If the person has only one name, leave the other field blank.",
            "family_name": "If it changes, the former name is kept and still searchable.",
        }
        field_classes = {"birth_date": PastDayField, "birth_year": YearField}
        widgets = {"must_not_reveal": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(
            self.fields,
            *("given_name", "family_name", "preferred_name", "former_family_name", *births.FIELDS, "ssn_last4"),
            *("street", "city", "state", "postal_code", "work_postal_code"),
        )

    def clean(self) -> dict[str, Any]:
        """Either name may be blank, but not both."""
        said = super().clean() or self.cleaned_data
        births.clean(self, said)
        if not (said.get("given_name") or said.get("family_name") or self.errors):
            self.add_error("family_name", "Enter a first or last name.")
        return said

    @property
    def facts(self) -> dict[str, Any]:
        """The fields as functions take them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def validate_unique(self) -> None:
        """Nothing about a person is unique: namesakes are two people."""


class NewClientForm(ClientForm):
    """The same with a first phone number and email address."""

    phone = forms.CharField(required=False, max_length=32, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.EmailField(label="Email", required=False)
    voicemail_ok = forms.BooleanField(label="OK to leave a voicemail", required=False)
    messages_ok = forms.BooleanField(label="OK to text or email", required=False)
    safe_words = forms.CharField(label="What a message can say", required=False, max_length=200)
    counselor = CounselorField(StaffMember.objects.none(), required=False, empty_label="No one yet")
    looked = forms.BooleanField(label="I checked the people above; this is someone new", required=False)

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(self.fields, "phone", "email")
        field = self.fields["counselor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffMember.objects.visible_to(staff_member).clinicians()

    @property
    def contact(self) -> dict[str, Any]:
        """How to reach them, as registering.register takes it."""
        names = ("phone", "email", "voicemail_ok", "messages_ok", "safe_words")
        return {name: self.cleaned_data[name] for name in names}


class ContactForm(forms.ModelForm):
    """One way to reach a client."""

    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "label", "voicemail_ok", "messages_ok", "safe_words", "is_preferred")
        labels = {
            "value": "Number or email",
            "label": "Belongs to",
            "voicemail_ok": "OK to leave a voicemail",
            "messages_ok": "OK to text or email",
            "safe_words": "What a message can say",
            "is_preferred": "Preferred",
        }
        help_texts = {"label": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(self.fields, "value")

    def validate_constraints(self) -> None:
        """The functions enforce one preferred contact per kind, by moving the preference."""


class CareTeamForm(forms.Form):
    """Add someone to the care team."""

    staff_member = CounselorField(StaffMember.objects.none(), label="Staff member")
    part = forms.ChoiceField(
        label="Role",
        choices=[
            choice
            for choice in CareTeamMember.Part.choices
            if choice[0] in (CareTeamMember.Part.PRIMARY, CareTeamMember.Part.COUNSELOR, CareTeamMember.Part.MEDICAL)
        ],
    )

    def __init__(self, *args: Any, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["staff_member"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffMember.objects.visible_to(by).clinicians()

"""Forms of disclosures, and of those who receive them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.models import Client
from cases.possible_days import ask_about
from privacy.models import (
    Consent,
    Disclosure,
    KnownRecipient,
    ServiceAgreement,
)
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.typed_fields import LongTermDayField, PastDayField, PastMomentField


class DisclosureForm(forms.ModelForm):
    """One disclosure, as the accounting of disclosures needs it."""

    recipient_as = forms.ChoiceField(
        label="Recipient’s role",
        choices=[("", "None of these"), *Disclosure.RecipientAs.choices],
        required=False,
        help_text=(
            "Required under a consent for treatment, payment, and operations, for a recipient on the clinic’s list. "
            "Anyone else needs a consent that names them."
        ),
    )

    class Meta:
        model = Disclosure
        fields = (
            "basis",
            "consent",
            "agreement",
            "recipient",
            "affiliation",
            "address",
            "no_consent",
            "authority",
            "what",
            "why",
            "disclosed_at",
        )
        field_classes = {"disclosed_at": PastMomentField}
        widgets = {
            "what": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {
            "authority": "Court order or audit agreement",
            "disclosed_at": "When",
            "consent": "Consent",
            "agreement": "Service agreement",
        }
        help_texts = {
            "recipient": "Person or organization, as named in the consent.",
            "what": "Kind and amount, e.g. “dates of attendance, January to March.” Don’t paste records.",
            "affiliation": "Hospital or service in a medical emergency; the agency or payer of an audit.",
            "agreement": "Required for a qualified service organization.",
            "no_consent": "Required for a medical emergency.",
            "authority": (
                "The order’s court, docket number, and date: a subpoena alone isn’t enough. For an audit, the written "
                "agreement and its date."
            ),
        }

    def __init__(self, *args: Any, client: Client, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        if not can(by, Permission.REQUESTS_WORK):  # `lawful_bases`: the privacy officer judges these
            others = (Disclosure.Basis.COURT_ORDER, Disclosure.Basis.AUDIT)
            field = self.fields["basis"]
            field.choices = [each for each in field.choices if each[0] not in others]  # type: ignore[attr-defined]
            del self.fields["authority"]
        today = timezone.localdate(timezone=client.clinic.zone)
        signed = Consent.objects.filter(client=client).exclude(type=Consent.Type.REMINDER_CONTACT).in_force(today)
        self.fields["consent"].queryset = signed  # type: ignore[attr-defined]
        self.fields["consent"].label_from_instance = lambda each: (  # type: ignore[attr-defined]
            f"{each.get_type_display()}: {', '.join(each.recipient_list)} (until {each.expiry_words})"
        )
        current = ServiceAgreement.objects.filter(clinic=client.clinic_id).current_on(today)
        self.fields["agreement"].queryset = current  # type: ignore[attr-defined]
        self.fields["agreement"].label_from_instance = lambda each: f"{each.name}: {each.services}"  # type: ignore[attr-defined]
        self.fields["disclosed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)


class ServiceAgreementForm(forms.ModelForm):
    """An agreement with a qualified service organization."""

    class Meta:
        model = ServiceAgreement
        fields = ("name", "services", "agreed_on", "ends_on", "is_bound", "resists")
        field_classes = {"agreed_on": PastDayField, "ends_on": LongTermDayField}


class RecipientForm(forms.ModelForm):
    """A recipient for the clinic's list."""

    class Meta:
        model = KnownRecipient
        fields = ("name", "kind", "known_by")
        labels = {"name": "Person or organization"}


def choose_disclosure(field: Any, disclosures: Any) -> None:
    """Let a field choose among these disclosures, by day and recipient."""
    field.queryset = disclosures
    field.label_from_instance = lambda each: (
        f"{day_in_words(timezone.localdate(each.disclosed_at))}, to {each.recipient}"
    )

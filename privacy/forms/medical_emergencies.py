"""Forms of disclosures in a medical emergency, and of their review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.models import Client
from cases.possible_days import ask_about
from privacy.models import (
    Disclosure,
    DisclosureReview,
)
from staff.models import StaffMember
from staff.typed_fields import PastMomentField


class MedicalEmergencyForm(forms.Form):
    """What 42 CFR 2.51(c) asks to write down at once: short, since it is filled in while an ambulance waits."""

    told = forms.CharField(
        label="Name of the medical personnel", max_length=200, help_text="Who you told, e.g. “EMT Jordan Example.”"
    )
    affiliation = forms.CharField(label="Hospital or service", max_length=200, help_text="E.g. “County EMS, unit 12.”")
    nature = forms.CharField(
        label="Nature of the emergency", max_length=300, help_text="E.g. “Found unresponsive, likely overdose.”"
    )
    what = forms.CharField(
        label="What you told them",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only what the emergency needed, e.g. “methadone dose, last use, allergies.”",
    )
    no_consent = forms.ChoiceField(
        label="Why no written consent", choices=Disclosure.NoConsent.choices, widget=forms.RadioSelect
    )
    disclosed_by: Any = forms.ModelChoiceField(label="Who told them", queryset=StaffMember.objects.none())
    disclosed_at = PastMomentField(label="When")

    def __init__(self, *args: Any, client: Client, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        self.fields["disclosed_by"].queryset = StaffMember.objects.visible_to(by).filter(  # type: ignore[attr-defined]
            is_active=True
        )
        self.fields["disclosed_by"].initial = by.pk
        self.fields["disclosed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)


class DisclosureReviewForm(forms.Form):
    """What the privacy officer found about a disclosure in a medical emergency."""

    finding = forms.ChoiceField(choices=DisclosureReview.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

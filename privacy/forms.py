"""Forms of privacy/: they check what was typed; the functions enforce the rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from cases.forms.fields import of_somebody_else
from cases.models import Client, ContactPoint
from privacy.models import Channel, Consent, Disclosure, EmergencyAccess

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ConsentForm(forms.ModelForm):
    """The elements of a consent form (42 CFR 2.31), as on paper. All may be empty while it is a draft."""

    contact = forms.ChoiceField(
        label="Number or address", required=False, help_text="From the client's contacts. One consent for each."
    )

    class Meta:
        model = Consent
        fields = (
            "discloser",
            "recipients",
            "description",
            "purpose",
            "expires_on",
            "expiry_event",
            "never_expires",
            "right_to_revoke_stated",
            "redisclosure_stated",
            "refusal_stated",
            "signed_by_name",
            "signed_as",
            "signed_on",
        )
        widgets = {
            "expires_on": DATE,
            "signed_on": DATE,
            "description": forms.Textarea(attrs={"rows": 3}),
            "recipients": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "discloser": "This clinic, or whoever holds the records.",
            "description": "As exact as the purpose allows, e.g. “dates of attendance”, not “all records”.",
            "expiry_event": "E.g. “when probation ends”. One of the two is enough.",
        }

    def __init__(self, *args: Any, client: Client, type: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"discloser": client.clinic.name, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        self.type = type
        if type == Consent.Type.REMINDER_CONTACT:
            del self.fields["recipients"]
            self.fields["contact"].choices = [("", "Choose…"), *_contacts(client)]  # type: ignore[attr-defined]
            self.fields[
                "description"
            ].initial = "That there is an appointment, its day and time, and a number to call. Nothing about care."
            self.fields["purpose"].initial = "Reminders"
            if self.instance.pk and self.instance.contact_value:
                self.fields["contact"].initial = f"{self.instance.contact_channel}:{self.instance.contact_value}"
        else:
            del self.fields["contact"]
        if type != Consent.Type.TPO:
            for name in ("never_expires", "redisclosure_stated"):
                del self.fields[name]
        if type == Consent.Type.SUD_NOTES:
            self.fields["refusal_stated"].label = "The form says that care does not depend on signing"
            self.fields["description"].help_text = "Which notes: of which sessions, by whom, about what."
        elif type != Consent.Type.TPO:
            del self.fields["refusal_stated"]

    def clean(self) -> dict[str, Any]:
        """Refuse dates that contradict each other."""
        cleaned = super().clean() or {}
        signed_on, expires_on = cleaned.get("signed_on"), cleaned.get("expires_on")
        if signed_on and expires_on and expires_on < signed_on:
            self.add_error("expires_on", "This is before the signature.")
        return cleaned

    @property
    def elements(self) -> dict[str, Any]:
        """What was typed, as consents.draft takes it."""
        elements = dict(self.cleaned_data)
        channel, _, value = elements.pop("contact", "").partition(":")
        return elements | {"contact_channel": channel, "contact_value": value}


def _contacts(client: Client) -> list[tuple[str, str]]:
    choices = []
    for point in ContactPoint.objects.filter(client=client).current():
        channels = [Channel.EMAIL] if point.kind == ContactPoint.Kind.EMAIL else [Channel.SMS, Channel.VOICE]
        owner = f" ({point.label})" if point.label else ""
        choices += [(f"{each}:{point.normalized}", f"{each.label}: {point.value}{owner}") for each in channels]
    return choices


class RevocationForm(forms.Form):
    """How the client said so."""

    reason = forms.CharField(
        label="How the client revoked it",
        max_length=300,
        required=False,
        help_text="In person, by phone, in writing. It takes effect at once.",
    )


class DisclosureForm(forms.ModelForm):
    """One disclosure, as the accounting of disclosures needs it."""

    class Meta:
        model = Disclosure
        fields = (
            "basis",
            "consent",
            "recipient",
            "affiliation",
            "address",
            "authority",
            "what",
            "why",
            "disclosed_at",
        )
        widgets = {
            "what": forms.Textarea(attrs={"rows": 3}),
            "disclosed_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        labels = {"disclosed_at": "When", "consent": "Under which consent"}
        help_texts = {
            "recipient": "A person or organization, as the consent names it.",
            "what": "Kind and amount, e.g. “dates of attendance, January to March”. No copies of it.",
            "affiliation": "Hospital or service; needed in a medical emergency.",
            "authority": "Needed for a court order. A subpoena alone is not enough.",
        }

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate(timezone=client.clinic.zone)
        consents = Consent.objects.filter(client=client).exclude(type=Consent.Type.REMINDER_CONTACT).in_force(today)
        self.fields["consent"].queryset = consents  # type: ignore[attr-defined]
        self.fields["consent"].label_from_instance = lambda each: (  # type: ignore[attr-defined]
            f"{each.get_type_display()}: {', '.join(each.recipient_list)} (until {each.expiry_words})"
        )
        self.fields["disclosed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)

    def clean_disclosed_at(self) -> datetime.datetime:
        """Nothing was disclosed in the future."""
        at: datetime.datetime = self.cleaned_data["disclosed_at"]
        if at > timezone.now() + datetime.timedelta(minutes=1):
            raise forms.ValidationError("This is in the future. Record a disclosure after it was made.")
        return at


class EmergencyForm(forms.Form):
    """Whose chart, exactly, and why. Nothing here says whether such a person is known."""

    given_name = forms.CharField(
        label="First name", max_length=60, required=False, help_text="Empty for somebody with one name only."
    )
    family_name = forms.CharField(label="Last name", max_length=60)
    birth_date = forms.DateField(label="Birth date", widget=DATE)
    reason = forms.CharField(
        label="What the emergency is",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The privacy officer reads this within one business day.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_somebody_else(self.fields, "given_name", "family_name", "birth_date")


class ReviewForm(forms.Form):
    """What the privacy officer finds."""

    finding = forms.ChoiceField(choices=EmergencyAccess.Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class AccessLogFilter(forms.Form):
    """Which part of the access log to show."""

    client = forms.IntegerField(label="Client no.", required=False, min_value=1)
    staff: Any = forms.ModelChoiceField(label="Who", queryset=None, required=False, empty_label="Everybody")
    since = forms.DateField(label="From", required=False, widget=DATE)
    until = forms.DateField(label="To", required=False, widget=DATE)
    emergency = forms.BooleanField(label="Emergency access only", required=False)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = colleagues  # type: ignore[attr-defined]

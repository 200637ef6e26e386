"""Forms of consents, and of their revocation."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.models import Client, ContactPoint
from cases.possible_days import ask_about
from privacy import consents, minors, tpo
from privacy.models import (
    Channel,
    Consent,
)
from staff import outside, phones
from staff.days import day_in_words
from staff.typed_fields import LongTermDayField, PastDayField


class ConsentForm(forms.ModelForm):
    """The elements of a consent form (42 CFR 2.31), as on paper. All may be blank in a draft."""

    contact = forms.ChoiceField(
        label="Number or address", required=False, help_text="From the client’s contacts. Each needs its own consent."
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
        field_classes = {"expires_on": LongTermDayField, "signed_on": PastDayField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "recipients": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "discloser": "This clinic, or the program that holds the records.",
            "description": "Be specific, e.g. “dates of attendance,” not “all records.”",
            "expiry_event": "E.g. “when probation ends.” Enter a date or an event.",
        }

    def __init__(self, *args: Any, client: Client, type: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"discloser": client.clinic.name, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        ask_about(self, client)
        self.fields["signed_on"].today = consents.signing_day(client)  # type: ignore[attr-defined]
        self.type, self.client = type, client
        if type == Consent.Type.REMINDER_CONTACT:
            del self.fields["recipients"]
            self.fields["contact"].choices = [("", "Choose…"), *_contacts(client)]  # type: ignore[attr-defined]
            self.fields[
                "description"
            ].initial = "That there is an appointment, its date and time, and a number to call. Nothing about care."
            self.fields["purpose"].initial = "Reminders"
            if self.instance.pk and self.instance.contact_value:
                self.fields["contact"].initial = f"{self.instance.contact_channel}:{self.instance.contact_value}"
        else:
            del self.fields["contact"]
        if type != Consent.Type.TPO:
            for name in ("never_expires", "redisclosure_stated"):
                del self.fields[name]
        else:
            self.fields["recipients"].initial = tpo.IN_GENERAL
            self.fields["recipients"].help_text = (
                f"One per line. “{tpo.IN_GENERAL}” covers all of these. A form that lists names covers only those "
                "names. A relative, an employer, or a court needs a separate consent."
            )
        if type == Consent.Type.SUD_NOTES:
            self.fields["refusal_stated"].label = "The form says that care doesn’t depend on signing"
            self.fields["description"].help_text = "Which notes: session dates, author, and subject."
        elif type != Consent.Type.TPO:
            del self.fields["refusal_stated"]

    def clean(self) -> dict[str, Any]:
        """Report beside the field an impossible signature date, signer or recipient."""
        cleaned = super().clean() or {}
        signed_on, expires_on = cleaned.get("signed_on"), cleaned.get("expires_on")
        try:
            consents.check_signature_days(self.client, signed_on=signed_on, expires_on=expires_on)
        except consents.NotSignedThen as refusal:
            self.add_error(refusal.field, refusal.sentence)
        if "activate" in self.data and signed_on is not None:
            try:
                minors.check_signed_as(self.client, cleaned.get("signed_as", ""), signed_on)
            except minors.SignedByAnother as refusal:
                self.add_error("signed_as", refusal.sentence)
        if "activate" in self.data and self.type == Consent.Type.TPO:
            try:
                tpo.check_named(self.client, cleaned.get("recipients", "").splitlines())
            except tpo.NotWithinTpo as refusal:
                self.add_error(refusal.field, refusal.sentence)
        return cleaned

    @property
    def elements(self) -> dict[str, Any]:
        """The typed values, as consents.draft takes them."""
        elements = dict(self.cleaned_data)
        channel, _, value = elements.pop("contact", "").partition(":")
        return elements | {"contact_channel": channel, "contact_value": value}


def _contacts(client: Client) -> list[tuple[str, str]]:
    choices = []
    for point in ContactPoint.objects.filter(client=client).current():
        channels = [Channel.EMAIL] if point.kind == ContactPoint.Kind.EMAIL else [Channel.SMS, Channel.VOICE]
        owner = f" ({point.label})" if point.label else ""
        choices += [
            (f"{each}:{point.normalized}", f"{each.label}: {phones.spoken(point.value)}{owner}") for each in channels
        ]
    return choices


class RevocationForm(forms.Form):
    """How the client revoked it, and which other consents for the same end with it: by default, all."""

    reason = forms.CharField(
        label="How the client revoked it",
        max_length=300,
        required=False,
        help_text="In person, by phone, or in writing. It takes effect now.",
    )
    also: Any = forms.MultipleChoiceField(
        label="Also revoke these consents for the same disclosure",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Clear a box only if the client wants to keep that consent.",
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: list[Consent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not others:
            del self.fields["also"], self.fields["shown"]
            return
        ids = [str(each.pk) for each in others]
        self.fields["also"].choices = [(str(each.pk), _of(each)) for each in others]  # type: ignore[attr-defined]
        self.fields["also"].initial, self.fields["shown"].initial = ids, " ".join(ids)

    @property
    def keep(self) -> set[int]:
        """Consents shown and cleared. One added since was not shown to anyone and ends with the rest."""
        shown = {key for each in self.cleaned_data.get("shown", "").split() for key in outside.keys(each)}
        return shown - {key for each in self._ticked() for key in outside.keys(each)}

    def _ticked(self) -> list[str]:
        """As sent: a box counts as checked even if the page is old and the field no longer knows the consent."""
        return list(self["also"].data or []) if "also" in self.fields else []


def _of(consent: Consent) -> str:
    whom = phones.spoken(consent.contact_value) or ", ".join(consent.recipient_list) or consent.purpose
    how = f" ({consent.get_contact_channel_display()})" if consent.contact_channel else ""
    signed = f", signed {day_in_words(consent.signed_on)}" if consent.signed_on else ""
    return f"{whom}{how}{signed}"

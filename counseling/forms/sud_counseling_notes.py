"""Forms of SUD counseling notes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms

from privacy.models import Consent
from staff.typed_fields import PastDayField


class SeparateNoteForm(forms.Form):
    """One text and the session date. It asks nothing that belongs in the record."""

    session_on = PastDayField(label="Session date")
    text = forms.CharField(
        label="Note",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "form-control note-text", "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["session_on"].widget.attrs["max"] = today.isoformat()

    def clean_session_on(self) -> datetime.date:
        """A note is about a session that was held."""
        day: datetime.date = self.cleaned_data["session_on"]
        if day > self.today:
            raise forms.ValidationError("This date is in the future.")
        return day


class ShareForm(forms.Form):
    """Why the client may have the note in a copy of their record."""

    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class DiscloseForm(forms.Form):
    """The recipient, chosen from those a consent for such notes names, and a confirmation."""

    recipient = forms.ChoiceField(label="Recipient", widget=forms.RadioSelect)
    address = forms.CharField(
        label="Address", max_length=300, required=False, help_text="Saved in the list of disclosures."
    )

    def __init__(self, *args: Any, consents: Iterable[Consent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = {
            f"{consent.pk}-{number}": (consent, name)
            for consent in consents
            for number, name in enumerate(consent.recipient_list)
        }
        self.fields["recipient"].choices = [  # type: ignore[attr-defined]
            (key, f"{name} – {consent.purpose}, consent of {consent.signed_on:%b %-d, %Y} until {consent.expiry_words}")
            for key, (consent, name) in self.named.items()
        ]
        if len(self.named) == 1:
            self.fields["recipient"].initial = next(iter(self.named))

    @property
    def chosen(self) -> tuple[Consent, str]:
        """The consent, and the recipient that it names."""
        return self.named[self.cleaned_data["recipient"]]

"""Fields for the first name of somebody in a fellowship; about a second word, the form asks."""

from __future__ import annotations

from typing import Any

from django import forms

from .volunteers import LONGEST_NAME, MaybeLastName, TooMuchNamed, first_name_or_initial

HELP = "First name or initials only, such as Mary Jo or J.R.: members are anonymous."


def first_name_field(label: str) -> forms.CharField:
    """The field for the name."""
    return forms.CharField(label=label, max_length=LONGEST_NAME, help_text=HELP)


class FirstNameForm(forms.Form):
    """Names somebody in the field `named`. The box for a second name comes with the question about it."""

    named = "name"

    is_first_name = forms.BooleanField(
        label="It is part of the first name, not a last name", required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        """Refuse more than a first name and an initial."""
        said: dict[str, Any] = super().clean() or {}
        if self.named in said:
            is_as_it_was = said[self.named] == self.initial.get(self.named)
            vouched = bool(said.get("is_first_name")) or is_as_it_was
            try:
                said[self.named] = first_name_or_initial(said[self.named], is_first_name=vouched)
            except MaybeLastName as question:
                self.fields["is_first_name"].widget = forms.CheckboxInput()
                self.add_error(self.named, str(question))
            except TooMuchNamed as refusal:
                self.add_error(self.named, str(refusal))
        return said

"""What the client is to fill in on the tablet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from counseling.wording import Wording


class HandOverForm(forms.Form):
    """One or several of the measures whose words this clinic may show, in the order in which they are listed."""

    instruments = forms.MultipleChoiceField(
        label="To be filled in",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": "Choose at least one measure to be filled in."},
    )

    def __init__(self, *args: Any, offered: Sequence[Wording], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instruments"].choices = [  # type: ignore[attr-defined]
            (each.form.instrument.value, f"{each.form.instrument.label}, {len(each.items)} questions")
            for each in offered
        ]

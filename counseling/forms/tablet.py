"""The form that chooses measures for the tablet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from counseling.measures.item_text import Wording


class HandOverForm(forms.Form):
    """Chooses one or more of the measures with item text, in their usual order."""

    instruments = forms.MultipleChoiceField(
        label="Measures",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": "Choose at least one measure."},
    )

    def __init__(self, *args: Any, offered: Sequence[Wording], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instruments"].choices = [  # type: ignore[attr-defined]
            (each.form.instrument.value, f"{each.form.instrument.label}, {len(each.items)} questions")
            for each in offered
        ]

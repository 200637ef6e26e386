"""The form about a number of privacy that a clinic sets for itself."""

from __future__ import annotations

from django import forms

from staff.thresholds import Threshold
from staff.typed_fields import NumberField


class NumberForm(forms.Form):
    """A value within the number's range, and why it differs from the default."""

    value = NumberField()
    reason = forms.CharField(
        max_length=200,
        required=False,
        label="Why your clinic’s number differs",
        help_text="Not needed for the default.",
    )

    def __init__(self, *args: object, threshold: Threshold, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own
        value = self.fields["value"]
        value.label = threshold.label
        value.help_text = f"From {threshold.lowest} to {threshold.highest}; the default is {threshold.default_amount}."
        value.widget.attrs |= {"min": threshold.lowest, "max": threshold.highest}

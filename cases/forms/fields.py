"""Fields that several forms of the case record share."""

from __future__ import annotations

from typing import Any

from django import forms

from staff.typed_fields import DayInput, MomentInput

__all__ = ["YES_NO", "DayInput", "MomentInput", "YesNoField"]

YES_NO = (("", "Not asked"), ("yes", "Yes"), ("no", "No"))


class YesNoField(forms.ChoiceField):
    """Yes, no, or not asked, side by side. What was not asked stays unknown; it is never taken for a no."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=YES_NO, required=False, **kwargs)

    def clean(self, value: Any) -> bool | None:
        """True, False or None."""
        return {"yes": True, "no": False}.get(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        """A stored answer as the choice it belongs to."""
        return {True: "yes", False: "no", None: ""}.get(value, value)

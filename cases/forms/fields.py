"""Fields that several forms of the case record share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from staff.time_zones import is_time_zone, listed
from staff.typed_fields import DayInput, MomentInput

__all__ = ["YES_NO", "DayInput", "MomentInput", "TimeZoneField", "YesNoField"]

YES_NO = (("", "Not asked"), ("yes", "Yes"), ("no", "No"))


def of_somebody_else(fields: Mapping[str, forms.Field], *names: str) -> None:
    """Mark fields that ask for someone else's name, birth date, phone or address.

    WCAG 1.3.5 asks for given-name, bday, tel and the like when a field is about the user. At a shared desk these would
    put the coordinator's own name, or the last client's, into the next record, so these fields say `off`.
    """
    for name in names:
        fields[name].widget.attrs["autocomplete"] = "off"


class TimeZoneField(forms.ChoiceField):
    """Where someone's clock is: a place from the list, or empty for the clinic's own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "The clinic's time zone"), *listed()], **kwargs)

    def validate(self, value: str) -> None:
        """Refuse time zones that no list offers, such as EST, and suggest the place that is meant."""
        forms.Field.validate(self, value)
        if value:
            is_time_zone(value)


class YesNoField(forms.ChoiceField):
    """Yes, no, or not asked, side by side. Not asked stays unknown and never counts as no."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=YES_NO, required=False, **kwargs)

    def clean(self, value: Any) -> bool | None:
        """True, False or None."""
        return {"yes": True, "no": False}.get(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        """A stored answer as the choice it belongs to."""
        return {True: "yes", False: "no", None: ""}.get(value, value)

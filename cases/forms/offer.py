"""Offering a place, and taking an offer back."""

from __future__ import annotations

from typing import Any

from django import forms

from staff.models import Program, StaffMember
from staff.typed_fields import PlannedDayField


class ProgramChoice(forms.ModelChoiceField):
    """A program that admits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Program.objects.none(), **kwargs)


class OfferForm(forms.Form):
    """Which place, how long it is kept, and why if it is out of turn."""

    program = ProgramChoice(empty_label="Choose a program")
    lapses_on = PlannedDayField(
        label="Kept until", help_text="The last day. The morning after, the place is free again."
    )
    reason = forms.CharField(
        label="Why this person",
        required=False,
        max_length=200,
        help_text="Needed if others stand ahead on the waiting list, or if no place is free yet.",
    )

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Program.objects.visible_to(staff_member).open()


class WithdrawForm(forms.Form):
    """Why the place is no longer kept."""

    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="For example: declined for now; could not be reached on two days; the place was lost.",
    )

"""Offering a place, and taking an offer back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from cases import admission_rules
from staff.models import Program, StaffMember
from staff.typed_fields import PlannedDayField


class ProgramChoice(forms.ModelChoiceField):
    """A program that admits, with its free places."""

    free: Mapping[int, int] = {}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Program.objects.none(), **kwargs)

    def label_from_instance(self, obj: Program) -> str:
        """“Residence: 2 of 8 places free”."""
        free = max(0, self.free.get(obj.pk, 0))
        return f"{obj}: {free} of {obj.capacity} places free" if free else f"{obj}: no place free of {obj.capacity}"


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
        assert isinstance(field, ProgramChoice)
        programs = Program.objects.visible_to(staff_member).open()
        field.free = admission_rules.places_to_offer_by(programs, admission_rules.today(staff_member.clinic))
        field.queryset = programs


class WithdrawForm(forms.Form):
    """Why the place is no longer kept."""

    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="For example: declined for now; could not be reached on two days; the place was lost.",
    )

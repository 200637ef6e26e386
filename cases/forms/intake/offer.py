"""Forms to offer an opening and to withdraw the offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from cases.episodes import admission_rules
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
        return f"{obj}: {free} of {obj.capacity} open" if free else f"{obj}: no openings (capacity {obj.capacity})"


class OfferForm(forms.Form):
    """Which opening, how long it is held, and why if it is out of turn."""

    program = ProgramChoice(empty_label="Choose a program")
    lapses_on = PlannedDayField(
        label="Hold through", help_text="Last day. The next morning the opening becomes available again."
    )
    reason = forms.CharField(
        label="Why this person",
        required=False,
        max_length=200,
        help_text="Required if others are ahead on the wait list or there is no opening yet.",
    )

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        assert isinstance(field, ProgramChoice)
        programs = Program.objects.visible_to(staff_member).open()
        field.free = admission_rules.places_to_offer_by(programs, admission_rules.today(staff_member.clinic))
        field.queryset = programs


class WithdrawForm(forms.Form):
    """Why the opening is no longer held."""

    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="For example: declined for now; couldn’t be reached on two days; the opening is no longer available.",
    )

"""Admission, change of level, discharge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, Q
from django.utils import timezone

from cases import closing, levels
from cases.codes import DischargeReason
from cases.forms.fields import DayInput, MomentInput, YesNoField
from cases.models import Inquiry
from staff.access import Permission, can
from staff.models import Program, StaffMember


class ProgramField(forms.ModelChoiceField):
    """A program, with the places it has free."""

    def label_from_instance(self, obj: Any) -> str:
        """Name and free places."""
        free = getattr(obj, "places_free", None)
        if free is None:
            return str(obj)
        places = f"{free} free" if free > 0 else "none free"
        if obj.places_kept:
            places += f", {obj.places_kept} offered"
        return f"{obj.name} (level {obj.level_code}, {places})"


def programs_with_places(staff_member: StaffMember) -> Any:
    """Open programs of the clinic, each with how many places are free and how many are kept, in one query."""
    today = timezone.localdate(timezone=staff_member.clinic.zone)
    in_care = Count("episodes", filter=Q(episodes__discharged_on=None), distinct=True)
    live = Q(inquiries__stage=Inquiry.Stage.OFFERED, inquiries__offer_lapses_on__gte=today)
    kept = Count("inquiries", filter=live, distinct=True)
    rows = Program.objects.visible_to(staff_member).open()
    return rows.annotate(places_kept=kept, places_free=F("capacity") - in_care - kept)


class AdmitForm(forms.Form):
    """Into which program, at which level, from when."""

    program = ProgramField(Program.objects.none(), empty_label="Choose a program")
    level_of_care = forms.ChoiceField(label="Level of care")
    admitted_on = forms.DateField(label="Admitted on", widget=DayInput)
    over_capacity_reason = forms.CharField(
        label="If the program is full: why all the same",
        required=False,
        max_length=200,
        help_text="Admits beyond capacity. The reason stays with the episode.",
    )

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programs_with_places(staff_member)
        level = self.fields["level_of_care"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "Choose a level"), *levels.choices(staff_member.clinic)]
        if not can(staff_member, Permission.EPISODE_OVERRIDE):
            del self.fields["over_capacity_reason"]


def told_of_tolerance() -> forms.BooleanField:
    """Whether somebody who used opioids was told, before they leave, how far their tolerance has fallen."""
    return forms.BooleanField(
        label="I have told them that the usual amount can kill now",
        required=False,
        help_text="Opioid use is on record. After residential care, a hospital, withdrawal management or custody the"
        " body tolerates much less. Naloxone at hand, never alone. Left empty, it stands on Today until it is said.",
    )


class LevelForm(forms.Form):
    """Another level of care inside the same episode."""

    level_of_care = forms.ChoiceField(label="New level of care")
    starts_at = forms.DateTimeField(label="From", widget=MomentInput)
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}))
    program = ProgramField(
        Program.objects.none(), label="In another program", required=False, empty_label="Stays in the same program"
    )

    told_of_tolerance = told_of_tolerance()

    def __init__(self, *args: Any, staff_member: StaffMember, uses_opioids: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not uses_opioids:
            del self.fields["told_of_tolerance"]
        level = self.fields["level_of_care"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "Choose a level"), *levels.choices(staff_member.clinic)]
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programs_with_places(staff_member)


class DischargeForm(forms.Form):
    """The end of an episode."""

    discharged_on = forms.DateField(label="Last day in care", widget=DayInput)
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *DischargeReason.choices])
    planned = YesNoField(label="Was it planned?")
    went_on_because = forms.CharField(
        label="Why it cannot be done first",
        required=False,
        max_length=closing.LONGEST_REASON,
        help_text="Only where the person cannot be asked any more. It is kept with the discharge.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    told_of_tolerance = told_of_tolerance()

    def __init__(
        self, *args: Any, holds: Sequence[closing.Hold] = (), uses_opioids: bool = False, **kwargs: Any
    ) -> None:
        """Ask for a reason to go on only where something is owed to the person's safety; of opioids where known."""
        super().__init__(*args, **kwargs)
        if not uses_opioids:
            del self.fields["told_of_tolerance"]
        if not holds:
            del self.fields["went_on_because"]


class LeavingForm(forms.Form):
    """When somebody is expected to leave."""

    on = forms.DateField(label="Expected to leave on", required=False, widget=DayInput)

"""Admission, change of level, discharge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, Q
from django.utils import timezone

from cases import levels
from cases.codes import DischargeReason
from cases.forms.fields import YesNoField
from cases.forms.medical import UnmetNeedField, only_for_supervisors
from cases.forms.safety.owed import WentOnField, only_where_owed
from cases.models import Client, Inquiry, LevelOfCareAssessment, TreatmentEpisode
from cases.safety import safety_holds
from staff.access import Permission, can
from staff.models import Program, StaffMember
from staff.typed_days import DayNotPossible, check_past, wall_clock
from staff.typed_fields import ClockField, PastDayField, PastMomentField, PlannedDayField


class ProgramField(forms.ModelChoiceField):
    """A program, with the places it has free."""

    def label_from_instance(self, obj: Any) -> str:
        """Name and free places."""
        free = getattr(obj, "places_free", None)
        if free is None:
            return str(obj)
        places = f"{free} open" if free > 0 else "no openings"
        if obj.places_kept:
            places += f", {obj.places_kept} offered"
        return f"{obj.name} (level {obj.level_code}, {places})"


def programs_with_places(staff_member: StaffMember) -> Any:
    """Open programs in the clinic, each with its free and held openings, in one query."""
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
    admitted_on = PastDayField(label="Admitted on")
    admitted_time = ClockField(
        label="Time",
        required=False,
        help_text="Plans due in 24 or 48 hours count from this time. Blank means now (or unknown for an earlier date).",
    )
    over_capacity_reason = forms.CharField(
        label="If the program is full: why admit anyway",
        required=False,
        max_length=200,
        help_text="Admits over capacity. The reason stays with the episode.",
    )
    unmet_need_reason = UnmetNeedField()
    went_on_because = WentOnField(
        help_text="Required only if the safety step can’t be done first. "
        "If a safety step can’t be done first, say why; you can still admit. Saved with the admission."
    )

    def __init__(
        self, *args: Any, staff_member: StaffMember, holds: Sequence[safety_holds.Hold] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programs_with_places(staff_member)
        level = self.fields["level_of_care"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "Choose a level"), *levels.choices(staff_member.clinic)]
        if not can(staff_member, Permission.EPISODE_OVERRIDE):
            del self.fields["over_capacity_reason"]
        only_for_supervisors(self, staff_member)

    def clean(self) -> dict[str, Any]:
        """Day and hour become the moment of the admission on the clinic's clock."""
        given = super().clean() or self.cleaned_data
        day, time = given.get("admitted_on"), given.pop("admitted_time", None)
        given["admitted_at"] = None
        if day is not None and time is not None:
            try:
                given["admitted_at"] = wall_clock(day, time, timezone.get_current_timezone())
                check_past(given["admitted_at"], now=timezone.now())
            except DayNotPossible as refusal:
                self.add_error("admitted_time", refusal.sentence)
        return given


def told_of_tolerance() -> forms.BooleanField:
    """Whether a client who used opioids was warned about lost tolerance before leaving."""
    return forms.BooleanField(
        label="I warned them that their usual amount can now kill",
        required=False,
        help_text="Opioid use is on record. Tolerance drops after residential care, a hospital stay, "
        "withdrawal management or custody. Keep naloxone nearby; never use alone. "
        "If unchecked, this stays on Today until done.",
    )


class LevelForm(forms.Form):
    """Another level of care inside the same episode."""

    level_of_care = forms.ChoiceField(label="New level of care")
    starts_at = PastMomentField(label="Effective")
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}))
    program = ProgramField(
        Program.objects.none(), label="In another program", required=False, empty_label="Stays in the same program"
    )
    unmet_need_reason = UnmetNeedField()
    went_on_because = WentOnField(help_text="Not required for a step up in care. Saved with the level change.")
    assessment = forms.ModelChoiceField(LevelOfCareAssessment.objects.none(), required=False, widget=forms.HiddenInput)

    told_of_tolerance = told_of_tolerance()

    def __init__(
        self,
        *args: Any,
        staff_member: StaffMember,
        client: Client,
        holds: Sequence[safety_holds.Hold] = (),
        uses_opioids: bool = False,
        **kwargs: Any,
    ) -> None:
        """`client` is the person whose level changes; the decision must be about them."""
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)
        if not uses_opioids:
            del self.fields["told_of_tolerance"]
        only_for_supervisors(self, staff_member)
        decided = self.fields["assessment"]
        assert isinstance(decided, forms.ModelChoiceField)
        decided.queryset = LevelOfCareAssessment.objects.visible_to(staff_member).filter(
            client=client, decided_at__isnull=False
        )
        level = self.fields["level_of_care"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", "Choose a level"), *levels.choices(staff_member.clinic)]
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programs_with_places(staff_member)


class DischargeForm(forms.Form):
    """The end of an episode."""

    discharged_on = PastDayField(label="Last day in care")
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *DischargeReason.choices])
    planned = YesNoField(label="Was it planned?")
    went_on_because = WentOnField(help_text="Only if the client can’t be evaluated. Saved with the discharge.")

    told_of_tolerance = told_of_tolerance()

    def __init__(
        self, *args: Any, holds: Sequence[safety_holds.Hold] = (), uses_opioids: bool = False, **kwargs: Any
    ) -> None:
        """Ask for a reason only if a safety step is required, and about tolerance only if opioid use is known."""
        super().__init__(*args, **kwargs)
        if not uses_opioids:
            del self.fields["told_of_tolerance"]
        only_where_owed(self, holds)


class LeavingForm(forms.Form):
    """When someone is expected to leave."""

    on = PlannedDayField(
        label="Date",
        required=False,
        help_text="Leave blank if unknown. Shows on the openings page as a date, without the name.",
    )

    def __init__(self, data: Any = None, *, episode: TreatmentEpisode) -> None:
        """A page has one form per episode; a number in the prefix keeps their fields apart."""
        initial = {"on": episode.expected_discharge_on}
        super().__init__(data, auto_id=f"leaving-{episode.pk}-%s", initial=initial)

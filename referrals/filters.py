"""Filters of referrals, and the questions of the meeting finder."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter, Filter, MultipleChoiceFilter

from referrals.fellowships import NEEDS, Fellowship, codes
from referrals.finder import UnknownPlace, find, locate
from referrals.models import Meeting, Referral
from referrals.models.directory import WEEKDAYS
from referrals.models.followthrough import STATES
from staff.filters import ListFilter, WhichFilter
from staff.typed_fields import ClockField

KM_PER_MILE = 1.609344


class ReferralFilter(ListFilter):
    """Narrows the list of referrals; its rows have their state (`with_state`)."""

    state = WhichFilter(
        label="Status",
        choices=[*((step.value, step.label) for step in STATES), ("all", "All, including closed")],
        empty_label="All open",
        which="in_state",
    )
    fellowship = ChoiceFilter(label="Fellowship", choices=Fellowship.choices, empty_label="Any fellowship")

    def in_state(self, rows: Any, state: str) -> QuerySet[Referral]:
        """Open ones by default."""
        if state == "all":
            return rows
        return rows.in_state(state) if state else rows.open()


class PlaceField(forms.CharField):
    """A place that can be looked up on this machine."""

    def clean(self, value: Any) -> str:
        """The place, or why it cannot be looked up."""
        near: str = super().clean(value)
        if near:
            try:
                locate(near)
            except UnknownPlace as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return near


class PlaceFilter(Filter):
    """Near a place."""

    field_class = PlaceField


class ClockFilter(Filter):
    """From a time of day on."""

    field_class = ClockField


class MeetingFilter(ListFilter):
    """Meeting search criteria. All are optional; every fellowship is offered equally.

    The finder answers everything in one query: distance depends on how people meet.
    """

    HOW = (("in_person", "In person"), ("online", "Online"))
    WITHIN = (("2", "2 miles"), ("5", "5 miles"), ("10", "10 miles"), ("25", "25 miles"))

    program = ChoiceFilter(
        label="Fellowship", choices=Fellowship.choices, empty_label="Any fellowship", widget=forms.RadioSelect
    )
    how = ChoiceFilter(label="How", choices=HOW, empty_label="In person or online", widget=forms.RadioSelect)
    near = PlaceFilter(label="Near ZIP code", max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    within = ChoiceFilter(label="Within", choices=WITHIN, empty_label="any distance")
    weekday = ChoiceFilter(
        label="Day", choices=[(str(n), day) for n, day in enumerate(WEEKDAYS)], empty_label="Any day"
    )
    after = ClockFilter(label="From", error_messages={"invalid": "Enter a time such as 6:00 PM."})
    needs = MultipleChoiceFilter(
        label="Must be",
        choices=[(key, label) for key, (label, _) in NEEDS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    types = MultipleChoiceFilter(label="Meeting types", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.localtime()
        program = self.data.get("program", "")
        offered = codes(program) if program in Fellowship.values else {}
        self.filters["types"].extra["choices"] = sorted(offered.items(), key=lambda each: each[1])

    def filter_queryset(self, queryset: Any) -> QuerySet[Meeting]:
        """Matching meetings with distance and next start, soonest first."""
        return find(**self.question(), now=self.now, zone=self.request.user.clinic.zone, among=queryset)

    def question(self) -> dict[str, Any]:
        """The arguments for `find`; fields that were not understood are left open."""
        said = self.form.cleaned_data
        within = said.get("within")
        return {
            "program": said.get("program") or None,
            "near": said.get("near") or None,
            "within_km": float(within) * KM_PER_MILE if within and said.get("near") else None,
            "weekday": int(said["weekday"]) if said.get("weekday") else None,
            "after": said.get("after"),
            "needs": said.get("needs") or (),
            "types": said.get("types") or (),
            "online": {"in_person": False, "online": True}.get(said.get("how") or ""),
        }

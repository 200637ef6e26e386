"""Filters of referrals, and the questions of the meeting finder."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, Filter, MultipleChoiceFilter

from cases.models import Client
from referrals import finder, off_the_map
from referrals.fellowships import NEEDS, Fellowship, codes
from referrals.finder import UnknownPlace, locate
from referrals.meeting_cards import KM_PER_MILE
from referrals.models import Meeting, Referral
from referrals.models.directory import WEEKDAYS
from referrals.models.followthrough import STATES
from referrals.start_points import HOME, WORK, StartPoint, known_of
from referrals.week_windows import PARTS_OF_DAY, Window
from staff.access import StaffRequest
from staff.filters import ListFilter, WhichFilter
from staff.typed_fields import ClockField

MEDICATION = "medication"
NOWHERE = "none"
START_IS_OPEN = frozenset({"start", "near"})  # neither is in the address: nothing was chosen yet


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
    """What is asked of the finder. All of it may be left open; every fellowship is offered equally.

    The finder answers everything in one query: distance depends on how people meet.
    """

    HOW = (("in_person", "In person"), ("online", "Online"), ("phone", "By phone"))
    WITHIN = (("2", "2 miles"), ("5", "5 miles"), ("10", "10 miles"), ("25", "25 miles"), ("50", "50 miles"))
    WHEN = (("now", "On now"), ("soon", "Within 2 hours"))
    ORDER = ((finder.NEAREST, "Nearest"), (finder.SOONEST, "Soonest"))
    FIRST = ("women", "young", "spanish", MEDICATION, "wheelchair", "proof")  # asked for most: always in view

    program = ChoiceFilter(
        label="Fellowship", choices=Fellowship.choices, empty_label="Any fellowship", widget=forms.RadioSelect
    )
    how = ChoiceFilter(label="How", choices=HOW, empty_label="Any", widget=forms.RadioSelect)
    start = ChoiceFilter(label="Start from", choices=(), empty_label=None, widget=forms.RadioSelect)
    near = PlaceFilter(label="ZIP code or coordinates", max_length=40)
    within = ChoiceFilter(label="Within", choices=WITHIN, empty_label="any distance")
    when = ChoiceFilter(label="Time", choices=WHEN, empty_label="Any time", widget=forms.RadioSelect)
    weekday = ChoiceFilter(
        label="Day", choices=[(str(n), day) for n, day in enumerate(WEEKDAYS)], empty_label="Any day"
    )
    parts = MultipleChoiceFilter(
        label="Time of day",
        choices=[(key, label) for key, (label, _) in PARTS_OF_DAY.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    after = ClockFilter(label="Not before", error_messages={"invalid": "Enter a time such as 6:00 PM."})
    words = CharFilter(label="Name or place", max_length=80)
    needs = MultipleChoiceFilter(
        label="Must be",
        choices=[
            (MEDICATION, "Medication-friendly"),
            *sorted(((key, label) for key, (label, _) in NEEDS.items()), key=lambda each: each[1]),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    types = MultipleChoiceFilter(label="Meeting types", widget=forms.CheckboxSelectMultiple)
    order = ChoiceFilter(label="Show first", choices=ORDER, empty_label=None, widget=forms.RadioSelect)

    def __init__(self, request: StaffRequest, rows: QuerySet[Any], *, client: Client | None = None) -> None:
        self.client, self.known = client, known_of(client)
        super().__init__(request, rows, data=self._asked(request.GET))
        self.now = timezone.now()
        program = self.data.get("program", "")
        offered = codes(program) if program in Fellowship.values else {}
        self.filters["types"].extra["choices"] = sorted(offered.items(), key=lambda each: each[1])
        called = {HOME: "Home", WORK: "Work or school"}
        starts = [(kind, f"{called[kind]}, ZIP code {code}") for kind, code in self.known.items()]
        self.filters["start"].extra["choices"] = [*starts, (NOWHERE, "No start point")]
        if starts:
            self.filters["near"].label = "Or another ZIP code"

    def _asked(self, given: QueryDict) -> QueryDict:
        """What the address says, and for a client, their home (else work) until something else is chosen."""
        asked = given.copy()
        if self.known and START_IS_OPEN.isdisjoint(given):
            asked["start"] = next(iter(self.known))
        if "order" not in given:
            asked["order"] = finder.NEAREST if asked.get("near") or asked.get("start") in self.known else finder.SOONEST
        return asked

    @cached_property
    def zone(self) -> datetime.tzinfo:
        """On whose clock days and times are: that of the person who goes, else the clinic's."""
        zone: datetime.tzinfo = self.client.zone if self.client else self.request.user.clinic.zone
        return zone

    @cached_property
    def question(self) -> dict[str, Any]:
        """The arguments for `find`; fields that were not understood are left open."""
        self.form.is_valid()
        said = self.form.cleaned_data
        within, start = said.get("within"), self.start_point
        needs = list(said.get("needs") or ())
        return {
            "program": said.get("program") or None,
            "near": start.place if start else None,
            "within_km": float(within) * KM_PER_MILE if within and start else None,
            "weekday": int(said["weekday"]) if said.get("weekday") else None,
            "parts": said.get("parts") or (),
            "after": said.get("after"),
            "soon": said.get("when") == "soon",
            "in_progress": said.get("when") == "now",
            "needs": [each for each in needs if each != MEDICATION],
            "medication": MEDICATION in needs,
            "types": said.get("types") or (),
            "online": {"in_person": False, "online": True}.get(said.get("how") or ""),
            "by_phone": said.get("how") == "phone",
            "words": said.get("words") or "",
            "order": self.sorting,
        }

    @cached_property
    def start_point(self) -> StartPoint | None:
        """Where distances are counted from: the place that was typed, else home or work, as chosen."""
        self.form.is_valid()
        said = self.form.cleaned_data
        if near := said.get("near"):
            return StartPoint.typed(near)
        kind = said.get("start")
        if kind in self.known and not self.form.has_error("near"):
            return StartPoint.of(kind, self.known[kind])
        return None

    @property
    def sorting(self) -> str:
        """As chosen; the soonest first where nothing is near, or all are equally near."""
        self.form.is_valid()
        said = self.form.cleaned_data
        if self.start_point is None or said.get("how") in ("online", "phone"):
            return finder.SOONEST
        return said.get("order") or finder.NEAREST

    def filter_queryset(self, queryset: Any) -> QuerySet[Meeting]:
        """Matching meetings with distance and next start, in the order that was chosen."""
        return finder.find(**self.question, now=self.now, zone=self.zone, among=queryset)

    @property
    def stretches(self) -> list[Window]:
        """In what stretches what is found starts; none if the soonest aren’t first, or have begun."""
        if self.sorting != finder.SOONEST:
            return []
        return finder.stretches(**self.question, now=self.now, zone=self.zone)

    def off_the_map(self) -> QuerySet[Meeting] | None:
        """What else matches, but is nobody knows how far; None where distances don't matter."""
        asked = dict(self.question)
        near, within_km = asked.pop("near"), asked.pop("within_km")
        if near is None or asked["online"] or asked["by_phone"]:
            return None
        if not off_the_map.are_any(Meeting.objects.visible_to(self.request.user)):
            return Meeting.objects.none()
        found: QuerySet[Meeting] = off_the_map.unlocated(
            near=near, within_km=within_km, now=self.now, zone=self.zone, among=self.queryset, **asked
        )
        return found

    @property
    def is_folded_open(self) -> bool:
        """Whether something is chosen, or wrong, among the less common questions."""
        self.form.is_valid()
        said = self.form.cleaned_data
        rare = set(said.get("needs") or ()).difference(self.FIRST)
        return bool(rare or said.get("types") or said.get("after") or {"types", "after"} & self.form.errors.keys())

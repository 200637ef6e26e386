"""Forms of appointments: they check what was typed; the functions enforce the rules."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from appointments import booking, free_rooms, openings
from appointments.asked_reasons import AsksReasons
from appointments.booking import NoRoomNeeded, NotAvailable
from appointments.codes import Mode, Purpose
from appointments.models import Holiday, Room, WorkingHours
from appointments.models.availability import Weekday
from appointments.spans import RoomTaken, StaffTaken, Taken
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import wall_clock, wall_clock_or_next
from staff.typed_fields import ClockField, NumberField, PlannedDayField, PlannedMomentField

OTHER = "other"  # another time than an opening
ANY_ROOM = "any"  # whichever is free then
WITHOUT_ROOM = (Purpose.CALL, Purpose.AFTER_DISCHARGE, Purpose.CHECKUP)  # people call each other
REPEATS = [("", "Doesn’t repeat"), ("1", "Every week"), ("2", "Every 2 weeks"), ("4", "Every 4 weeks")]
# Changing one of these looks for openings again, without losing what was typed.
LOOKS_AGAIN = {
    "hx-post": "",
    "hx-trigger": "change delay:250ms",
    "hx-select": "#offered",
    "hx-target": "#offered",
    "hx-swap": "outerHTML",
    "hx-vals": '{"look": "1"}',
}


class WhenForm(AsksReasons, forms.Form):
    """With whom, how, where and when: an opening, or another time."""

    asked_after = {"outside_hours": (NotAvailable,), "overlap": (StaffTaken, RoomTaken)}
    staff_member = forms.ModelChoiceField(label="With", queryset=StaffMember.objects.none(), empty_label=None)
    minutes = NumberField(label="Minutes", min_value=5, max_value=480)
    mode = forms.ChoiceField(label="How", choices=Mode.choices, initial=Mode.IN_PERSON)
    room = forms.ChoiceField(required=False)
    link = forms.URLField(label="Video link", required=False, max_length=300, assume_scheme="https")
    opening = forms.CharField(required=False, widget=forms.HiddenInput)
    day = PlannedDayField(required=False)
    time = ClockField(required=False)
    outside_hours_reason = forms.CharField(label="Why it has to be then", max_length=200, required=False)
    overlap_reason = forms.CharField(label="Why both are needed", max_length=200, required=False)

    def __init__(self, *args: Any, staff_member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = staff_member
        people = self.fields["staff_member"]
        rooms = self.fields["room"]
        assert isinstance(people, forms.ModelChoiceField)
        assert isinstance(rooms, forms.ChoiceField)
        people.queryset = (
            StaffMember.objects.visible_to(staff_member).clinicians().order_by("given_name", "family_name")
        )
        self.rooms = {str(room.pk): room for room in Room.objects.visible_to(staff_member).in_use()}
        any_room = [(ANY_ROOM, "First free room")] if self.rooms else []
        rooms.choices = [*any_room, *((key, str(room)) for key, room in self.rooms.items()), ("", "No room")]
        rooms.initial = ANY_ROOM if self.rooms else ""
        for name in ("staff_member", "minutes", "mode", "room", "day"):
            self.fields[name].widget.attrs |= LOOKS_AGAIN

    def clean(self) -> dict[str, Any]:
        """Find the moment that was meant."""
        facts = super().clean() or self.cleaned_data
        chosen = facts.get("opening", "")
        if chosen and chosen != OTHER:
            facts["starts_at"] = self._opening(chosen)
            return facts
        day, time = facts.get("day"), facts.get("time")
        for name, value in (("day", day), ("time", time)):
            if value is None and name not in self.errors:
                self.add_error(name, "Choose an opening, or enter a day and a time.")
        if day and time:
            try:
                facts["starts_at"] = wall_clock(day, time, self.reader.clinic.zone)
            except Refusal as refusal:
                self.add_error("time", refusal.sentence)
        return facts

    def _opening(self, chosen: str) -> datetime.datetime | None:
        starts_at = openings.moment_of(chosen)
        if starts_at is None:
            self.add_error("opening", "Choose one of the openings.")
        return starts_at

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the field that can mend it, with the field for a reason where that helps."""
        if not self.cleaned_data.get("every_weeks"):  # a series leaves such days out, whatever the reason
            self.ask_why(refusal)
        when = "opening" if self.cleaned_data.get("opening") not in ("", OTHER, None) else "time"
        beside = (
            (StaffTaken, "staff_member"), (RoomTaken, "room"), (Taken, when), (NotAvailable, when),
            (NoRoomNeeded, "room"),
        )  # fmt: skip
        self.add_error(next((name for kind, name in beside if isinstance(refusal, kind)), None), refusal.sentence)

    def chosen(self) -> str:
        """The time, the person and the room, as one word."""
        facts = self.cleaned_data
        return f"{super().chosen()}-{facts['staff_member'].pk}-{facts['room']}"

    def sought(self) -> tuple[StaffMember, int, datetime.date | None]:
        """Whose openings of which length to show, from which day on, as far as that was typed."""
        default = self._default_person()
        if not self.is_bound:
            return default, int(self.initial.get("minutes") or 50), self.initial.get("day")
        self.is_valid()
        facts = self.cleaned_data
        return facts.get("staff_member") or default, facts.get("minutes") or 50, facts.get("day")

    def _default_person(self) -> StaffMember:
        given = self.initial.get("staff_member")
        return given if isinstance(given, StaffMember) else self.reader

    def facts(self) -> dict[str, Any]:
        """What booking takes."""
        names = ("staff_member", "minutes", "mode", "starts_at")
        own = {name: self.cleaned_data[name] for name in names}
        own |= {f"{name}_reason": self.reason_for(name) for name in self.asked_after}
        own["room"] = self.rooms.get(self.cleaned_data["room"]) or self._first_free_room()
        return own | {"link": self.cleaned_data["link"] if self.cleaned_data["mode"] == Mode.VIDEO else ""}

    def moments(self) -> list[datetime.datetime]:
        """When they meet."""
        return [self.cleaned_data["starts_at"]]

    def meets_in(self) -> bool | Room:
        """The room in which they meet, as far as that was typed; True: in any."""
        if (self["mode"].value() or Mode.IN_PERSON) != Mode.IN_PERSON:
            return False
        needs_none = "purpose" in self.fields and self["purpose"].value() in WITHOUT_ROOM
        typed = str(self["room"].value() or "")
        return self.rooms.get(typed, typed == ANY_ROOM and not needs_none)

    def _first_free_room(self) -> Room | None:
        """Raises RoomTaken if none is free, unless there is a reason why it has to be then."""
        if self.cleaned_data["room"] != ANY_ROOM or self.meets_in() is not True:
            return None
        facts = self.cleaned_data
        room = free_rooms.first(list(self.rooms.values()), moments=self.moments(), minutes=facts["minutes"])
        if room is None and not self.reason_for("overlap"):
            raise RoomTaken("No room is free at that time. Choose another time, or “No room”.")
        return room


class BookForm(WhenForm):
    """A new appointment, or a series."""

    purpose = forms.ChoiceField(label="What", choices=Purpose.choices, initial=Purpose.INDIVIDUAL)
    every_weeks = forms.ChoiceField(label="Repeats", choices=REPEATS, required=False)
    until = PlannedDayField(label="Until", required=False, help_text="At most a year ahead.")
    field_order = ("purpose", "staff_member", "minutes", "mode", "room", "link")

    def __init__(self, *args: Any, may_repeat: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_repeat:
            del self.fields["every_weeks"], self.fields["until"]

    def clean(self) -> dict[str, Any]:
        """A series has an end."""
        facts = super().clean()
        if facts.get("every_weeks") and not facts.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter the last day of the series.")
        return facts

    def facts(self) -> dict[str, Any]:
        """With the purpose."""
        return super().facts() | {"purpose": self.cleaned_data["purpose"]}

    def moments(self) -> list[datetime.datetime]:
        """Each time of a series."""
        first, until = self.cleaned_data["starts_at"], self.cleaned_data.get("until")
        if not (self.cleaned_data.get("every_weeks") and until):
            return [first]
        zone = self.reader.clinic.zone
        local = timezone.localtime(first, zone)
        last = min(until, local.date() + booking.LONGEST_SERIES)
        days = booking.days_of_series(local.date(), last, int(self.cleaned_data["every_weeks"]))
        return [first, *(wall_clock_or_next(day, local.time(), zone) for day in itertools.islice(days, 1, None))]

    def series_facts(self) -> dict[str, Any]:
        """What booking a series takes: a day and a time of the clinic's clock instead of a moment."""
        facts = self.facts()
        local = timezone.localtime(facts.pop("starts_at"), self.reader.clinic.zone)
        for name in self.asked_after:
            del facts[f"{name}_reason"]
        return facts | {
            "first_day": local.date(),
            "time": local.time(),
            "last_day": self.cleaned_data["until"],
            "every_weeks": int(self.cleaned_data["every_weeks"]),
        }


class MoveForm(WhenForm):
    """Another time for an appointment."""

    reason = forms.CharField(label="Why it moves", max_length=200, required=False, help_text="Staff see it.")


class CancelForm(forms.Form):
    """Who cancels, and why."""

    BY = (("client", "The client or caller"), ("clinic", "The clinic"))
    who = forms.ChoiceField(label="Who cancels", choices=BY, widget=forms.RadioSelect, initial="client")
    reason = forms.CharField(max_length=200, required=False, help_text="Needed when the clinic cancels.")


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(max_length=200)


class HoursForm(forms.Form):
    """Someone's week: from and to for each weekday, with a break if there is one."""

    starts_on = PlannedDayField(label="From this day on")

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = today
        for day, label in Weekday.choices:
            for name, words in (("opens", "from"), ("closes", "to"), ("pause", "break from"), ("resumes", "break to")):
                self.fields[f"{name}_{day}"] = field = ClockField(label=f"{label}, {words}", required=False)
                field.widget.attrs["class"] = "form-control form-control-sm"

    def days(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each weekday."""
        names = ("opens", "closes", "pause", "resumes")
        return [(label, [self[f"{name}_{day}"] for name in names]) for day, label in Weekday.choices]

    def clean(self) -> dict[str, Any]:
        """Each stretch has both ends, in order."""
        facts = super().clean() or self.cleaned_data
        for day, _label in Weekday.choices:
            opens, closes, pause, resumes = (
                facts.get(f"{name}_{day}") for name in ("opens", "closes", "pause", "resumes")
            )
            if (opens is None) != (closes is None):
                self.add_error(f"{'closes' if closes is None else 'opens'}_{day}", "Enter both times, or neither.")
            elif (pause is None) != (resumes is None):
                self.add_error(f"{'resumes' if resumes is None else 'pause'}_{day}", "Enter both times, or neither.")
            elif opens and closes and opens >= closes:
                self.add_error(f"closes_{day}", "The end must be after the start.")
            elif pause and resumes and not (opens and closes and opens < pause < resumes < closes):
                self.add_error(f"pause_{day}", "The break must lie within the working hours.")
        return facts

    def stretches(self) -> list[tuple[int, datetime.time, datetime.time]]:
        """The week as stretches: weekday, from, to."""
        found = []
        for day in Weekday.values:
            opens, closes, pause, resumes = (
                self.cleaned_data.get(f"{name}_{day}") for name in ("opens", "closes", "pause", "resumes")
            )
            if opens and closes:
                found += [(day, opens, pause), (day, resumes, closes)] if pause else [(day, opens, closes)]
        return found

    @staticmethod
    def initial_of(hours: Sequence[WorkingHours], today: datetime.date) -> dict[str, datetime.time]:
        """The hours in force today as the form shows them."""
        values: dict[str, datetime.time] = {}
        for each in hours:
            if not each.is_in_force(today):
                continue
            day = each.weekday
            if f"opens_{day}" in values:
                values[f"pause_{day}"], values[f"resumes_{day}"] = values[f"closes_{day}"], each.opens_at
            else:
                values[f"opens_{day}"] = each.opens_at
            values[f"closes_{day}"] = each.closes_at
        return values


class TimeOffForm(forms.Form):
    """Time in which someone can't be booked."""

    starts_at = PlannedMomentField(label="From")
    ends_at = PlannedMomentField(label="To")
    words = forms.CharField(
        label="What colleagues see", max_length=60, required=False, help_text="For example, “Training”. No reasons."
    )


class HolidayForm(forms.ModelForm):
    """A day on which the clinic is closed."""

    class Meta:
        model = Holiday
        fields = ("day", "name")
        field_classes = {"day": PlannedDayField}


class RoomForm(forms.ModelForm):
    """A room in which one thing happens at a time."""

    class Meta:
        model = Room
        fields = ("name", "seats", "is_in_use")
        field_classes = {"seats": NumberField}

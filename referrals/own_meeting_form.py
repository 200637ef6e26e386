"""The form of a meeting that the clinic keeps by hand, or of its correction of a listed one."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from referrals import kinds, locations
from referrals.listing import LocatedBy
from referrals.models import Meeting
from referrals.models.directory import WEEKDAYS
from referrals.own_meetings import MeetingFacts, PlaceUnknown, facts_of, zone_of_place
from staff import time_zones
from staff.typed_fields import ClockField, number_fields

DOORS = (("", "Not said"), (kinds.OPEN, "Open to anyone"), (kinds.CLOSED, "Closed"))


def _boxes(group: str) -> forms.MultipleChoiceField:
    label, choices = kinds.GROUPS[group]
    return forms.MultipleChoiceField(
        label=label,
        choices=[(kind.key, kind.label) for kind in choices],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class OwnMeetingForm(forms.ModelForm):
    """One of the clinic's own meetings, or what a list says, for a correction to start from. The rules are in the act.

    listing: the meeting as it is now.
    """

    weekday = forms.TypedChoiceField(
        label="Day",
        choices=[("", "By appointment"), *enumerate(WEEKDAYS)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    start = ClockField(label="Starts at", required=False)
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=[("", "That of the place"), *time_zones.listed()],
        required=False,
        help_text="Where the place isn’t known, as online, it is this clinic’s unless you choose one.",
    )
    coordinates = forms.CharField(
        label="Coordinates",
        required=False,
        max_length=60,
        help_text="Latitude and longitude, if known. Otherwise placed by ZIP: in the middle of the ZIP code’s area.",
    )
    conference_url = forms.URLField(label="Link", required=False, max_length=2000, assume_scheme="https")
    door = forms.ChoiceField(label="Who may come", choices=DOORS, widget=forms.RadioSelect, required=False)
    people, language, access, course = (_boxes(each) for each in ("people", "language", "access", "course"))
    kept = forms.MultipleChoiceField(
        label="The list also says", choices=(), widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Meeting
        fields = (
            "name", "fellowship", "weekday", "start", "duration", "attendance", "venue", "street", "city", "state",
            "postal_code", "conference_url", "conference_phone", "notes",
        )  # fmt: skip
        field_classes = number_fields(Meeting)
        labels = {
            "attendance": "How", "venue": "Place", "street": "Street and number", "city": "Town", "state": "State",
            "postal_code": "ZIP code", "conference_phone": "Phone to join by", "duration": "Minutes",
        }  # fmt: skip
        help_texts = {
            "duration": "Leave blank if it isn’t known.",
            "notes": "What people should know, such as which door. Nothing about a client.",
            "venue": "For example: Harbor House, second floor.",
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: Any = None, *, listing: Meeting | None = None) -> None:
        super().__init__(data, initial=_said_by(listing) if listing else None)
        self.fields["duration"].required = False
        beyond = kinds.beyond(listing.types, listing.fellowship) if listing else []
        self.fields["kept"].choices = beyond  # type: ignore[attr-defined]

    def clean_coordinates(self) -> tuple[float | None, float | None]:
        """A point, or nothing."""
        typed = self.cleaned_data["coordinates"].strip()
        point = locations.coordinates(None, None, typed) if typed else (None, None)
        if point is None:
            raise forms.ValidationError(PlaceUnknown.sentence)
        return point

    @property
    def facts(self) -> MeetingFacts:
        """As the acts take them."""
        said = dict(self.cleaned_data)
        latitude, longitude = said.pop("coordinates")
        door, kept = said.pop("door"), said.pop("kept")
        keys = [key for group in kinds.GROUPS for key in said.pop(group)]
        types = kinds.written(keys=keys, door=door, kept=kept, fellowship=said["fellowship"])
        return cast("MeetingFacts", {**said, "latitude": latitude, "longitude": longitude, "types": types})

    def _post_clean(self) -> None:
        """The act fills the row and says what is wrong with it; the form only cleans."""


def _said_by(listing: Meeting) -> dict[str, Any]:
    followed = zone_of_place(listing) or (listing.feed.clinic.time_zone if listing.feed.is_kept_by_hand else "")
    has_point = listing.latitude is not None and listing.located_by == LocatedBy.SOURCE
    return {
        **facts_of(listing),
        "time_zone": "" if listing.time_zone == followed else listing.time_zone,
        "coordinates": f"{listing.latitude}, {listing.longitude}" if has_point else "",
        "door": kinds.door(listing.types),
        "kept": [code for code, _ in kinds.beyond(listing.types, listing.fellowship)],
        **{group: kinds.ticked(listing.types, group) for group in kinds.GROUPS},
    }

"""Forms of the meeting finder, referrals, and the feeds."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from staff.models import Clinic
from staff.typed_fields import ClockField, PastDayField, PlannedDayField, number_fields

from .fellowships import Fellowship
from .fetching import LARGEST
from .models import Involvement, Meeting, MeetingFeed
from .models.directory import WEEKDAYS
from .volunteers import TooMuchNamed, first_name_or_initial


class OfferForm(forms.Form):
    """Offering a fellowship, or a specific meeting."""

    fellowship = forms.ChoiceField(choices=Fellowship.choices)
    experience = forms.CharField(
        label="Experience and concerns",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The client’s experience with these groups, what would help, and any concerns.",
    )


class MeetingOfferForm(OfferForm):
    """Offering one meeting: its fellowship is known."""

    fellowship = None  # type: ignore[assignment]


class PlanForm(forms.Form):
    """Agreeing on a date."""

    on = PlannedDayField(label="Day")
    time = ClockField(label="Time", required=False)
    remind_client = forms.BooleanField(
        label="Send the client a neutral message afterward",
        required=False,
        initial=True,
        help_text="Only with the client’s consent to messages. It doesn’t name the meeting or the clinic.",
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, meeting: Meeting | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meeting is not None and meeting.weekday is not None:
            del self.fields["time"]
            self.fields["on"].help_text = f"The meeting is on {WEEKDAYS[meeting.weekday]}s."


class LinkForm(forms.Form):
    """A volunteer was contacted."""

    volunteer = forms.CharField(
        label="Volunteer", max_length=24, help_text="First name or initial only: members are anonymous."
    )
    client_was_named = forms.BooleanField(
        label="The client’s name was shared with the volunteer",
        required=False,
        help_text="This is a disclosure. It requires the client’s written consent.",
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_volunteer(self) -> str:
        """Refuse more than a first name and an initial."""
        try:
            return first_name_or_initial(self.cleaned_data["volunteer"])
        except TooMuchNamed as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class VisitForm(forms.Form):
    """The client's report of a visit."""

    visited_on = PastDayField(label="Day")
    attended = forms.TypedChoiceField(
        label="Did the client go?",
        choices=(("yes", "Yes, they went"), ("no", "No, did not go")),
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        help_text="By client report. Fellowships don’t keep attendance.",
    )
    note = forms.CharField(
        label="What helped, or what got in the way",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Don’t record who else was there or what was shared.",
    )


class NoteForm(forms.Form):
    """A step that needs nothing but, perhaps, a note."""

    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))


class _Answer(forms.NullBooleanSelect):
    """Yes, no, or not asked."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "Not asked"), ("true", "Yes"), ("false", "No")]


class InvolvementForm(forms.ModelForm):
    """The yes/no list, by the client's own account."""

    class Meta:
        model = Involvement
        fields = ("on", "fellowship", "meetings_past_30_days", *Involvement.QUESTIONS, "ninety_in_ninety")
        field_classes = {"on": PastDayField, **number_fields(Involvement)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in Involvement.QUESTIONS:
            self.fields[question].widget = _Answer()


class FeedForm(forms.ModelForm):
    """A feed's settings."""

    class Meta:
        model = MeetingFeed
        fields = ("name", "fellowship", "format", "url", "often", "time_zone", "is_shared", "is_active")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["often"].required = False

    def clean_often(self) -> int:
        """Every night unless something else is said."""
        said: int | None = self.cleaned_data["often"]
        return MeetingFeed.Often.NIGHTLY if said is None else said

    def clean_name(self) -> str:
        """Refuse a name that another feed of the clinic has."""
        name: str = self.cleaned_data["name"]
        others = self.clinic.meeting_feeds.filter(name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("Another feed has this name.")
        return name


class ImportForm(forms.Form):
    """Import once: a file, or the current content of the feed's URL."""

    file = forms.FileField(
        label="File",
        required=False,
        help_text="JSON or CSV. Leave it empty to fetch the feed's own address.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.csv,application/json,text/csv"}),
    )
    confirm_drop = forms.BooleanField(label="The list is complete: hide missing meetings", required=False)

    def __init__(self, *args: Any, feed: MeetingFeed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = feed
        if not feed.url:
            self.fields["file"].required = True
            self.fields["file"].help_text = "JSON or CSV."

    def clean_file(self) -> Any:
        """Refuse a file too large to be a meeting list."""
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST:
            raise forms.ValidationError(
                f"This file is larger than {LARGEST // 1024 // 1024} MB: it is not a meeting list."
            )
        return file


def next_day_of(meeting: Meeting | None, now: datetime.datetime) -> datetime.date | None:
    """The next day that the meeting is held, on its own clock, as the date to propose."""
    if meeting is None or meeting.weekday is None or meeting.start is None:
        return None
    here = timezone.localtime(now, meeting.zone)
    ahead = (meeting.weekday - here.isoweekday()) % 7
    if ahead == 0 and here.time() >= meeting.start:
        ahead = 7
    return here.date() + datetime.timedelta(days=ahead)

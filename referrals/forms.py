"""Forms of the meeting finder, referrals, and the feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from staff.models import Clinic
from staff.typed_fields import ClockField, NumberField, PastDayField, PlannedDayField, number_fields

from .danger_form import DangerForm
from .fellowships import Fellowship
from .fetching import LARGEST
from .first_names import FirstNameForm, first_name_field
from .models import Involvement, Meeting, MeetingFeed, OwnGoal, Referral
from .models.conversation import LONGEST_WORDS, Barrier, Concern, Tried
from .models.directory import WEEKDAYS
from .models.feed import USUAL_PRIORITY
from .models.own_goal import MOST_A_DAY, MOST_DAYS
from .models.ties import LONGEST_REASON


class OfferForm(DangerForm):
    """Offering a fellowship, or a specific meeting."""

    field_order: Sequence[str] = ("fellowship", "experience", "reports_danger")

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


class PlanForm(DangerForm):
    """Agreeing on a date."""

    field_order = ("on", "time", "remind_client", "private_link", "note", "reports_danger")

    on = PlannedDayField(label="Day")
    time = ClockField(label="Time", required=False)
    remind_client = forms.BooleanField(
        label="Send the client a neutral message afterward",
        required=False,
        initial=True,
        help_text="Only with the client’s consent to messages. It doesn’t name the meeting or the clinic.",
    )
    private_link = forms.BooleanField(
        label="Send a private link after it",
        required=False,
        initial=True,
        help_text="In that message: to a page where they say how it was, without signing in.",
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, meeting: Meeting | None = None, no_link: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if no_link:
            box = self.fields["private_link"]
            box.disabled, box.initial, box.help_text = True, False, no_link
        if meeting is not None and meeting.weekday is not None:
            del self.fields["time"]
            self.fields["on"].help_text = f"The meeting is on {WEEKDAYS[meeting.weekday]}s."

    def clean(self) -> dict[str, Any]:
        """A link travels in a message."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("private_link") and not said.get("remind_client"):
            self.add_error("private_link", "It goes out in the message. Send the message, too, or leave the link out.")
        return said


class LinkForm(DangerForm, FirstNameForm):
    """A volunteer was contacted."""

    named = "volunteer"

    volunteer = first_name_field("Volunteer")
    client_was_named = forms.BooleanField(
        label="The client’s name was shared with the volunteer",
        required=False,
        help_text="This is a disclosure. It requires the client’s written consent.",
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    field_order: Sequence[str] = ("volunteer", "is_first_name", "client_was_named", "note", "reports_danger")


OTHER_DAY = (("another", "Another visit. The plan stays"), ("instead", "Instead of the planned one"))


class VisitForm(DangerForm):
    """The client's report of a visit. What needs a second look is asked only after a refusal (`ask_again`)."""

    visited_on = PastDayField(label="Day")
    attended = forms.TypedChoiceField(
        label="Did they go?",
        choices=(("yes", "Yes, they went"), ("no", "No, did not go")),
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        help_text="By client report. Fellowships don’t keep attendance.",
    )
    missed_because = forms.ChoiceField(
        label="If not, what got in the way?",
        choices=[("", "Not said"), *Barrier.choices],
        required=False,
    )
    note = forms.CharField(
        label="What helped, or what got in the way",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Don’t record who else was there or what was shared.",
    )
    field_order = ("visited_on", "attended", "missed_because", "note", "reports_danger", "other_day", "replace")

    other_day = forms.ChoiceField(
        label="It isn’t the planned meeting. Record it as",
        choices=OTHER_DAY,
        required=False,
        widget=forms.HiddenInput,
    )
    replace = forms.BooleanField(
        label="Yes, put this in place of what is recorded for that day", required=False, widget=forms.HiddenInput
    )

    def ask_again(self, field: str, *, may_replace: bool = True) -> None:
        """Show the box, or the choice, that answers what was refused; unless it `may_replace` the plan, as another."""
        choices = OTHER_DAY if may_replace else [each for each in OTHER_DAY if each[0] == "another"]
        is_choice = field == "other_day"
        self.fields[field].widget = forms.RadioSelect(choices=choices) if is_choice else forms.CheckboxInput()

    def clean(self) -> dict[str, Any]:
        """A reason belongs to a visit that did not happen."""
        said: dict[str, Any] = super().clean() or {}
        which = said.pop("other_day", "")
        said |= {"another_day": which == "another", "instead": which == "instead"}
        if said.get("attended"):
            said["missed_because"] = ""
        return said


class TriedForm(DangerForm):
    """What was tried before, and how it was."""

    field_order = ("tried", "words", "reports_danger")

    tried = forms.ChoiceField(label="Has the client been to a group?", choices=Tried.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="How was it? What would need to be different?",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the client’s words. Don’t record who else was there.",
    )


class ConcernsForm(DangerForm):
    """What concerns the client; nothing is an answer, too."""

    concerns = forms.MultipleChoiceField(
        label="What would make it hard to go?",
        choices=Concern.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text="Leave all blank if nothing does.",
    )
    words = forms.CharField(
        label="In the client’s words",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class _Choice(forms.ModelChoiceField):
    """One of the chosen referrals."""

    def label_from_instance(self, obj: Any) -> str:
        """The group and when it meets."""
        return f"{obj}, {obj.when_words}" if obj.lead else str(obj)


class CallForm(LinkForm):
    """The call with the client in the room, for one of the choices."""

    referral = _Choice(
        label="About which group?", queryset=Referral.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    field_order = ("referral", *LinkForm.field_order)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["referral"].queryset = choices  # type: ignore[attr-defined]


class SponsorForm(FirstNameForm):
    """A sponsor, by first name or initials."""

    fellowship = forms.ChoiceField(choices=Fellowship.choices)
    name = first_name_field("Sponsor")
    since = PastDayField(label="Since", required=False, help_text="Leave blank if it isn’t known.")
    field_order: Sequence[str] = ("fellowship", "name", "is_first_name")


class OwnGoalForm(forms.Form):
    """A goal of the client's own."""

    SPANS = (("7", "a week"), ("30", "in 30 days"), ("60", "in 60 days"), ("90", "in 90 days"))

    meetings = NumberField(label="Meetings", min_value=1, max_value=MOST_A_DAY * MOST_DAYS)
    days = forms.TypedChoiceField(label="How often", choices=SPANS, coerce=int)
    begins_on = PlannedDayField(label="From", required=False, help_text="Leave blank for today.")

    def __init__(self, *args: Any, goal: OwnGoal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goal is None:
            return
        self.initial = {"meetings": goal.meetings, "days": goal.days, "begins_on": goal.begins_on, **self.initial}
        self.fields["begins_on"].help_text = "Leave blank to leave it as it is."
        if goal.days not in {int(value) for value, _ in self.SPANS}:  # set elsewhere: it can stay as it is
            self.fields["days"].choices = [*self.SPANS, (str(goal.days), f"in {goal.days} days")]  # type: ignore[attr-defined]


class HomeGroupForm(forms.Form):
    """A home group: a meeting that the client was referred to, or the name of another."""

    meeting = forms.ModelChoiceField(
        label="Meeting", queryset=Meeting.objects.none(), required=False, empty_label="Another group, named below"
    )
    group = forms.CharField(label="Group", max_length=120, required=False, help_text="If it isn’t one of these.")
    fellowship = forms.ChoiceField(
        choices=[("", "As the meeting"), *Fellowship.choices], required=False, help_text="For a group named here."
    )
    since = PastDayField(label="Since", required=False, help_text="Leave blank if it isn’t known.")

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A group that is named needs its fellowship."""
        said: dict[str, Any] = super().clean() or {}
        if not said.get("meeting") and not said.get("group"):
            self.add_error("group", "Choose a meeting, or say which group it is.")
        elif not said.get("meeting") and not said.get("fellowship"):
            self.add_error("fellowship", "Choose the fellowship of this group.")
        return said


class UntilForm(forms.Form):
    """When a tie ended."""

    until = PastDayField(label="Ended on")


class WithdrawTieForm(forms.Form):
    """Why an entry is wrong."""

    because = forms.CharField(
        label="What was wrong?", max_length=LONGEST_REASON, help_text="It stays readable, with your reason."
    )


class CorrectSponsorForm(WithdrawTieForm, SponsorForm):
    """A sponsor as it should have been recorded."""

    until = PastDayField(label="Ended on", required=False, help_text="Leave blank if it goes on.")
    field_order = ("fellowship", "name", "is_first_name", "since", "until", "because")


class CorrectHomeGroupForm(WithdrawTieForm, HomeGroupForm):
    """A home group as it should have been recorded."""

    until = PastDayField(label="Ended on", required=False, help_text="Leave blank if it goes on.")
    field_order = ("meeting", "group", "fellowship", "since", "until", "because")


class GuideWordsForm(forms.Form):
    """A clinic's own words for one text of the guide."""

    words = forms.CharField(
        label="What to say",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Leave it blank to go back to the words that ship.",
    )


class NoteForm(DangerForm):
    """A step that needs nothing but, perhaps, a note."""

    field_order = ("note", "reports_danger")

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
        fields = ("on", "fellowship", "meetings_past_30_days", *Involvement.QUESTIONS)
        field_classes = {"on": PastDayField, **number_fields(Involvement)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in Involvement.QUESTIONS:
            self.fields[question].widget = _Answer()


class FeedForm(forms.ModelForm):
    """A feed's settings."""

    class Meta:
        model = MeetingFeed
        fields = ("name", "fellowship", "format", "url", "often", "time_zone", "priority", "is_shared", "is_active")
        field_classes = number_fields(MeetingFeed)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["often"].required = False
        self.fields["priority"].required = False
        listed = [each for each in MeetingFeed.Format.choices if each[0] != MeetingFeed.Format.OWN]
        self.fields["format"].choices = listed  # type: ignore[attr-defined]

    def clean_priority(self) -> int:
        """As other lists unless something else is said."""
        said: int | None = self.cleaned_data["priority"]
        return USUAL_PRIORITY if said is None else said

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


class JoinForm(forms.Form):
    """Which listing is the same meeting."""

    words = forms.CharField(
        label="Name or place", required=False, max_length=80, help_text="Blank: what starts at the same time."
    )


class ReasonForm(forms.Form):
    """Why two listings are not one meeting."""

    because = forms.CharField(
        label="How do you know?", max_length=300, help_text="For example: two rooms of one church."
    )


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

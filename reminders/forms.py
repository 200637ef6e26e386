"""Forms of reminders/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from privacy.models import Channel
from reminders.languages import Language
from staff.models import StaffMember
from staff.thresholds import Threshold
from staff.typed_fields import NumberField


class ReasonForm(forms.Form):
    """Why a reminder is called off."""

    reason = forms.CharField(label="Reason", max_length=150)


class WordsForm(forms.Form):
    """Something that was said or replied."""

    words = forms.CharField(label="What they said", max_length=300)


class ReplyForm(forms.Form):
    """A reply as received, with whatever it quotes."""

    words = forms.CharField(label="Reply", max_length=2000)


class CrisisForm(forms.Form):
    """What was done for someone who wrote that they are in danger."""

    what_was_done = forms.CharField(
        label="What was done",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Whom you reached and when, what you agreed, and who follows up.",
    )


class SwitchForm(forms.Form):
    """Whether a kind of message is sent, and why not."""

    is_on = forms.TypedChoiceField(
        label="Send it",
        choices=((1, "On"), (0, "Off")),
        coerce=lambda value: value == "1",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason for switching off", max_length=200, required=False)


class TimesForm(forms.Form):
    """The numbers that say when a kind of message is sent."""

    def __init__(self, *args: Any, thresholds: Sequence[Threshold], values: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in thresholds:
            self.fields[each.key] = NumberField(
                label=f"{each.label}, in {each.unit}",
                min_value=each.lowest,
                max_value=each.highest,
                initial=values[each.key],
                help_text=f"Default: {each.default_amount}.",
            )
        self.fields["reason"] = forms.CharField(
            label="Why your clinic’s number differs from the default", max_length=200, required=False
        )


class WordingForm(forms.Form):
    """The clinic's own words on one channel in one language."""

    channel = forms.ChoiceField(choices=Channel.choices, widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=Language.choices, widget=forms.HiddenInput)
    subject = forms.CharField(label="Subject", max_length=60, required=False)
    body = forms.CharField(label="Message", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.data.get(self.add_prefix("channel")) or self.initial.get("channel")
        if initial != Channel.EMAIL:
            del self.fields["subject"]


class ChooseForm(forms.Form):
    """Whether a client wants a kind of message."""

    is_wanted = forms.TypedChoiceField(
        choices=((1, "Yes"), (0, "No")), coerce=lambda value: value == "1", empty_value=None
    )


class HandOverForm(forms.Form):
    """Which colleague gets a task, and why."""

    to = forms.ModelChoiceField(StaffMember.objects.none(), label="Colleague")
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues

"""Forms of reminders/."""

from __future__ import annotations

from typing import Any

from django import forms

from reminders.models import Kind, Reminder


class ReminderFilter(forms.Form):
    """Which reminders to show."""

    DUE = (("", "Any time"), ("overdue", "Overdue"), ("today", "Today"), ("week", "The next 7 days"))

    state = forms.ChoiceField(choices=[("", "Any state"), *Reminder.State.choices], required=False)
    kind = forms.ChoiceField(choices=[("", "Any kind"), *Kind.choices], required=False)
    due = forms.ChoiceField(choices=DUE, required=False)

    def __init__(self, *args: Any, with_kind: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_kind:
            del self.fields["kind"]


class ReasonForm(forms.Form):
    """Why a reminder is called off."""

    reason = forms.CharField(label="Reason", max_length=150)


class WordsForm(forms.Form):
    """What somebody said or replied."""

    words = forms.CharField(label="What they said", max_length=300)


class ReplyForm(forms.Form):
    """A reply as it comes in, with whatever it quotes."""

    words = forms.CharField(label="Reply", max_length=2000)


class CrisisForm(forms.Form):
    """What was done for somebody who wrote that they are in danger."""

    what_was_done = forms.CharField(
        label="What was done",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Whom you reached and when, what you agreed, and who follows up.",
    )

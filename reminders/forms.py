"""Forms of reminders/."""

from __future__ import annotations

from django import forms


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

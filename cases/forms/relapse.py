"""One return to use, in as many pieces as it is told."""

from __future__ import annotations

from django import forms

from cases.forms.fields import DayInput


class LastDayForm(forms.Form):
    """When it ended."""

    ended_on = forms.DateField(label="Last day of use", widget=DayInput)

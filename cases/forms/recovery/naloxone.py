"""Recording a naloxone kit that was handed over."""

from __future__ import annotations

from django import forms

from staff.typed_fields import PastDayField


class KitForm(forms.Form):
    """One kit: the day, its lot, whether they were taught."""

    given_on = PastDayField(label="Given on")
    lot = forms.CharField(label="Lot number (optional)", required=False, max_length=40)
    trained = forms.BooleanField(
        label="Taught to recognize an overdose and give it",
        required=False,
        help_text="Signs of an overdose, call 911, how to give a dose, stay until help comes.",
    )

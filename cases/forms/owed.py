"""Reason a required safety step was not done first; asked only when one is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases import closing


class WentOnField(forms.CharField):
    """The reason to go on all the same (cases/closing.py)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": "Why this can’t be done first",
            "required": False,
            "max_length": closing.LONGEST_REASON,
            "widget": forms.Textarea(attrs={"rows": 2}),
            **kwargs,
        }
        super().__init__(**kwargs)


def only_where_owed(form: forms.Form, holds: Sequence[closing.Hold]) -> None:
    """Take the field off the form where nothing is owed."""
    if not holds:
        del form.fields["went_on_because"]


def say_why(form: forms.Form, refusal: closing.HeldOpen) -> None:
    """Show what is owed beside the field; above the form where it was recorded after the page was opened."""
    form.add_error("went_on_because" if "went_on_because" in form.fields else None, str(refusal))


class KeepForm(forms.Form):
    """Continue care as decided."""

    went_on_because = WentOnField(help_text="Saved with the continued stay review.")

    def __init__(self, *args: Any, holds: Sequence[closing.Hold] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)

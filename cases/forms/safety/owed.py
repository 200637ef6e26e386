"""Reason a required safety step was not done first; asked only when one is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.medical.medical_needs import UnmetNeed
from cases.safety import safety_holds
from staff.refusals import Refusal


class WentOnField(forms.CharField):
    """The reason to go on all the same (cases/safety/safety_holds.py)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": "Why this can’t be done first",
            "required": False,
            "max_length": safety_holds.LONGEST_REASON,
            "widget": forms.Textarea(attrs={"rows": 2}),
            **kwargs,
        }
        super().__init__(**kwargs)


def only_where_owed(form: forms.Form, holds: Sequence[safety_holds.Hold]) -> None:
    """Remove the field if no safety step is required."""
    if not holds:
        del form.fields["went_on_because"]


def fields_of_refusals(form: forms.Form, *, level: str = "") -> dict[type[Refusal], str | None]:
    """Which field each refusal belongs to; `level` names the field for a level that does not meet a medical need.

    If the hold was recorded after the page was opened, the message goes above the form.
    """
    beside: dict[type[Refusal], str | None] = {
        safety_holds.HeldOpen: "went_on_because" if "went_on_because" in form.fields else None
    }
    if level:
        beside[UnmetNeed] = "unmet_need_reason" if "unmet_need_reason" in form.fields else level
    return beside


class KeepForm(forms.Form):
    """Continue care as decided."""

    went_on_because = WentOnField(help_text="Saved with the continued stay review.")

    def __init__(self, *args: Any, holds: Sequence[safety_holds.Hold] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)

"""Forms of homework: what to do until when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from counseling.codes import HomeworkOutcome
from counseling.models import Homework
from staff.typed_fields import PlannedDayField


def _day(label: str) -> PlannedDayField:
    return PlannedDayField(label=label, required=False)


class HomeworkForm(forms.Form):
    """What the client takes on."""

    text = forms.CharField(
        label="Homework",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What to do, small enough to be done.",
    )
    due_on = _day("Until")


class HomeworkReviewForm(forms.Form):
    """What came of it."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=HomeworkOutcome.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    learned = forms.CharField(
        label="What was learned", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    give_again = forms.BooleanField(label="Give it again", required=False)
    due_on = _day("Again until")

    use_required_attribute = False

    def __init__(self, data: Any = None, *, homework: Homework) -> None:
        self.homework = homework
        super().__init__(data, prefix=f"review-{homework.pk}")


@dataclass(frozen=True)
class HomeworkLine:
    """Homework that nobody has come back to yet, with the form to say what came of it."""

    row: Homework
    overdue: bool
    review: HomeworkReviewForm

"""Forms to assign and review homework."""

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
    """New homework."""

    text = forms.CharField(
        label="Homework",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One small task.",
    )
    due_on = _day("Due")


class HomeworkReviewForm(forms.Form):
    """Review of one homework."""

    outcome = forms.ChoiceField(
        label="Outcome",
        choices=HomeworkOutcome.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    learned = forms.CharField(
        label="What was learned", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    give_again = forms.BooleanField(label="Assign again", required=False)
    due_on = _day("New due date")

    use_required_attribute = False

    def __init__(self, data: Any = None, *, homework: Homework) -> None:
        self.homework = homework
        super().__init__(data, prefix=f"review-{homework.pk}")


@dataclass(frozen=True)
class HomeworkLine:
    """Homework to review, with its review form."""

    row: Homework
    overdue: bool
    review: HomeworkReviewForm

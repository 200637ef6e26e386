"""The form of a continued-stay review."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from cases.forms.medical import UnmetNeedField, only_for_supervisors
from cases.forms.safety.owed import WentOnField, only_where_owed
from cases.models import ContinuedStayReview
from cases.safety import safety_holds
from staff.models import StaffMember
from staff.typed_fields import PlannedDayField


class ReviewForm(forms.Form):
    """Findings of a review of the current level."""

    outcome = forms.ChoiceField(label="Review outcome", choices=ContinuedStayReview.Outcome, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Changes since the last review, and why this level is still needed.",
    )
    next_review_on = PlannedDayField(
        label="Next review on", required=False, help_text="Required if this level still fits."
    )
    authorized_through = PlannedDayField(
        label="Authorized through",
        required=False,
        help_text="Only if the payer requires concurrent review. The next review is then due by that date.",
    )

    unmet_need_reason = UnmetNeedField()
    went_on_because = WentOnField(help_text="Not required if another level fits better. Saved with the review.")

    def __init__(
        self,
        *args: Any,
        staff_member: StaffMember,
        holds: Sequence[safety_holds.Hold] = (),
        next_review_on: datetime.date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)
        only_for_supervisors(self, staff_member)
        self.fields["next_review_on"].initial = next_review_on

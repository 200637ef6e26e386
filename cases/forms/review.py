"""The form of a continued-stay review."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from cases import closing
from cases.forms.medical import UnmetNeedField, only_for_supervisors
from cases.forms.owed import WentOnField, only_where_owed
from cases.models import ContinuedStayReview
from staff.models import StaffMember
from staff.typed_fields import PlannedDayField


class ReviewForm(forms.Form):
    """What the review of the present level found."""

    outcome = forms.ChoiceField(
        label="What did the review find?", choices=ContinuedStayReview.Outcome, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What has changed since the last review, and what the person still needs this level for.",
    )
    next_review_on = PlannedDayField(
        label="Next review on", required=False, help_text="Needed if this level still fits."
    )
    authorized_through = PlannedDayField(
        label="Authorized by the payer through",
        required=False,
        help_text="Only where a payer asks for concurrent reviews. The next review is then due by that day.",
    )

    unmet_need_reason = UnmetNeedField()
    went_on_because = WentOnField(help_text="Not needed where another level fits better. It is kept with the review.")

    def __init__(
        self,
        *args: Any,
        staff_member: StaffMember,
        holds: Sequence[closing.Hold] = (),
        next_review_on: datetime.date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        only_where_owed(self, holds)
        only_for_supervisors(self, staff_member)
        self.fields["next_review_on"].initial = next_review_on

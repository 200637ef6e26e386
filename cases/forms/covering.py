"""The form about who covers for a colleague who is away."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.forms.intake.inquiry import CounselorField
from staff.access import Permission, can
from staff.models import StaffMember
from staff.typed_fields import PlannedMomentField


class CoverForm(forms.Form):
    """Who is away, who covers, and from when to when."""

    away = CounselorField(StaffMember.objects.none(), label="Who is away")
    covering = CounselorField(StaffMember.objects.none(), label="Who covers", empty_label="Choose a colleague")
    starts_at = PlannedMomentField(label="From")
    ends_at = PlannedMomentField(label="Until", help_text="The charts close by themselves then.")

    def __init__(self, *args: Any, by: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = StaffMember.objects.visible_to(by).clinicians()
        away, covering = self.fields["away"], self.fields["covering"]
        assert isinstance(away, forms.ModelChoiceField)
        assert isinstance(covering, forms.ModelChoiceField)
        away.queryset = covering.queryset = colleagues
        if not can(by, Permission.CARE_TEAM_ASSIGN):
            away.queryset = colleagues.filter(pk=by.pk)
            covering.queryset = colleagues.exclude(pk=by.pk)
        away.initial = by

"""Filters of the lists about accounts."""

from __future__ import annotations

from django_filters import ModelChoiceFilter

from staff.filters import ListFilter
from staff.models import StaffMember


class SessionFilter(ListFilter):
    """Whose sessions to show."""

    who = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )

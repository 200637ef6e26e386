"""Filters of the lists about accounts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, ModelChoiceFilter

from staff.filters import ListFilter, WhichFilter
from staff.models import AccountChange, StaffMember


class SessionFilter(ListFilter):
    """Whose sessions to show."""

    who = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )


class AccountChangeFilter(ListFilter):
    """Which changes of accounts to show."""

    state = WhichFilter(
        which="in_state",
        label="State",
        choices=[*AccountChange.Outcome.choices, ("all", "All")],
        empty_label="Waiting",
    )
    kind = ChoiceFilter(label="Change", choices=AccountChange.Kind.choices, empty_label="All changes")
    who = ModelChoiceFilter(
        field_name="staff_member",
        label="Whose account",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )

    def in_state(self, rows: QuerySet[Any], state: str) -> QuerySet[Any]:
        """Those that wait, unless another state was chosen."""
        return rows if state == "all" else rows.filter(outcome=state)

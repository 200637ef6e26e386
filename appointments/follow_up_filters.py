"""Filters of the list of follow-up calls."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, ModelChoiceFilter

from appointments import calls_due
from cases.models import CareTeamMember, TreatmentEpisode
from staff.access import Permission, StaffRequest, can
from staff.filters import ListFilter
from staff.models import StaffMember

LATE, WEEK = "late", "week"
NOBODY = "none"


class FollowUpFilter(ListFilter):
    """Whose clients, and which calls: due by today, late, or due within a week, too. The view reads `show`."""

    counselor = ModelChoiceFilter(
        label="Counselor",
        queryset=lambda request: StaffMember.objects.visible_to(request.user).clinicians(),
        empty_label="Everyone",
        null_label="No counselor",
        null_value=NOBODY,
        method="of_counselor",
    )
    show = ChoiceFilter(
        label="Show",
        choices=[(LATE, "Late"), (WEEK, "Through next week")],
        empty_label="Due by today",
        method="kept_for_the_view",
    )

    def __init__(self, request: StaffRequest, rows: QuerySet[TreatmentEpisode]) -> None:
        super().__init__(request, rows)
        if not can(request.user, Permission.CLIENT_VIEW_ALL):
            del self.filters["counselor"]

    def of_counselor(self, stays: Any, name: str, counselor: StaffMember | str) -> QuerySet[TreatmentEpisode]:  # noqa: ARG002
        """Clients whose primary counselor this is, or who have none."""
        if isinstance(counselor, str):  # NOBODY
            return calls_due.without_primary(stays)
        team = CareTeamMember.objects.current().led_by(counselor)
        return stays.filter(client__in=team.values("client"))

    def kept_for_the_view(self, stays: Any, name: str, show: str) -> QuerySet[TreatmentEpisode]:  # noqa: ARG002
        """Which calls are due follows from the plans, not from a column."""
        return stays

"""Filters of the list of groups."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter

from groups.models import Group, GroupType
from staff.filters import ListFilter, WhichFilter


class GroupFilter(ListFilter):
    """Filter for the group list; its rows have `member_count` (`groups.listing.listed`)."""

    SHOW = (("free", "With openings"), ("ended", "Past groups"))

    type = ChoiceFilter(label="Type", choices=GroupType.choices, empty_label="All types")
    show = WhichFilter(label="Show", choices=SHOW, empty_label="Current groups", which="shown")

    def shown(self, rows: Any, show: str) -> QuerySet[Group]:
        """Current groups, those with an opening, or those that ended."""
        ended = Q(ends_on__lt=timezone.localdate(timezone=self.request.user.clinic.zone))
        rows = rows.filter(ended) if show == "ended" else rows.exclude(ended)
        return rows.filter(is_open=True, member_count__lt=F("capacity")) if show == "free" else rows

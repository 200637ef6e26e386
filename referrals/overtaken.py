"""Corrections whose list has changed or dropped the meeting since, on Today.

On that of whoever corrected it last; where they have left, of everybody who keeps meetings. It ends when the correction
is saved again or taken off the list.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

from .models import SameMeeting

_MOST = 30


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:  # noqa: ARG001  # every source takes it
    """One line for each, the oldest correction first."""
    if not can(staff_member, Permission.PLACES_KEEP):
        return []
    found = yield from rows(query(_overtaken, by=staff_member))
    return [
        Need(
            Urgency.SOON,
            "Check a corrected meeting: its list has changed",
            f"{same.lead}. {same.change_words}",
            reverse("referrals:meeting", args=[same.lead_id]),
            "Open meeting",
            "map-pin",
            due=same.found_at,
            kind="Meetings",
        )
        for same in found
    ]


def _overtaken(by: Any) -> QuerySet[SameMeeting]:
    return (
        SameMeeting.objects.visible_to(by)
        .overtaken()
        .filter(Q(by=by) | Q(by__is_active=False))
        .with_change()
        .select_related("lead")
        .order_by("found_at", "pk")[:_MOST]
    )

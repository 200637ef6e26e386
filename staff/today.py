"""What waits on Today about accounts: changes that need a second person."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from staff.access import Permission, can
from staff.models import AccountChange, StaffMember
from staff.needs import Need, Urgency
from staff.office_hours import OfficeHours
from staff.reading import Reading, query, reads, rows


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Changes of accounts that this person may approve or decline: not what they asked for, nor their own account's."""
    if not can(staff_member, Permission.STAFF_APPROVE):
        return []
    waiting = yield from rows(query(_waiting, by=staff_member))
    hours = OfficeHours.of(staff_member.clinic) if waiting else None
    zone, found = staff_member.clinic.zone, []
    for change in waiting:
        assert hours is not None
        due = timezone.localdate(hours.next_open(change.requested_at), zone)
        found.append(
            Need(
                urgency=Urgency.TODAY if due <= timezone.localdate(now, zone) else Urgency.SOON,
                title="Approve or decline a change of an account",
                detail=f"{change.get_kind_display()}: {change.whom}, asked for by {change.requested_by}",
                url=reverse("staff:change", args=[change.pk]),
                button="Look at it",
                icon="user-round-check",
                due=due,
                kind="Accounts",
            )
        )
    return found


def _waiting(by: Any) -> QuerySet[AccountChange]:
    others = AccountChange.objects.visible_to(by).waiting().exclude(requested_by=by)
    others = others.filter(Q(staff_member=None) | ~Q(staff_member=by))
    return others.select_related("staff_member", "requested_by").order_by("requested_at", "pk")

"""Craving as clients told of it in follow-up calls, for the page of patterns (settings.OWN_REPORT_SOURCES)."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from appointments.models import FollowUpCall
from cases.models import Client
from cases.patterns.own_reports import SHOWN, Told
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows


@reads
def told(*, client: Client, staff_member: StaffMember) -> Reading[list[Told]]:
    """The latest calls in which it was asked."""
    if not can(staff_member, Permission.FOLLOW_UP_VIEW):
        return []
    calls = query(
        lambda client, by: (
            FollowUpCall.objects.visible_to(by).filter(client=client, craving__isnull=False).order_by("-at")[:SHOWN]
        ),
        client=client,
        by=staff_member,
    )
    return [
        Told(
            timezone.localdate(call.at, client.zone),
            call.craving,
            "",
            "in a follow-up call",
            reverse("appointments:follow_up_call", args=[client.pk, call.pk]),
        )
        for call in (yield from rows(calls))
    ]

"""Today items for milestones reached, for the lead clinician."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet

from cases.models import CareTeamMember, Client
from cases.recovery import milestone_days
from staff.access import Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For clients in care whose lead counselor this is, in two queries."""
    if not can(staff_member, Permission.RELAPSE_RECORD):
        return []
    clients = yield from rows(query(_led, by=staff_member))
    found = yield from milestone_days.reached.part(clients, now)
    return [
        Need(
            urgency=Urgency.SOON,
            title=f"{each.milestone.label} today",
            detail="Congratulate them",
            url=address("cases:relapses", each.client.pk),
            button="Open",
            icon="flag",
            client_name=each.client.full_name,
            kind="Milestones",
        )
        for each in found
    ]


def _led(by: Any) -> QuerySet[Client]:
    led = CareTeamMember.objects.current().led_by(by)
    return (
        Client.objects.visible_to(by)
        .filter(pk__in=led.values("client"), merged_into=None, episodes__discharged_on=None)
        .select_related("clinic")
        .distinct()
    )

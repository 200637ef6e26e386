"""The chart's panel on groups."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from groups.client_summary import spells_of
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, exists, query, reads, together


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """The client's current groups, with mentor status and attendance."""
    if not can(staff_member, Permission.GROUP_VIEW):
        return None
    today = timezone.localdate(now, client.clinic.zone)
    is_visible, spells = yield from together(
        exists(
            query(lambda client, by: Client.objects.visible_to(by).filter(pk=client), client=client, by=staff_member)
        ),
        spells_of.part(client=client, staff_member=staff_member, on=today),
    )
    if not is_visible:
        return None
    return ChartPanel(
        title="Groups",
        template="groups/_panel.html",
        context={
            "client": client,
            "spells": [spell for spell in spells if spell.is_current],
            "may_manage": can(staff_member, Permission.GROUP_MANAGE),
        },
        url=reverse("groups:client_groups", args=[client.pk]),
        order=55,
    )

"""The chart's panel on groups."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.panels.chart_care import TeamLine
from cases.panels.chart_panel import ChartPanel
from groups.client_summary import spells_of
from groups.models import GroupFacilitator, Membership
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, exists, query, reads, rows, together


@reads
def facilitators(*, client: Client, on: datetime.date) -> Reading[list[TeamLine]]:
    """Who leads the groups that the client is in, for the care team on the chart (settings.CARE_TEAM_SOURCES)."""
    found = yield from rows(query(_leading, client=client, on=on))
    return [TeamLine(each.staff_member.signature_name, f"facilitates {each.group}") for each in found]


def _leading(client: Any, on: Any) -> QuerySet[GroupFacilitator]:
    groups = Membership.objects.current(on).filter(client=client).values("group")
    own = GroupFacilitator.objects.filter(group__in=groups, staff_member__is_active=True)
    return own.select_related("staff_member", "group").order_by("group__name", "staff_member__family_name")


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

"""The chart's panel on referrals to places: what is open, and the answers that came back."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from referrals.models import ServiceReferral
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

_SHOWN = 4


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:  # noqa: ARG001
    """The latest referrals with their status and, where there is one, the result in words."""
    if not can(staff_member, Permission.REFERRAL_VIEW):
        return None
    latest = query(
        lambda client, by: (
            ServiceReferral.objects.visible_to(by).filter(client=client).with_state().select_related("place")[:_SHOWN]
        ),
        client=client,
        by=staff_member,
    )
    found = yield from rows(latest)
    return ChartPanel(
        title="Referrals to places",
        template="referrals/other_help/_panel.html",
        context={
            "client": client,
            "services": found,
            "may_refer": can(staff_member, Permission.REFERRAL_MAKE),
        },
        url=reverse("referrals:client_services", args=[client.pk]),
        order=62,
    )

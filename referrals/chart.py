"""The chart's panel on mutual help."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads, rows, together

from .models import Involvement, MeetingVisit, Referral

_SHOWN = 3


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """The latest referrals with their status, visits of the past 30 days, and the latest involvement."""
    if not can(staff_member, Permission.REFERRAL_VIEW):
        return None
    whose = {"client": client, "by": staff_member}
    referrals = query(
        lambda client, by: (
            Referral.objects.visible_to(by).filter(client=client).with_state().select_related("meeting")[:_SHOWN]
        ),
        **whose,
    )
    visits = query(
        lambda client, by, since: (
            MeetingVisit.objects.visible_to(by)
            .filter(client=client, attended=True, visited_on__gt=since)
            .values_list("pk", flat=True)
        ),
        **whose,
        since=now.astimezone(client.zone).date() - datetime.timedelta(days=30),
    )
    involved = query(lambda client, by: Involvement.objects.visible_to(by).filter(client=client), **whose)
    seen, visited, involvement = yield from together(rows(referrals), rows(visits), first(involved))
    return ChartPanel(
        title="Mutual help",
        template="referrals/_panel.html",
        context={
            "client": client,
            "referrals": seen,
            "visits": len(visited),
            "involvement": involvement,
            "may_refer": can(staff_member, Permission.REFERRAL_MAKE),
        },
        url=reverse("referrals:client_referrals", args=[client.pk]),
        order=60,
    )

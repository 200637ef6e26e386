"""The chart's panel on mutual help."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember

from .models import Involvement, MeetingVisit, Referral

_SHOWN = 3


def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> ChartPanel | None:
    """The latest referrals with their status, visits of the past 30 days, and the latest involvement."""
    if not can(staff_member, Permission.REFERRAL_VIEW):
        return None
    referrals = Referral.objects.visible_to(staff_member).filter(client=client).with_state()
    since = now.astimezone(client.zone).date() - datetime.timedelta(days=30)
    visits = MeetingVisit.objects.visible_to(staff_member).filter(client=client, attended=True, visited_on__gt=since)
    return ChartPanel(
        title="Mutual help",
        template="referrals/_panel.html",
        context={
            "client": client,
            "referrals": referrals.select_related("meeting")[:_SHOWN],
            "visits": visits.count(),
            "involvement": Involvement.objects.visible_to(staff_member).filter(client=client).first(),
            "may_refer": can(staff_member, Permission.REFERRAL_MAKE),
        },
        url=reverse("referrals:client_referrals", args=[client.pk]),
        order=60,
    )

"""The chart's panel on follow-up: the next call after a discharge, and the visit that is due after residential care."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from appointments import calls_due, follow_up_chart
from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, reads


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """What comes next after the last discharge; nothing in care, unless a visit is due."""
    if not can(staff_member, Permission.FOLLOW_UP_VIEW):
        return None
    followed = yield from calls_due.of_client.part(client)
    if followed is None:
        return None
    today = timezone.localdate(now, client.clinic.zone)
    window = yield from follow_up_chart.window_of.part(followed)
    plan = followed.plan
    due = plan.due(today)[-1:] if not followed.why_not else []
    ahead = plan.next_call(today) if not followed.why_not else None
    window_ends = window.ends_on(today) if window and followed.is_followed_up else None
    if not due and ahead is None and window_ends is None:
        return None
    return ChartPanel(
        title="Follow-up",
        template="appointments/follow_up/_panel.html",
        context={
            "client": client,
            "due": due[0] if due else None,
            "ahead": ahead,
            "pace": plan.pace(today),
            "tried_at": followed.episode.tried_at,  # type: ignore[attr-defined]  # annotated
            "window_ends": window_ends,
            "days_left": window.days_left(today) if window else None,
            "may_record": can(staff_member, Permission.FOLLOW_UP_RECORD),
        },
        url=reverse("appointments:follow_up", args=[client.pk]),
        order=25,
    )

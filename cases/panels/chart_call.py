"""Chart panel on the reason for this admission, in the caller's words."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client, Inquiry
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads

from .chart_panel import ChartPanel

_BALANCE = {
    "costs_of_now": "Hard right now",
    "benefits_of_now": "Good right now",
    "benefits_of_change": "Could improve with help",
    "costs_of_change": "Makes it hard to get help",
}


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:  # noqa: ARG001
    """The latest call about this client, if something was said in it."""
    if not can(staff_member, Permission.INQUIRY_VIEW):
        return None
    calls = query(
        lambda client, by: Inquiry.objects.visible_to(by).filter(client=client, is_draft=False).order_by("-taken_at"),
        client=client,
        by=staff_member,
    )
    call = yield from first(calls)
    if call is None or not any([call.reason, *(getattr(call, name) for name in _BALANCE)]):
        return None
    return ChartPanel(
        title="Why now",
        template="cases/intake/_panel.html",
        context={
            "inquiry": call,
            "balance": [(words, getattr(call, name)) for name, words in _BALANCE.items() if getattr(call, name)],
        },
        url=reverse("cases:inquiry", args=[call.pk]),
        order=15,
    )

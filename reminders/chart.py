"""What reminders/ shows on the chart overview."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from reminders.models import Reminder
from reminders.status_text import client_statuses, may_see_kind
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

SHOWN = 4


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """What waits and what went out last; None for roles that do not see reminders."""
    if not can(staff_member, Permission.REMINDER_VIEW):
        return None
    sent = query(
        lambda client, by: (
            Reminder.objects.visible_to(by)
            .filter(client=client)
            .select_related("client__clinic", "clinic")
            .order_by("-due_at")[:SHOWN]
        ),
        client=client,
        by=staff_member,
    )
    latest = yield from rows(sent)
    latest.sort(key=lambda reminder: reminder.due_at)
    return ChartPanel(
        title="Reminders",
        template="reminders/_panel.html",
        context={
            "told": client_statuses(latest, client.zone, now),
            "with_kind": may_see_kind(staff_member),
            "client": client,
        },
        url=reverse("reminders:client_reminders", args=[client.pk]),
        order=60,
    )

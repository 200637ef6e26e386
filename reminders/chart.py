"""What reminders/ shows on the chart overview."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from reminders.models import Reminder
from reminders.telling import may_see_kind, tell_of_one_client
from staff.access import Permission, can
from staff.models import StaffMember

SHOWN = 4


def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> ChartPanel | None:
    """Scheduled reminders and the last one sent; None for roles that do not see reminders."""
    if not can(staff_member, Permission.REMINDER_VIEW):
        return None
    rows = Reminder.objects.visible_to(staff_member).filter(client=client).select_related("client__clinic", "clinic")
    latest = sorted(rows.order_by("-due_at")[:SHOWN], key=lambda reminder: reminder.due_at)
    return ChartPanel(
        title="Reminders",
        template="reminders/_panel.html",
        context={
            "told": tell_of_one_client(latest, client.zone, now),
            "with_kind": may_see_kind(staff_member),
            "client": client,
        },
        url=reverse("reminders:client_reminders", args=[client.pk]),
        order=60,
    )

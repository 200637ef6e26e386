"""The chart's panel on recovery: where somebody stands, what is dangerous, what was learned that is still true."""

from __future__ import annotations

import datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from cases import recovery
from cases.chart_panel import ChartPanel
from cases.models import Client, CopingStrategy, Trigger
from staff.access import Permission, can
from staff.models import StaffMember

_SHOWN = 3
_BY_EVIDENCE = ("-evidence", F("strength").desc(nulls_last=True), "-pk")
_BY_OUTCOME = ("-helped", "-partly", "did_not", "-pk")


def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> ChartPanel | None:
    """For people who may see returns to use."""
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return None
    today = timezone.localdate(now, timezone=client.zone)
    triggers = Trigger.objects.visible_to(staff_member).filter(client=client).still_true().with_evidence()
    strategies = CopingStrategy.objects.visible_to(staff_member).filter(client=client).still_true().with_outcomes()
    return ChartPanel(
        title="Recovery",
        template="cases/learning/_panel.html",
        context={
            "client": client,
            "recovery": recovery.of(client, staff_member=staff_member, on=today),
            "triggers": triggers.order_by(*_BY_EVIDENCE)[:_SHOWN],
            "strategies": strategies.order_by(*_BY_OUTCOME)[:_SHOWN],
            "may_record": can(staff_member, Permission.RELAPSE_RECORD),
        },
        url=reverse("cases:relapses", args=[client.pk]),
        order=10,
    )

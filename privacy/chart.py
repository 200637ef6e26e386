"""What privacy/ shows on the chart overview."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from privacy.models import Consent
from privacy.standing import in_order
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """Consents in force and drafts; None for roles that do not see consents."""
    if not can(staff_member, Permission.CONSENT_VIEW):
        return None
    today = timezone.localtime(now, client.clinic.zone).date()
    consents = query(
        lambda client, by, on: (
            Consent.objects.visible_to(by).filter(client=client).standing(on).prefetch_related("statuses__by")
        ),
        client=client,
        by=staff_member,
        on=today,
    )
    lines = in_order((yield from rows(consents)))
    standings = [each for each in lines if each.in_force or each.is_draft]
    return ChartPanel(
        title="Consents",
        template="privacy/_panel.html",
        context={"standings": standings, "client": client},
        url=reverse("privacy:client_consents", args=[client.pk]),
        order=70,
    )

"""What clients said by private links, for the page of patterns (settings.OWN_REPORT_SOURCES)."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.patterns.own_reports import SHOWN, Told
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

from .models import OwnReport


@reads
def told(*, client: Client, staff_member: StaffMember) -> Reading[list[Told]]:
    """The latest of them."""
    if not can(staff_member, Permission.REFERRAL_VIEW):
        return []
    said = query(
        lambda client, by: (
            OwnReport.objects.visible_to(by)
            .filter(link__follow_through__referral__client=client)
            .select_related("link__follow_through")
            .order_by("-said_at")[:SHOWN]
        ),
        client=client,
        by=staff_member,
    )
    return [
        Told(
            timezone.localdate(report.said_at, client.zone),
            report.craving,
            report.line,
            "after a meeting" if report.attended else "after a planned meeting",
            reverse("referrals:referral", args=[client.pk, report.link.follow_through.referral_id]),
        )
        for report in (yield from rows(said))
    ]

"""Reported use that is not on record, on the care team's Today."""

from __future__ import annotations

import datetime

from cases.models import CareTeamMember
from counseling.measures import use_reports
from counseling.measures.use_reports import UseReport
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, reads, rows

SHOWN = 20
KIND = "Returns to use"


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line per client, from the latest measure; one query per caseload."""
    if not can(staff_member, Permission.RELAPSE_RECORD) or not can(staff_member, Permission.NOTE_VIEW):
        return []
    own = CareTeamMember.objects.current(now).filter(staff_member=staff_member).values("client")
    reporting = (
        use_reports.without_record()
        .visible_to(staff_member)
        .filter(client__in=own, client__merged_into=None)
        .order_by("client_id", "-taken_at", "-pk")
        .distinct("client_id")
        .select_related("client")
    )
    found = yield from rows(reporting[:SHOWN])
    return [_need(each) for each in use_reports.reports(found)]


def _need(report: UseReport) -> Need:
    return Need(
        Urgency.TODAY,
        "Record a return to use, or explain why not",
        f"{report.words} {day_in_words(report.day)}",
        report.settle_url,
        "Review",
        "clipboard-pen",
        due=report.day,
        client_name=report.measure.client.full_name,
        kind=KIND,
    )

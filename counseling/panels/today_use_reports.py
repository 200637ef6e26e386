"""Reported use that is not on record, on the care team's Today."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet

from cases.models import CareTeamMember
from counseling.measures import use_reports
from counseling.measures.use_reports import UseReport
from counseling.models import Measure
from staff.access import Permission, can
from staff.days import day_in_words
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

SHOWN = 20
KIND = "Returns to use"


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line per client, from the latest measure; one query per caseload."""
    if not can(staff_member, Permission.RELAPSE_RECORD) or not can(staff_member, Permission.NOTE_VIEW):
        return []
    found = yield from rows(query(_reporting, by=staff_member, now=now))
    return [_need(each) for each in use_reports.reports(found)]


def _reporting(by: Any, now: Any) -> QuerySet[Measure]:
    own = CareTeamMember.objects.caseload(by, now).values("client")
    return (
        use_reports.without_record()
        .visible_to(by)
        .filter(client__in=own, client__merged_into=None)
        .order_by("client_id", "-taken_at", "-pk")
        .distinct("client_id")
        .select_related("client")
    )[:SHOWN]


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

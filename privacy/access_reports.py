"""The report for a client who asks who opened their chart: a period, given once, and on record.

A clinic gives it on request; it is not the accounting of disclosures (45 CFR 164.528), which is about others.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db.models import Count, QuerySet
from django.utils import timezone

from cases.models import Client
from privacy import minors, openings
from privacy.models import AccessReport, ChartAccess, ListAccess
from staff.access import Permission, demand
from staff.acts import act
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import check_days

AT_ONCE = 5_000  # entries that are read together: a year of one chart


class PeriodEndsBeforeItBegins(Refusal):
    """The two days are the wrong way round."""

    sentence = "The last day is before the first."


class NotOfAMinor(Refusal):
    """A parent or guardian asks who opened a minor's chart; the answer says that there is one, and when they came."""

    field = "asked_by"
    sentence = (
        "A minor’s report: a parent, guardian or representative gets nothing of it by their own right (42 CFR 2.14). "
        "Give it to the client only."
    )


def give(
    *,
    client: Client,
    since: datetime.date,
    until: datetime.date,
    asked_by: str,
    by: StaffMember,
    with_names: bool = True,
) -> AccessReport:
    """Record that the report of a period is given, with how much it holds.

    Raises NotPermitted, NotOfAMinor for anyone but a minor themselves, DayNotPossible, PeriodEndsBeforeItBegins.
    """
    demand(by, Permission.ACCESS_REPORT_GIVE, client)
    if AccessReport.AskedBy(asked_by) != AccessReport.AskedBy.CLIENT and minors.is_minor(client, client.today):
        raise NotOfAMinor
    check_days(since, until, ahead=0, today=timezone.localdate(timezone=client.clinic.zone))
    if until < since:
        raise PeriodEndsBeforeItBegins
    with act("privacy.give_access_report", by=by, client=client) as entry:
        report = AccessReport(
            clinic=client.clinic,
            client=client,
            since=since,
            until=until,
            asked_by=AccessReport.AskedBy(asked_by),
            with_names=with_names,
            given_at=timezone.now(),
            given_by=by,
        )
        report.entries = entries_of(report, by=by).count()
        report.save(force_insert=True)
        entry.about(report, since=since.isoformat(), until=until.isoformat(), entries=report.entries)
    return report


def entries_of(report: AccessReport, *, by: StaffMember) -> QuerySet[ChartAccess]:
    """What the report tells: the entries of its period, up to when it was given."""
    zone = report.client.clinic.zone
    until = min(end_of(report.until, zone), report.given_at)
    entries = ChartAccess.objects.about(report.client, by=by, numbers=report.numbers)
    return entries.filter(at__gte=beginning_of(report.since, zone), at__lt=until)


def days_of(report: AccessReport, *, by: StaffMember) -> Iterator[openings.PersonDay]:
    """All of it by day and person, newest first."""
    before = ""
    while True:
        page = openings.days_of(
            entries_of(report, by=by), by=by, before=before, whole=True, at_once=AT_ONCE, named=False
        )
        yield from page.people
        before = page.next
        if not before:
            return


def lists_of(report: AccessReport, *, by: StaffMember) -> list[tuple[int, int]]:
    """Who saw the client in a list, search or export that says whose records it showed, by number, and how often."""
    zone = report.client.clinic.zone
    until = min(end_of(report.until, zone), report.given_at)
    rows = ListAccess.objects.visible_to(by).filter(
        client_ids__overlap=report.numbers, at__gte=beginning_of(report.since, zone), at__lt=until
    )
    counted = rows.order_by().values("staff_member").annotate(count=Count("pk")).order_by("-count", "staff_member")
    return [(row["staff_member"], row["count"]) for row in counted]

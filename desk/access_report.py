"""What a client reads who asked who opened their chart: the sheet that the page and the PDF draw."""

from __future__ import annotations

import datetime

from privacy import access_reports, openings
from privacy.models import AccessReport
from staff.days import day_in_words, moment_in_words
from staff.models import StaffMember
from staff.paper.sheet import Block, Sheet

NOT_DISCLOSURES = (
    "This report is about people who work at the clinic. For a list of what was told to others outside it, ask for the "
    "accounting of disclosures."
)
NO_ONE = "No one opened your record in this time."


def sheet(report: AccessReport, *, by: StaffMember) -> Sheet:
    """The report in plain words, by day; without names if it was given without them."""
    client, zone = report.client, report.client.clinic.zone
    days: dict[datetime.date, list[tuple[str, str]]] = {}
    for person in access_reports.days_of(report, by=by):
        days.setdefault(person.on, []).extend(_lines(person, report))
    blocks = [Block(_day(on), lines=tuple(lines)) for on, lines in days.items()]
    return Sheet(
        title="Who opened your record",
        file_name=f"access-report-{report.pk}",
        whose=f"{client.full_name}, No. {client.pk}",
        lede="Each person at the clinic who opened your record, or tried to, and what they did.",
        facts=(
            ("Time", f"{day_in_words(report.since)} to {day_in_words(report.until)}"),
            ("Asked for by", report.get_asked_by_display()),
            ("Given on", moment_in_words(report.given_at, zone)),
        ),
        blocks=(
            *(blocks or [Block("Your record", NO_ONE)]),
            *_lists(report, by),
            Block("Told to others", NOT_DISCLOSURES),
        ),
        foot=(f"Given by {report.given_by}, {day_in_words(report.given_at.astimezone(zone).date())}",),
    )


def _lines(person: openings.PersonDay, report: AccessReport) -> list[tuple[str, str]]:
    who = _who(person.staff_member, report)
    lines = []
    for deed in (deed for record in person.records for deed in record.deeds):
        often = f", {deed.how_often}" if deed.how_often else ""
        emergency = " (in an emergency)" if deed.in_emergency else ""
        lines.append((f"{who} {deed.words}{often}{emergency}", deed.when))
    return lines


def _who(staff_member: StaffMember, report: AccessReport) -> str:
    role = staff_member.get_role_display().lower()
    return f"{staff_member.get_full_name()} ({role})" if report.with_names else f"Someone who works as {role}"


def _lists(report: AccessReport, by: StaffMember) -> list[Block]:
    counted = access_reports.lists_of(report, by=by)
    if not counted:
        return []
    people = StaffMember.objects.visible_to(by).in_bulk([key for key, _ in counted])
    lines = tuple(
        (f"{_who(people[key], report)}: {count} time{'' if count == 1 else 's'}", "")
        for key, count in counted
        if key in people
    )
    return [Block("Lists and searches that had your name among a few others", lines=lines)]


def _day(on: datetime.date) -> str:
    return f"{on:%A}, {day_in_words(on)}"

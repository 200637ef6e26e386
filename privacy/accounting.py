"""The accounting of disclosures: what of a client's was shared, with whom, why and when.

45 CFR 164.528(a)(1) gives it for the six years before the day it is asked for, unless the client asks for less (42 CFR
2.25: three at least). It is every disclosure on record (`disclosures`), those for treatment, payment and operations
included. 42 CFR 2.24 asks a list of recipients of intermediaries; a program that treats is none, and names each
recipient here.
"""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.dateformat import format as worded

from cases.models import Client
from privacy import giving, suspensions
from privacy.models import AskedAbout, Disclosure, RecordGiven
from privacy.on_paper import foot, whose
from staff.access import Permission, demand
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.paper.sheet import Block, Sheet
from staff.refusals import Refusal

YEARS = 6  # 45 CFR 164.528(a)(1)


class NotThatTime(Refusal):
    """The days are in the wrong order, in the future, or too long ago."""

    sentence = f"Choose a time of up to {YEARS} years before today, with its first day first (45 CFR 164.528)."


def years_before(day: datetime.date, years: int) -> datetime.date:
    """The same day so many years ago; March 1 for a February 29 that there was not."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return datetime.date(day.year - years, 3, 1)


def usual_time(client: Client) -> tuple[datetime.date, datetime.date]:
    """The first and last day if nobody asks for fewer: six years, through today."""
    today = timezone.localdate(timezone=client.clinic.zone)
    return years_before(today, YEARS), today


def check_time(client: Client, since: datetime.date, until: datetime.date) -> None:
    """Raises NotThatTime."""
    today = timezone.localdate(timezone=client.clinic.zone)
    if not years_before(today, YEARS) <= since <= until <= today:
        raise NotThatTime


def of_client(*, client: Client, since: datetime.date, until: datetime.date, by: StaffMember) -> list[Disclosure]:
    """Every disclosure of the client on these days, the latest first, for staff: also what is suspended."""
    check_time(client, since, until)
    zone = client.clinic.zone
    rows = Disclosure.objects.visible_to(by).filter(client=client)
    made = rows.filter(disclosed_at__gte=beginning_of(since, zone), disclosed_at__lt=end_of(until, zone))
    return list(made.select_related("consent").order_by("-disclosed_at", "-pk"))


def sheet(
    *,
    client: Client,
    rows: list[Disclosure],
    since: datetime.date,
    until: datetime.date,
    by: StaffMember,
    now: datetime.datetime,
    for_another: bool = False,
) -> Sheet:
    """The accounting on paper: of each disclosure the date, recipient, address, what and why (45 CFR 164.528(b)(2))."""
    zone = client.clinic.zone
    return Sheet(
        title="Accounting of disclosures",
        file_name=f"disclosures-{client.pk}",
        whose=whose(client),
        lede="What this clinic shared about you, with whom, why, and when.",
        facts=(("Time", f"{worded(since, 'F j, Y')} to {worded(until, 'F j, Y')}"), ("Disclosures", str(len(rows)))),
        blocks=tuple(_block(row, zone) for row in rows) or (Block("", "Nothing was disclosed in this time."),),
        foot=foot(client, by=by, now=now, notice=for_another),
    )


def give(
    *,
    client: Client,
    since: datetime.date,
    until: datetime.date,
    form: str,
    recipient: giving.Recipient,
    by: StaffMember,
    asked: AskedAbout | None = None,
) -> tuple[RecordGiven, Sheet]:
    """Give the accounting: the row that says so (45 CFR 164.528(d)), and the sheet.

    What is suspended for now is in neither, and nothing tells that it isn't (`suspensions`).
    """
    demand(by, Permission.RECORD_GIVE, client)
    not_told = suspensions.left_out(client)
    rows = [each for each in of_client(client=client, since=since, until=until, by=by) if each.pk not in not_told]
    row = giving.give(
        client=client,
        what=RecordGiven.What.ACCOUNTING,
        form=form,
        recipient=recipient,
        contents={"disclosures": len(rows)},
        asked=asked,
        since=since,
        until=until,
        by=by,
    )
    shown = sheet(
        client=client,
        rows=rows,
        since=since,
        until=until,
        by=by,
        now=row.at,
        for_another=recipient.is_another,
    )
    return row, shown


def _block(row: Disclosure, zone: datetime.tzinfo) -> Block:
    when = worded(timezone.localtime(row.disclosed_at, zone), "F j, Y, g:i A")
    told = ", ".join(filter(None, (row.recipient, row.affiliation)))
    lines = (
        ("Address", row.address or "not known"),
        ("What", row.what),
        ("Why", row.why),
        ("Allowed by", ", ".join(filter(None, (row.get_basis_display(), row.authority)))),
    )
    return Block(f"{when}: {told}", lines=tuple((f"{label}: {said}", "") for label, said in lines))

"""The access log as people read it: by day and person, whose record, and what was done there, in words.

Repeats of one thing in one record on one day are one line with their times. A page of it is made of whole days, newest
first, so no count is cut in two; the database groups a day's entries (a million entries are never read for a page).
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypedDict, cast
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import log_words
from privacy.models import ChartAccess
from staff.days import beginning_of
from staff.models import StaffMember
from staff.typed_days import day_in_address

AT_ONCE = 2_000  # entries on a page, and at least one whole day
NARROW = 300  # of one client or one person: they are of many days
GROUPS = 6_000  # more lines than anyone reads; the page says so
TIMES_SHOWN = 4
RECORDS_SHOWN = 12  # of one person and day, beside others; alone, all of them
SPLIT_BY = ("staff_member_id", "client_id", "inquiry_id", "group_id", "view_name", "method", "status", "emergency")


class _Group(TypedDict):
    """Like entries of one day, as the database groups them."""

    on: datetime.date
    staff_member_id: int
    client_id: int | None
    inquiry_id: int | None
    group_id: int | None
    view_name: str
    method: str
    status: int
    emergency: bool
    times: list[datetime.datetime]


_Which = tuple[int | None, int | None, int | None]  # client, inquiry, group


@dataclass
class Deed:
    """One thing that someone did in one record on one day, and when."""

    words: str
    times: list[datetime.datetime] = field(default_factory=list)
    in_emergency: bool = False

    @property
    def count(self) -> int:
        """How often."""
        return len(self.times)

    @property
    def how_often(self) -> str:
        """“3 times”; empty for once."""
        return f"{self.count} times" if self.count > 1 else ""

    @property
    def when(self) -> str:
        """“9:02 AM, 9:40 AM, and 7 more until 4:15 PM”, by the clock of the page."""
        clock = [f"{timezone.localtime(at):%-I:%M %p}" for at in self.times]
        shown = list(dict.fromkeys(clock))
        if len(shown) <= TIMES_SHOWN + 1:
            return ", ".join(shown)
        return f"{', '.join(shown[:TIMES_SHOWN])}, and {len(shown) - TIMES_SHOWN} more until {shown[-1]}"


@dataclass
class Opened:
    """One record that someone opened on one day, and what they did there."""

    client_id: int | None
    inquiry_id: int | None
    group_id: int | None
    name: str = ""
    deeds: list[Deed] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Whose or which record."""
        if self.client_id is not None:
            return self.name or "No client you can see"
        return f"Inquiry {self.inquiry_id}" if self.inquiry_id is not None else f"Group {self.group_id}"


@dataclass
class PersonDay:
    """What one person did on one day."""

    on: datetime.date
    staff_member: StaffMember
    records: list[Opened] = field(default_factory=list)
    more: int = 0  # records that are not listed here
    charts: int = 0  # of how many clients, listed here or not

    @property
    def whole_day_url(self) -> str:
        """The log of this person on this day alone."""
        asked = {"staff": self.staff_member.pk, "since": self.on.isoformat(), "until": self.on.isoformat()}
        return f"{reverse('privacy:access_log')}?{urlencode(asked)}"


@dataclass(frozen=True)
class Days:
    """Whole days, newest first; `next` is the day before which the next page begins, empty at the end."""

    people: list[PersonDay]
    next: str = ""
    is_cut: bool = False

    @property
    def rows(self) -> list[PersonDay]:
        """What the end of a list asks: is there anything?"""
        return self.people

    @property
    def by_day(self) -> list[tuple[datetime.date, list[PersonDay]]]:
        """The people of each day."""
        days: dict[datetime.date, list[PersonDay]] = {}
        for each in self.people:
            days.setdefault(each.on, []).append(each)
        return list(days.items())


def days_of(
    rows: QuerySet[ChartAccess],
    *,
    by: StaffMember,
    before: str = "",
    whole: bool = False,
    at_once: int = 0,
    named: bool = True,
) -> Days:
    """A page of the log: the days before `before` (the newest, without), as `by` may read them.

    `rows` are entries that `by` may see. With `whole`, all records of a person's day are listed. `at_once` is how many
    entries a page has, unless one day has more. Without `named`, clients have no names.
    """
    zone = by.clinic.zone
    first_shown = day_in_address(before)
    if first_shown is not None:
        rows = rows.filter(at__lt=beginning_of(first_shown, zone))
    newest = rows.order_by("-at", "-pk").values_list("at", flat=True)
    at_once = at_once or (NARROW if whole else AT_ONCE)
    edge = list(newest[at_once : at_once + 1])
    following = ""
    if edge:
        last_day = timezone.localdate(edge[0], zone)
        if last_day != timezone.localdate(newest[0], zone):
            last_day += datetime.timedelta(days=1)  # the day of the edge is the first of the next page
        rows = rows.filter(at__gte=beginning_of(last_day, zone))
        following = last_day.isoformat()
    found = list(
        rows.order_by()
        .annotate(on=TruncDate("at", tzinfo=zone))
        .values("on", *SPLIT_BY)
        .annotate(times=ArrayAgg("at", order_by="at"))
        .order_by("-on", "staff_member_id")[: GROUPS + 1]
    )
    people = _people(cast("list[_Group]", found[:GROUPS]), by, named=named)
    for each in people:
        each.charts = sum(record.client_id is not None for record in each.records)
        if not whole and len(each.records) > RECORDS_SHOWN:
            each.more = len(each.records) - RECORDS_SHOWN
            each.records = each.records[:RECORDS_SHOWN]
    return Days(people, following, is_cut=len(found) > GROUPS)


def of_chart(client: Client, *, by: StaffMember, before: str = "") -> Days:
    """Who opened this chart, for those who may ask that; the records merged into this one included."""
    return days_of(ChartAccess.objects.about(client, by=by), by=by, before=before, whole=True)


def names_of(client_ids: Collection[int], *, by: StaffMember) -> dict[int, str]:
    """The names of those clients whom the person may see."""
    people = Client.objects.visible_to(by).filter(pk__in=client_ids)
    return {each.pk: each.full_name for each in people.only("given_name", "preferred_name", "family_name")}


def _people(groups: list[_Group], by: StaffMember, *, named: bool) -> list[PersonDay]:
    # whoever is named in an entry that `by` may read, wherever they work by now
    staff = StaffMember.objects.in_bulk({group["staff_member_id"] for group in groups})
    numbers = {group["client_id"] for group in groups if group["client_id"]} if named else ()
    names = names_of(numbers, by=by) if numbers else {}
    days: dict[tuple[datetime.date, int], PersonDay] = {}
    records: dict[tuple[datetime.date, int, _Which], Opened] = {}
    deeds: dict[tuple[datetime.date, int, _Which, str, bool], Deed] = {}
    for group in groups:
        on, who, which = group["on"], group["staff_member_id"], _which(group)
        if who not in staff:
            continue
        day = days.setdefault((on, who), PersonDay(on, staff[who]))
        if (on, who, which) not in records:
            records[on, who, which] = Opened(*which, name=names.get(which[0] or 0, ""))
            day.records.append(records[on, who, which])
        words = log_words.said(group["view_name"], group["method"], group["status"])
        key = on, who, which, words, group["emergency"]
        if key not in deeds:
            deeds[key] = Deed(words, in_emergency=group["emergency"])
            records[on, who, which].deeds.append(deeds[key])
        deeds[key].times = sorted([*deeds[key].times, *group["times"]])
    for record in records.values():
        record.deeds.sort(key=lambda deed: deed.times[0])
    for day in days.values():
        day.records.sort(key=lambda record: record.deeds[0].times[0])
    return sorted(days.values(), key=lambda day: (-day.on.toordinal(), str(day.staff_member)))


def _which(group: _Group) -> _Which:
    """The record: the client if there is one, else the inquiry, else the group."""
    if group["client_id"] is not None:
        return group["client_id"], None, None
    return (None, group["inquiry_id"], None) if group["inquiry_id"] is not None else (None, None, group["group_id"])

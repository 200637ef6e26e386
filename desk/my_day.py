"""Today's own appointments and group sessions, at the top of Today."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from appointments import addresses, calendar
from appointments.calendar import Entry
from staff.access import Permission, can
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.reading import Reading, reads


@dataclass(frozen=True)
class Line:
    """One of them, and whether it is over, going on, or to come."""

    entry: Entry
    is_past: bool
    is_now: bool
    book_url: str = ""


@reads
def my_day(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Line]]:
    """What the person has today, in order; nothing for a role without appointments."""
    if not can(staff_member, Permission.APPOINTMENT_VIEW):
        return []
    zone = staff_member.clinic.zone
    day = timezone.localdate(now, zone)
    found = yield from calendar.entries.part(
        clinic=staff_member.clinic,
        reader=staff_member,
        since=beginning_of(day, zone),
        until=end_of(day, zone),
        staff=[staff_member],
    )
    return [
        Line(entry, entry.ends_at <= now, entry.starts_at <= now < entry.ends_at, _next_one(entry, day))
        for entry in found
    ]


def _next_one(entry: Entry, today: datetime.date) -> str:
    """Book the next one from a week later on, and come back here."""
    if not entry.book_url:
        return ""
    in_a_week = today + datetime.timedelta(days=7)
    return addresses.with_known(entry.book_url, day=in_a_week, next=reverse("desk:today"))

"""A staff member's appointments for the calendar program of their phone: times only, at a secret address (RFC 5545).

Whoever has the address reads when the person is busy, and nothing else: no names, no purpose, no clinic. It can be
renewed at any time, which ends the old one, and it ends with the account.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets

from django.utils import timezone
from icalendar import Calendar, Event

from appointments import calendar
from appointments.calendar import Entry
from appointments.models import CalendarFeed
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember

BACK, AHEAD = datetime.timedelta(days=30), datetime.timedelta(days=365)
TITLE = "Appointment"
ASKED_AGAIN_AFTER = datetime.timedelta(hours=1)


def own(staff_member: StaffMember) -> CalendarFeed | None:
    """Someone's own feed, if there is one."""
    return CalendarFeed.objects.filter(staff_member=staff_member).first()


def renew(*, by: StaffMember) -> str:
    """Make a new secret for one's own feed; the old address stops at once. Returns it: it can't be read again.

    Raises NotPermitted.
    """
    demand(by, Permission.APPOINTMENT_VIEW)
    token = secrets.token_urlsafe(32)
    with act("appointments.renew_feed", by=by) as entry:
        feed, _ = CalendarFeed.objects.update_or_create(
            staff_member=by, defaults={"digest": _digest(token), "made_at": timezone.now(), "read_at": None}
        )
        entry.about(feed)
    return token


def end(*, by: StaffMember) -> bool:
    """Stop one's own feed. Returns whether there was one."""
    with act("appointments.end_feed", by=by) as entry:
        ended, _ = CalendarFeed.objects.filter(staff_member=by).delete()
        if not ended:
            entry.nothing_changed()
    return bool(ended)


def read(token: str, now: datetime.datetime) -> bytes | None:
    """The calendar at this address; None if there is none, or if its owner may not see appointments any more."""
    feed = CalendarFeed.objects.select_related("staff_member__clinic").filter(digest=_digest(token)).first()
    if feed is None or not can(feed.staff_member, Permission.APPOINTMENT_VIEW):
        return None
    owner = feed.staff_member
    if feed.read_at is None or feed.read_at < now - ASKED_AGAIN_AFTER:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    found = calendar.entries(clinic=owner.clinic, reader=owner, since=now - BACK, until=now + AHEAD, staff=[owner])
    return written(found, owner)


def written(entries: list[Entry], owner: StaffMember) -> bytes:
    """These entries as an iCalendar file, by the clinic's clock with its rules for daylight saving."""
    feed = Calendar()
    feed.add("prodid", "-//Onward//Calendar//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Work")
    zone = owner.clinic.zone
    for entry in entries:
        event = Event()
        begins = entry.starts_at.astimezone(zone)
        # of its own time and person: the same as long as it stands, and no key of a row
        event.add("uid", _digest(f"{owner.pk} {entry.starts_at.isoformat()} {entry.ends_at.isoformat()}")[:32])
        event.add("dtstamp", entry.starts_at.astimezone(datetime.UTC))
        event.add("dtstart", begins)
        event.add("dtend", entry.ends_at.astimezone(zone))
        event.add("summary", TITLE)
        event.add("class", "PRIVATE")
        feed.add_component(event)
    feed.add_missing_timezones()
    return bytes(feed.to_ical())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

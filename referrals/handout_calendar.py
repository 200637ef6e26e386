"""Up to three meetings as entries for the calendar of a phone (RFC 5545): when and where, and nothing that says what.

A calendar is shown on lock screens, shared with families and copied to employers. So the title is neutral; the place is
a street address, never the name of a house (“Alano Club”); a link is one that is only a number; and neither goes in
with a word that would tell.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from reminders.languages import Language
from reminders.revealing import revealing_in_address, revealing_words

from .handout import online_link
from .handout_words import WORDS
from .models import Meeting

# Rooms by number alone, at the services whose links are such numbers.
_ROOM = re.compile(
    r"(?:[\w-]+\.)?zoom(?:gov)?\.(?:us|com)/(?:j|w|wc/join)/\d+|meet\.google\.com/[a-z]{3}-[a-z]{4}-[a-z]{3}|"
    r"teams\.(?:microsoft|live)\.com/meet/\d+|(?:app\.|global\.)?gotomeet(?:ing)?\.(?:me|com)/(?:join/)?\d+"
)
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # a meeting's weekday 0 is Sunday


def written(listed: Iterable[Any], *, language: Language, now: datetime.datetime) -> bytes | None:
    """These meetings as an iCalendar file, on the clocks of their places. None if none has a day and is held."""
    calendar = Calendar()
    calendar.add("prodid", "-//Calendar//EN")  # required (RFC 5545 3.7.3); what made the file is nobody's business
    calendar.add("version", "2.0")
    entries = [_entry(each, language, now) for each in listed if each.next_start is not None]
    for entry in entries:
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical()) if entries else None


def _entry(meeting: Any, language: Language, now: datetime.datetime) -> Event:
    words = WORDS[language]
    entry = Event()
    entry.add("uid", _uid(meeting))
    entry.add("dtstamp", now.astimezone(datetime.UTC).replace(microsecond=0))
    _add_times(entry, meeting)
    entry.add("rrule", {"freq": "weekly", "byday": _DAYS[meeting.weekday]})
    entry.add("summary", words["event"])
    entry.add("class", "PRIVATE")
    if meeting.has_place and (place := _street(meeting)):
        entry.add("location", place)
    if (link := _numbered(online_link(meeting))) and not _tells(link):
        entry.add("url", link)
    if meeting.all_notes:
        entry.add("description", words["exceptions"])  # the notes themselves tell whose meeting it is
    return entry


def _add_times(entry: Event, meeting: Any) -> None:
    """The next time by the clock of its place, and its end, which may be on the next day.

    In the one night in which that clock changes during the meeting, its end by the clock is not so many minutes after
    its start. Every later week would inherit the difference, so its length is given then instead.
    """
    zone = meeting.zone
    lasts = datetime.timedelta(minutes=meeting.minutes)
    day = meeting.next_start.astimezone(zone).date()
    begins = datetime.datetime.combine(day, meeting.start, tzinfo=zone)
    ends = begins + lasts  # by the clock
    entry.add("dtstart", begins)
    if ends.astimezone(datetime.UTC) - begins.astimezone(datetime.UTC) == lasts:
        entry.add("dtend", ends)
    else:
        entry.add("duration", lasts)


def _uid(meeting: Meeting) -> str:
    """The same whenever it is made, so that a newer file moves the entry and doesn't double it; no key of a row."""
    row = meeting.known_as  # whichever listing leads now
    return hashlib.sha256(f"weekly {row.feed.clinic_id} {row.feed_id} {row.pk}".encode()).hexdigest()[:32]


def _street(meeting: Meeting) -> str:
    """The address from its house number on, without what the list calls the house; else the town. Empty if it tells."""
    parts = [each.strip() for each in meeting.address.split(",")]
    number = next((place for place, each in enumerate(parts) if re.match("[0-9]", each)), None)
    town = ", ".join(filter(None, (meeting.city, meeting.state)))
    street = town if number is None else ", ".join(parts[number:])
    return "" if revealing_words(street) else street


def _numbered(link: str) -> str:
    """The link if it is nothing but the number of a room: people give rooms names (“zoom.us/my/…”). Else empty."""
    parts = urlsplit(link)
    room = f"{(parts.hostname or '').lower()}{parts.path.rstrip('/')}"
    return link if _ROOM.fullmatch(room) else ""


def _tells(link: str) -> bool:
    host = urlsplit(link).hostname or ""
    return bool(revealing_words(re.sub(r"[\W_]+", " ", link)) or revealing_in_address(host))

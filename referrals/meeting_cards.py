"""Meetings as the finder lists them, in words: all that a card shows is put together here, once.

A page has twenty-five cards with twenty facts each. A template that works out each fact takes longer than the search.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from cases.models import Client

from . import clock_words
from .fellowships import LOCATION_CLOSED, Fellowship, meaning
from .listing import Attendance

KM_PER_MILE = 1.609344
_NOTES = 140  # characters of them on a card
_FELLOWSHIPS = {each.value: str(each.label) for each in Fellowship}
_ATTENDED = {each.value: str(each.label) for each in Attendance}


@dataclass(slots=True)
class Card:
    """One meeting in a list. Everything is text, ready to be shown."""

    number: str
    key: str
    url: str
    name: str
    fellowship: str
    attended: str
    at: str  # for machines; empty by appointment
    day: str
    begins: str
    elsewhere: str  # the time where the person is, if that differs
    ends: str
    has_begun: bool
    minutes_ahead: str
    place: str
    types: SafeString
    notes: str
    distance: str
    is_nowhere: bool  # it has a place, and nobody knows how far that is
    online: bool
    phone: bool
    is_ticked: bool  # for a handout


def cards(
    meetings: Iterable[Any],
    *,
    now: datetime.datetime,
    reader: datetime.tzinfo,
    client: Client | None = None,
    is_measured: bool = False,
    ticked: Collection[int] = (),
    first: int = 1,
) -> Iterator[Card]:
    """A card of each, as `finder.find` gives them. `is_measured`: distances are counted from somewhere.

    ticked: those chosen for a handout.
    """
    for number, meeting in enumerate(meetings, start=first):
        yield Card(
            number=str(number),
            key=str(meeting.pk),
            url=_address(client, meeting.pk),
            name=meeting.name,
            fellowship=_FELLOWSHIPS.get(meeting.fellowship, meeting.fellowship),
            attended=_ATTENDED.get(meeting.attendance, meeting.attendance),
            **_time(meeting, now, reader, client),
            place=_place(meeting),
            types=_types(meeting.fellowship, tuple(meeting.types), meeting.is_medication_friendly),
            notes=Truncator(meeting.notes).chars(_NOTES) if len(meeting.notes) > _NOTES else meeting.notes,
            distance=_distance(meeting),
            is_nowhere=is_measured and meeting.distance_km is None and meeting.has_place,
            online=_is_joined(meeting) and bool(meeting.conference_url),
            phone=_is_joined(meeting) and bool(meeting.conference_phone),
            is_ticked=meeting.pk in ticked,
        )


def _address(client: Client | None, meeting_id: int) -> str:
    if client:
        return reverse("referrals:client_meeting", args=[client.pk, meeting_id])
    return reverse("referrals:meeting", args=[meeting_id])


def _time(meeting: Any, now: datetime.datetime, reader: datetime.tzinfo, client: Client | None) -> dict[str, Any]:
    start = meeting.next_start
    if start is None:
        said = dict.fromkeys(("at", "day", "begins", "elsewhere", "ends", "minutes_ahead"), "")
        return {**said, "has_begun": False}
    when = clock_words.when(start, minutes=meeting.minutes, there=meeting.zone, reader=reader, now=now)
    whose = f"for {client.called}" if client else "here"
    ahead = when.minutes_ahead
    return {
        "at": start.astimezone(now.tzinfo).isoformat(),
        "day": when.day,
        "begins": when.begins_at,
        "elsewhere": f"{when.reader_at} {whose}" if when.is_elsewhere else "",
        "ends": when.ends_at,
        "has_begun": when.has_begun,
        "minutes_ahead": str(ahead) if ahead else "",
    }


def _place(meeting: Any) -> str:
    said: str = meeting.place_words if meeting.has_place else ""
    return f"{said} (only the area is given)" if said and meeting.approximate else said


@functools.lru_cache(maxsize=5_000)
def _types(fellowship: str, codes: tuple[str, ...], is_friendly: bool) -> SafeString:
    """The meanings of a meeting's codes: most meetings share theirs with many others."""
    names = [("", meaning(fellowship, code)) for code in codes if code != LOCATION_CLOSED]
    friendly = [(SafeString(' class="is-good"'), "Medication-friendly")] if is_friendly else []
    return format_html_join("", "<li{}>{}</li>", [*friendly, *names])


def _distance(meeting: Any) -> str:
    if meeting.distance_km is None:
        return ""
    return f"{'about ' if meeting.location_is_rough else ''}{meeting.distance_km / KM_PER_MILE:.1f} mi"


def _is_joined(meeting: Any) -> bool:
    return not meeting.has_place or meeting.attendance == Attendance.HYBRID

"""When a listed meeting is held next, on its own clock: the day to propose, and the moment to plan for."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from staff.typed_days import wall_clock_or_next

if TYPE_CHECKING:
    from .models import Meeting

WEEK = datetime.timedelta(days=7)


def next_day_of(meeting: Meeting | None, now: datetime.datetime) -> datetime.date | None:
    """The next day that the meeting is held; None without a listed day and time."""
    if meeting is None or meeting.weekday is None or meeting.start is None:
        return None
    here = timezone.localtime(now, meeting.zone)
    ahead = (meeting.weekday - here.isoweekday()) % 7
    if ahead == 0 and here.time() >= meeting.start:
        ahead = 7
    return here.date() + datetime.timedelta(days=ahead)


def next_start_of(meeting: Meeting | None, after: datetime.datetime) -> datetime.datetime | None:
    """The meeting's first start later than `after`; None without a listed day and time."""
    day = next_day_of(meeting, after)
    if day is None or meeting is None or meeting.start is None:
        return None
    starts = wall_clock_or_next(day, meeting.start, meeting.zone)
    # In the hour that clocks repeat, the clock shows a time before the start though the start is over.
    return starts if starts > after else wall_clock_or_next(day + WEEK, meeting.start, meeting.zone)

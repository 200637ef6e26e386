"""The stretches of the coming week in which a meeting may start, and how the database finds what starts in them.

Days and parts of the day are the reader's: each stretch is worked out on their clock, through its changes, and is a
stretch of absolute time from there on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from django.db.models import BooleanField, F, Q, Value
from django.db.models.expressions import Func, RawSQL

from .models.directory import MeetingQuerySet

Window: TypeAlias = tuple[datetime.datetime, datetime.datetime]

WEEK = 7 * 24 * 60  # minutes
# `week_minute` is halfway between winter and summer. No place is more than an hour off it.
SLACK = 60

MIDNIGHT = datetime.time(0)
PARTS_OF_DAY: dict[str, tuple[str, tuple[tuple[datetime.time, datetime.time], ...]]] = {
    "morning": ("Morning", ((datetime.time(5), datetime.time(12)),)),
    "afternoon": ("Afternoon", ((datetime.time(12), datetime.time(17)),)),
    "evening": ("Evening", ((datetime.time(17), datetime.time(21)),)),
    "night": ("Night", ((MIDNIGHT, datetime.time(5)), (datetime.time(21), MIDNIGHT))),
}
_ALL_DAY = ((MIDNIGHT, MIDNIGHT),)  # an end at midnight is the end of the day


def windows(
    *,
    since: datetime.datetime,
    zone: datetime.tzinfo,
    weekday: int | None = None,
    parts: Iterable[str] = (),
    after: datetime.time | None = None,
) -> list[Window]:
    """From `since` on for a week: the days with this number (0 = Sunday), in any of these parts, from `after` on.

    A meeting that is held today but has begun is next held in a week, so today's weekday comes twice.
    """
    stretches = [each for part in parts for each in PARTS_OF_DAY[part][1]] or list(_ALL_DAY)
    first = since.astimezone(zone).date()
    found: list[Window] = []
    for ahead in range(9):
        day = first + datetime.timedelta(days=ahead)
        if weekday is not None and day.isoweekday() % 7 != weekday:
            continue
        for begins, ends in stretches:
            if after is not None:
                if ends != MIDNIGHT and ends <= after:
                    continue
                begins = max(begins, after)
            last = day if ends != MIDNIGHT else day + datetime.timedelta(days=1)
            found.append((_moment(day, begins, zone), _moment(last, ends, zone)))
    return found


def _moment(day: datetime.date, clock: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    return datetime.datetime.combine(day, clock.replace(tzinfo=None), zone).astimezone(datetime.UTC)


def starting_in(meetings: MeetingQuerySet, stretches: Sequence[Window]) -> MeetingQuerySet:
    """Those whose `next_start` is in one of these."""
    ranges = ",".join(f"[{begins.isoformat()},{ends.isoformat()})" for begins, ends in stretches if begins < ends)
    held = Func(
        RawSQL("%s::tstzmultirange", ("{%s}" % ranges,)),  # noqa: UP031
        F("next_start"),
        template="(%(expressions)s)",
        arg_joiner=" @> ",
        output_field=BooleanField(),
    )
    return meetings.filter(about(stretches)).filter(held)


def about(stretches: Iterable[Window]) -> Q:
    """What the index tells before any time is computed: these stretches of the week, and an hour around them."""
    wanted: list[tuple[int, int]] = []
    for begins, ends in stretches:
        first = int(begins.timestamp() // 60) - SLACK
        last = int(-(-ends.timestamp() // 60)) + SLACK
        if last - first >= WEEK:
            return Q()
        start = first % WEEK
        end = start + last - first
        wanted += [(start, min(end, WEEK - 1))] + ([(0, end - WEEK)] if end >= WEEK else [])
    either = Q(pk__in=())
    for start, end in _joined(wanted):
        either |= Q(week_minute__range=(Value(start), Value(end)))
    return either


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found

"""The stretches of the coming week in which a meeting may start, and how the database finds what starts in them.

Days and parts of the day are the reader's: each stretch is worked out on their clock, through its changes, and is a
stretch of absolute time from there on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from django.db.models import BooleanField, DateTimeField, F, Q, Value
from django.db.models.expressions import Combinable, Func, RawSQL

from .models.directory import MeetingQuerySet

Window: TypeAlias = tuple[datetime.datetime, datetime.datetime]

WEEK = 7 * 24 * 60  # minutes
# `week_minute` is halfway between winter and summer. No place is more than an hour off it.
SLACK = 60
_FEW_DAYS = datetime.timedelta(days=4)  # with a day on either side, no weekday comes twice

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
    return meetings.filter(about(stretches)).filter(_likely(stretches)).filter(_within(F("next_start"), stretches))


def first(stretches: Sequence[Window], length: datetime.timedelta, *, since: datetime.datetime) -> list[Window]:
    """The first of these, from `since` on, until they are so long together."""
    found: list[Window] = []
    for begins, ends in sorted(stretches):
        begins = max(begins, since)
        if begins < ends and length > datetime.timedelta(0):
            found.append((begins, min(ends, begins + length)))
            length -= ends - begins
    return found


def _within(moment: Combinable, stretches: Iterable[Window]) -> Func:
    ranges = ",".join(f"[{begins.isoformat()},{ends.isoformat()})" for begins, ends in stretches if begins < ends)
    return Func(
        RawSQL("%s::tstzmultirange", ("{%s}" % ranges,)),  # noqa: UP031
        moment,
        template="(%(expressions)s)",
        arg_joiner=" @> ",
        output_field=BooleanField(),
    )


def _likely(stretches: Sequence[Window]) -> Q:
    """What a look at the clock tells, before the exact start is worked out, which takes ten times as long.

    The same day and time a week apart are in different stretches, so those of a few days are looked at together. A
    time that comes twice is read as the later one here, so each stretch is an hour longer.
    """
    together: list[list[Window]] = []
    for begins, ends in sorted(stretches):
        if ends - begins > _FEW_DAYS:
            return Q()
        if together and ends - together[-1][0][0] <= _FEW_DAYS:
            together[-1].append((begins, ends))
        else:
            together.append([(begins, ends)])
    either = Q(pk__in=())
    for each in together:
        day = each[0][0].astimezone(datetime.UTC).date() - datetime.timedelta(days=1)  # west of Greenwich
        on_the_clock = RawSQL(  # nosec B611 - a constant
            """((%s::date + ("referrals_meeting"."weekday" + %s) %% 7 + "referrals_meeting"."start")
                AT TIME ZONE "referrals_meeting"."time_zone")""",
            (day, 7 - day.isoweekday() % 7),
            output_field=DateTimeField(),
        )
        either |= Q(_within(on_the_clock, [(begins, ends + datetime.timedelta(hours=1)) for begins, ends in each]))
    return either


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

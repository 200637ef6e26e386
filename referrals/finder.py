"""Finds upcoming meetings by place, time, and type, in one query.

The database computes a meeting's next start in the meeting's own time zone, so it is right across clock changes and at
midnight. Only in-person locations have a distance.
"""

from __future__ import annotations

import datetime
import math
import zoneinfo
from collections.abc import Iterable
from typing import TypeAlias

from django.db.models import (
    BooleanField,
    DateTimeField,
    DurationField,
    F,
    FloatField,
    Func,
    SmallIntegerField,
    TextField,
    TimeField,
    Value,
)
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Cast
from django.utils import timezone

from staff import outside
from staff.refusals import Refusal

from .fellowships import NEEDS, Fellowship
from .listing import Attendance
from .locations import zip_point
from .models import Meeting
from .models.directory import MeetingQuerySet

GRACE = datetime.timedelta(minutes=10)  # what has just begun can still be joined
Place: TypeAlias = "tuple[float, float] | str"

_EARTH_KM = 6371.0088  # mean radius (IUGG)

# The next start at or after a moment (%s, twice), on the meeting's own clock: `m.today` is the local date then, `d.day`
# the next day with the meeting's weekday, `n.day` a week later if today's has begun already. Where clocks go back, a
# time that comes twice means the first (PostgreSQL would take the second).
_NEXT_START = """
(SELECT CASE WHEN (naive.instant - interval '1 hour') AT TIME ZONE m.zone = naive.wall
             THEN naive.instant - interval '1 hour' ELSE naive.instant END
   FROM (SELECT "referrals_meeting"."time_zone" AS zone, "referrals_meeting"."start" AS start,
                (%s::timestamptz AT TIME ZONE "referrals_meeting"."time_zone")::date AS today) m,
        LATERAL (SELECT m.today + mod("referrals_meeting"."weekday" - extract(dow FROM m.today)::int + 7, 7)
                        AS day) d,
        LATERAL (SELECT d.day + CASE WHEN (d.day + m.start) AT TIME ZONE m.zone < %s::timestamptz THEN 7 ELSE 0 END
                        AS day) n,
        LATERAL (SELECT n.day + m.start AS wall, (n.day + m.start) AT TIME ZONE m.zone AS instant) naive)
"""


class UnknownPlace(Refusal):
    """The place can't be found offline; no map service is used."""

    sentence = "Place not found. Enter a five-digit ZIP code, or latitude and longitude with a comma."


def locate(near: Place) -> tuple[float, float]:
    """(latitude, longitude) of a pair, a "lat,lon" text or a ZIP code. Raises UnknownPlace."""
    if isinstance(near, str):
        word = near.strip()
        if "," in word:
            parts = [outside.measure(part) for part in word.split(",")]
            point = (parts[0], parts[1]) if len(parts) == 2 and parts[0] is not None and parts[1] is not None else None
        else:
            point = zip_point(word)
        if point is None:
            raise UnknownPlace
        latitude, longitude = point
    else:
        latitude, longitude = near
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise UnknownPlace
    return latitude, longitude


def find(
    *,
    near: Place | None = None,
    within_km: float | None = None,
    weekday: int | None = None,
    after: datetime.time | None = None,
    types: Iterable[str] = (),
    online: bool | None = None,
    program: str | None = None,
    now: datetime.datetime,
    needs: Iterable[str] = (),
    zone: datetime.tzinfo | None = None,
    among: MeetingQuerySet | None = None,
) -> MeetingQuerySet:
    """Meetings that are listed and held, soonest first, with `next_start` (aware; None by appointment, at the end) and
    `distance_km` (None online).

    near: a ZIP code or (latitude, longitude). It hides what is only online, unless `online` asks for that.
    within_km: only places at most this far from `near`. Not applied to `online=True`, which is joined from anywhere.
    weekday (0 = Sunday), after: on the viewer's clock: `zone`, else that of `now`, else the current time zone, else
        (all of these being UTC, which is nobody's) each meeting's own. By appointment then drops out.
    types: codes of the fellowship, all of which must be there; "aa:W" is W at AA only. needs: keys of
        `fellowships.NEEDS`.
    online: True for online and hybrid, False for in person and hybrid, None for all.
    program: a fellowship, as `Fellowship.read` takes it. among: the meetings that the asking person may see.

    Raises UnknownPlace, and ValueError for a fellowship, weekday or need that does not exist.
    """
    meetings = Meeting.objects.all() if among is None else among
    meetings = meetings.current().exclude(attendance=Attendance.INACTIVE)
    if program:
        meetings = meetings.filter(fellowship=Fellowship.read(program))
    meetings = _of_kind(meetings, types, needs)

    begun_after = now - GRACE
    meetings = meetings.annotate(
        next_start=RawSQL(_NEXT_START, (begun_after, begun_after), output_field=DateTimeField())  # noqa: S611  # nosec B611 - a constant
    )
    meetings = _on_the_viewers_clock(meetings, weekday, after, zone or _viewers_zone(now))

    if online is not None:
        unwanted = Attendance.IN_PERSON if online else Attendance.ONLINE
        meetings = meetings.exclude(attendance=unwanted)
    if near is None:
        meetings = meetings.annotate(distance_km=Cast(Value(None), FloatField()))
    else:
        meetings = _near(meetings, locate(near), within_km if not online else None)
        if online is None:
            meetings = meetings.exclude(attendance=Attendance.ONLINE)
    return meetings.order_by(F("next_start").asc(nulls_last=True), F("distance_km").asc(nulls_last=True), "name", "pk")


def _of_kind(meetings: MeetingQuerySet, types: Iterable[str], needs: Iterable[str]) -> MeetingQuerySet:
    for each in types:
        fellowship, _, code = each.rpartition(":")
        meetings = meetings.filter(types__contains=[code])
        if fellowship:
            meetings = meetings.filter(fellowship=Fellowship.read(fellowship))
    for need in needs:
        if need not in NEEDS:
            raise ValueError(f"{need!r} is not a known need.")
        meetings = meetings.filter(types__overlap=sorted(NEEDS[need][1]))
    return meetings


def _viewers_zone(now: datetime.datetime) -> datetime.tzinfo | None:
    for candidate in (now.tzinfo, timezone.get_current_timezone()):
        if candidate is not None and str(candidate) not in ("UTC", "None") and candidate != datetime.UTC:
            return candidate
    return None


def _offset(zone: datetime.tzinfo) -> str:
    """A fixed zone's distance from UTC as PostgreSQL reads an interval, e.g. "-05:00"."""
    return datetime.datetime(2000, 1, 1, tzinfo=zone).isoformat()[19:]


def _on_the_viewers_clock(
    meetings: MeetingQuerySet, weekday: int | None, after: datetime.time | None, zone: datetime.tzinfo | None
) -> MeetingQuerySet:
    if weekday is None and after is None:
        return meetings
    clock: Combinable
    if zone is None:
        clock = F("time_zone")
    elif isinstance(zone, zoneinfo.ZoneInfo):
        clock = Value(zone.key, output_field=TextField())
    else:  # a fixed offset, whose name PostgreSQL would read with the opposite sign
        clock = Cast(Value(_offset(zone)), DurationField())
    meetings = meetings.annotate(
        viewers_start=Func(clock, F("next_start"), function="timezone", output_field=DateTimeField())
    )
    if weekday is not None:
        if weekday not in range(7):
            raise ValueError("A weekday goes from 0 (Sunday) to 6 (Saturday).")
        meetings = meetings.alias(
            viewers_weekday=Func(
                F("viewers_start"),
                template="extract(dow FROM %(expressions)s)::smallint",
                output_field=SmallIntegerField(),
            )
        ).filter(viewers_weekday=weekday)
    if after is not None:
        meetings = meetings.alias(
            viewers_time=Func(F("viewers_start"), template="(%(expressions)s)::time", output_field=TimeField())
        ).filter(viewers_time__gte=after)
    return meetings


def _near(meetings: MeetingQuerySet, point: tuple[float, float], within_km: float | None) -> MeetingQuerySet:
    """Annotate the distance in kilometers; with a limit, first cut a box out of the index, then measure."""
    latitude, longitude = point
    meetings = meetings.annotate(
        distance_km=RawSQL(  # haversine; numbers only, as parameters
            """CASE WHEN "referrals_meeting"."position" IS NULL THEN NULL ELSE 2 * %s * asin(least(1, sqrt(
                power(sin(radians("referrals_meeting"."latitude" - %s) / 2), 2)
                + cos(radians(%s)) * cos(radians("referrals_meeting"."latitude"))
                * power(sin(radians("referrals_meeting"."longitude" - %s) / 2), 2)))) END""",
            (_EARTH_KM, latitude, latitude, longitude),
            output_field=FloatField(),
        )
    )
    if within_km is None:
        return meetings
    up = math.degrees(within_km / _EARTH_KM)
    shrink = math.cos(math.radians(min(89.0, abs(latitude) + up)))
    aside = math.degrees(within_km / _EARTH_KM / shrink)
    if abs(longitude) + aside < 180 and abs(latitude) + up < 89:  # else the box would break at the edge of the map
        meetings = meetings.filter(  # answered by the GiST index
            RawSQL(
                '"referrals_meeting"."position" <@ box(point(%s, %s), point(%s, %s))',
                (longitude - aside, latitude - up, longitude + aside, latitude + up),
                output_field=BooleanField(),
            )
        )
    return meetings.filter(distance_km__lte=within_km)

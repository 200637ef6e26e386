"""Finds upcoming meetings by place, time, and type, in one query.

The database computes a meeting's next start in the meeting's own time zone, so it is right across clock changes and at
midnight. Only in-person locations have a distance. The nearest are answered by an index, whatever else is asked.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from django.db.models import DateTimeField, F, FloatField, Func, Q, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Cast, Lower, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from staff import outside
from staff.refusals import Refusal

from .fellowships import NEEDS, Fellowship
from .listing import DEFAULT_DURATION, Attendance
from .locations import zip_point
from .models import Meeting
from .models.directory import FRIENDLY_TO_MEDICATION, MeetingQuerySet
from .week_windows import MIDNIGHT, PARTS_OF_DAY, Window, about, starting_in, windows

GRACE = datetime.timedelta(minutes=10)  # what has just begun can still be joined
SOON = datetime.timedelta(hours=2)
MOMENT = datetime.timedelta(microseconds=1)  # windows end before their end: at two hours exactly is still soon
NEAREST, SOONEST = "nearest", "soonest"
Place: TypeAlias = "tuple[float, float] | str"

_EARTH_KM = 6371.0088  # mean radius (IUGG)
_SHORT = 180  # minutes: hardly any meeting lasts longer


class NextStart(Func):
    """The first start at or after a moment, on the clock of the meeting's place (migration 0001_initial)."""

    function = "referrals_next_start"
    output_field = DateTimeField()

    def __init__(self, since: Combinable) -> None:
        super().__init__(F("weekday"), F("start"), F("time_zone"), since)


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
    order: str | None = None,
    parts: Iterable[str] = (),
    soon: bool = False,
    in_progress: bool = False,
    by_phone: bool = False,
    medication: bool = False,
    words: str = "",
) -> MeetingQuerySet:
    """Meetings that are listed and held, with `next_start` (aware; None by appointment) and `distance_km` (None where
    it is not known, and online).

    order: NEAREST is by exact distance, of one place the soonest first, at the end what has no known distance. SOONEST
        is by the next start, then by distance, at the end what is by appointment. Left open: nearest if `near` is given
        and more than online meetings are asked for.
    near: a ZIP code or (latitude, longitude). It hides what is only online, unless `online` asks for that.
    within_km: only places at most this far from `near`. Not applied to `online=True`, which is joined from anywhere.
        What has no coordinates is not among them: `off_the_map.unlocated` finds it.
    weekday (0 = Sunday), after, parts (keys of `week_windows.PARTS_OF_DAY`, any of them): on the viewer's clock, that
        of `zone`, else of `now`, else of the current time zone, else (all of these being UTC, which is nobody's) each
        meeting's own. By appointment then drops out.
    soon: starting within two hours, or begun within the ten minutes of grace. in_progress: begun and not over;
        `next_start` is then when it began.
    types: codes of the fellowship, all of which must be there; "aa:W" is W at AA only. needs: keys of
        `fellowships.NEEDS`.
    online: True for online and hybrid, False for in person and hybrid, None for all. by_phone: those that a telephone
        is enough for.
    medication: those that welcome people who take medication for their recovery, by their or their fellowship's word.
    words: each of them in the meeting's or group's name, venue, address, town or area.
    program: a fellowship, as `Fellowship.read` takes it. among: the meetings that the asking person may see.
    now: on any clock. Beyond whose clock it is on, it is a moment: hours that pass are reckoned with, not those that a
        wall shows, which on two nights a year are others.

    Raises UnknownPlace, and ValueError for a fellowship, weekday, part of the day, need or order that does not exist.
    """
    zone, now = zone or _viewers_zone(now), now.astimezone(datetime.UTC)
    point = None if near is None else locate(near)
    is_remote = bool(online) or by_phone
    wanted = Q(attendance__in=_attended(online, by_phone, is_near=point is not None and not is_remote))
    if program:
        wanted &= Q(fellowship=Fellowship.read(program))
    if medication:
        wanted &= FRIENDLY_TO_MEDICATION
    wanted &= _of_kind(types, needs)
    measured: dict[str, Any] = {"next_start": NextStart(_just_over(now) if in_progress else Value(now - GRACE))}
    measured["distance_km"] = Cast(Value(None), FloatField()) if point is None else _distance(point)
    if by_phone:
        wanted &= ~Q(conference_phone="")
    if words.strip():
        wanted &= _saying(words)
    if in_progress:
        wanted &= _begun(now)
    if point and within_km is not None and not is_remote:
        wanted &= around(point, within_km) & Q(distance_km__lte=within_km)
    listed = (Meeting.objects.all() if among is None else among).current()
    meetings: Any = listed.annotate(**measured).filter(wanted)
    meetings = _on_the_viewers_clock(meetings, weekday, after, tuple(parts), zone, now)
    if soon:
        meetings = starting_in(meetings, [_soon(now)])
    return _ordered(meetings, order or (SOONEST if point is None or is_remote else NEAREST), point)


def those(found: MeetingQuerySet, keys: Iterable[int]) -> MeetingQuerySet:
    """Of what was found, these: as they were, in their order, and not looked for again."""
    meetings: Any = found.model._default_manager.filter(pk__in=keys)
    meetings = meetings.annotate(**{name: found.query.annotations[name] for name in ("next_start", "distance_km")})
    ordered: MeetingQuerySet = meetings.order_by(*found.query.order_by)
    return ordered


def _attended(online: bool | None, by_phone: bool, *, is_near: bool) -> list[str]:
    """How the meetings that are asked for are attended."""
    ways = {Attendance.IN_PERSON, Attendance.HYBRID, Attendance.ONLINE}
    if online or by_phone:
        ways.discard(Attendance.IN_PERSON)
    if online is False or (online is None and is_near):
        ways.discard(Attendance.ONLINE)
    return sorted(ways)


def stretches(
    *,
    weekday: int | None = None,
    after: datetime.time | None = None,
    parts: Iterable[str] = (),
    soon: bool = False,
    in_progress: bool = False,
    now: datetime.datetime,
    zone: datetime.tzinfo,
    **others: object,  # noqa: ARG001  # they say nothing of the time
) -> list[Window]:
    """In what stretches those that are asked for start (as `find` takes it); none if they have begun."""
    now = now.astimezone(datetime.UTC)
    if in_progress:
        return []
    if soon:
        return [_soon(now)]
    return windows(since=now - GRACE, zone=zone, weekday=weekday, parts=parts, after=after)


def _soon(now: datetime.datetime) -> Window:
    return now - GRACE, now + SOON + MOMENT


def _ordered(meetings: MeetingQuerySet, order: str, point: tuple[float, float] | None) -> MeetingQuerySet:
    soonest = F("next_start").asc(nulls_last=True)
    if order == SOONEST:
        return meetings.order_by(soonest, F("distance_km").asc(nulls_last=True), "name", "pk")
    if order != NEAREST:
        raise ValueError(f"{order!r} is no order.")
    if point is None:
        raise ValueError("Nearest to what?")
    return meetings.order_by(apart(point).asc(), soonest, "name", "pk")


def _of_kind(types: Iterable[str], needs: Iterable[str]) -> Q:
    wanted = Q()
    for each in types:
        fellowship, _, code = each.rpartition(":")
        wanted &= Q(types__contains=[code])
        if fellowship:
            wanted &= Q(fellowship=Fellowship.read(fellowship))
    for need in needs:
        if need not in NEEDS:
            raise ValueError(f"{need!r} is not a known need.")
        wanted &= Q(types__overlap=sorted(NEEDS[need][1]))
    return wanted


def _saying(words: str) -> Q:
    wanted = Q()
    for word in re.split(r"[\s,]+", words.strip())[:8]:
        if word:
            sought = Lower(Value(word))
            # An index of three letters each knows nothing of two: it would be read whole.
            wanted &= Q(searched__contains=sought) if len(word) > 2 else Q(GreaterThan(StrIndex("searched", sought), 0))
    return wanted


def _just_over(now: datetime.datetime) -> RawSQL:
    """The moment since which what is on now has begun: a meeting of that length that began before is over."""
    return RawSQL(  # nosec B611 - a constant
        """%s::timestamptz - make_interval(mins => coalesce("referrals_meeting"."duration", %s)) + interval '1 us'""",
        (now, DEFAULT_DURATION),
        output_field=DateTimeField(),
    )


def _begun(now: datetime.datetime) -> Q:
    """Those that are on: their first start since `_just_over` has been."""

    def within(minutes: int) -> Q:
        return about([(now - datetime.timedelta(minutes=minutes), now)])

    short = Q(duration=None) | Q(duration__lte=_SHORT)
    return (short & within(_SHORT) | Q(duration__gt=_SHORT) & within(24 * 60)) & Q(next_start__lte=now)


def _viewers_zone(now: datetime.datetime) -> datetime.tzinfo | None:
    for candidate in (now.tzinfo, timezone.get_current_timezone()):
        if candidate is not None and str(candidate) not in ("UTC", "None") and candidate != datetime.UTC:
            return candidate
    return None


def _on_the_viewers_clock(
    meetings: MeetingQuerySet,
    weekday: int | None,
    after: datetime.time | None,
    parts: tuple[str, ...],
    zone: datetime.tzinfo | None,
    now: datetime.datetime,
) -> MeetingQuerySet:
    if weekday is None and after is None and not parts:
        return meetings
    if weekday is not None and weekday not in range(7):
        raise ValueError("A weekday goes from 0 (Sunday) to 6 (Saturday).")
    if unknown := set(parts) - PARTS_OF_DAY.keys():
        raise ValueError(f"{sorted(unknown)} are no parts of the day.")
    if zone is not None:
        since = now - datetime.timedelta(days=1)  # what is on may have begun yesterday
        return starting_in(meetings, windows(since=since, zone=zone, weekday=weekday, parts=parts, after=after))
    if weekday is not None:
        meetings = meetings.filter(weekday=weekday)
    if after is not None:
        meetings = meetings.filter(start__gte=after)
    if parts:
        either = Q()
        for begins, ends in (each for part in parts for each in PARTS_OF_DAY[part][1]):
            either |= Q(start__gte=begins) & (Q(start__lt=ends) if ends != MIDNIGHT else Q())
        meetings = meetings.filter(either)
    return meetings


def apart(point: tuple[float, float]) -> RawSQL:
    """The way to a meeting straight through the Earth, as a share of its radius: what the index knows the order of."""
    latitude, longitude = map(math.radians, point)
    return RawSQL(  # nosec B611 - numbers only, as parameters
        '("referrals_meeting"."position" <-> cube(ARRAY[%s, %s, %s]::float8[]))',
        (
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        ),
        output_field=FloatField(),
    )


def _distance(point: tuple[float, float]) -> Func:
    """In kilometers, over the surface."""
    return Func(
        apart(point),
        # not quite half: to the other side of the Earth, rounding must not make it more than 1
        template=f"(2 * {_EARTH_KM} * asin(%(expressions)s * 0.4999999999999999))",
        output_field=FloatField(),
    )


def kilometers(point: tuple[float, float], other: tuple[float, float]) -> float:
    """The same for two points at hand."""
    (north, east), (to_north, to_east) = (tuple(map(math.radians, each)) for each in (point, other))
    half = math.sin((to_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def around(point: tuple[float, float], within_km: float) -> Q:
    """Places that are this near, and in the corners around: out of an index, before anything is measured."""
    latitude, longitude = point
    up = math.degrees(within_km / _EARTH_KM)
    aside = math.degrees(within_km / _EARTH_KM / math.cos(math.radians(min(89.0, abs(latitude) + up))))
    box = Q(position__isnull=False, latitude__range=(latitude - up, latitude + up))
    if abs(longitude) + aside < 180 and abs(latitude) + up < 89:  # else the box would break at the edge of the map
        box &= Q(longitude__range=(longitude - aside, longitude + aside))
    return box

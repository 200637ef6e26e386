"""Meetings in a place that nobody gave coordinates for: no distance can be told, and none may be lost for that.

They are listed after those whose distance is known, if they may well be near: their town is that of the start point, or
another meeting in that town is within the distance. With no town given, the list they are on decides: it has
meetings within the distance, or none with coordinates at all.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from .finder import Place, around, find, locate
from .listing import Attendance
from .locations import zip_town, zone_at
from .models import Meeting, MeetingFeed
from .models.directory import MeetingQuerySet

WITHIN_KM = 40.0  # where no distance is chosen
_IN_A_PLACE = (Attendance.IN_PERSON, Attendance.HYBRID)


def are_any(among: MeetingQuerySet) -> bool:
    """Whether there are such meetings at all, near or far: most lists have none, and nothing else needs to be asked."""
    return among.filter(retired_at=None, attendance__in=_IN_A_PLACE, position__isnull=True).exists()


def unlocated(
    *, near: Place, within_km: float | None, now: datetime.datetime, among: MeetingQuerySet, **asked: Any
) -> MeetingQuerySet:
    """What suits all that is `asked` (as `finder.find` takes it) and may be within the distance, soonest first."""
    point = locate(near)
    here = around(point, within_km or WITHIN_KM)
    # Where a town is, any listing tells: not only those that lead, or the plan of the question takes 8 ms by itself.
    located = Meeting.objects.filter(here, retired_at=None)
    town, state = zip_town(near) if isinstance(near, str) else ("", "")
    has_town = ~Q(city="")
    no_town = Q(city="") & (Q(state__in=("", state)) if state else Q(state=""))
    same_town = Exists(located.filter(city__iexact=OuterRef("city"), state__iexact=OuterRef("state")))
    somewhere = Meeting.objects.filter(feed=OuterRef("pk"), retired_at=None, position__isnull=False)
    lists = MeetingFeed.objects.filter(Q(pk__in=located.values("feed")) | ~Exists(somewhere))
    # Abroad, nothing tells where a town is: all of a list without coordinates, if its clocks are those of the start.
    abroad = ~Q(country__in=("USA", "")) & has_town & Q(time_zone=zone_at(*point))
    asked.pop("order", None)
    return find(now=now, among=among, **asked).filter(
        has_town & (Q(city__iexact=town, state__iexact=state) | same_town)
        | (no_town if state else no_town | abroad) & Q(feed__in=lists),
        attendance__in=_IN_A_PLACE,
        position__isnull=True,
    )

"""When a message may arrive: 08:00:00 to 20:59:59 where the person lives, one a day, three a week.

These are the hours of the Telephone Consumer Protection Act (47 CFR 64.1200(c)(1)).
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable

OPENS = datetime.time(8, 0)
CLOSES = datetime.time(21, 0)  # the first moment that is too late
PER_DAY = 1
PER_WEEK = 3


def next_opening(at: datetime.datetime, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """The first moment from `at` on that is inside the hours, in UTC."""
    local = at.astimezone(zone)
    if OPENS <= local.time() < CLOSES:
        return at
    return opening_on(local.date() + datetime.timedelta(days=1 if local.time() >= CLOSES else 0), zone)


def opening_on(day: datetime.date, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """08:00 of a day on the clocks of `zone`, in UTC. No zone changes its clocks at that hour."""
    return datetime.datetime.combine(day, OPENS, tzinfo=zone).astimezone(datetime.UTC)


def next_free(at: datetime.datetime, zone: zoneinfo.ZoneInfo, sent: Iterable[datetime.datetime]) -> datetime.datetime:
    """The first moment from `at` on that keeps to one message a day and three in seven days, in UTC."""
    today = at.astimezone(zone).date()
    days = [moment.astimezone(zone).date() for moment in sent]
    for ahead in range(8):
        day = today + datetime.timedelta(days=ahead)
        in_week = sum(day - datetime.timedelta(days=6) <= each <= day for each in days)
        if days.count(day) < PER_DAY and in_week < PER_WEEK:
            return at if ahead == 0 else opening_on(day, zone)
    return opening_on(today + datetime.timedelta(days=7), zone)

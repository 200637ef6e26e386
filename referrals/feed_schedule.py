"""Which feeds are read tonight, and when: each at its own minute between one and five in the morning.

Derived from when a feed was read last, so nothing has to be kept in order, and a night that was missed (a worker that
stood still, a clock that was set) is made up for as soon as someone looks.
"""

from __future__ import annotations

import datetime
import hashlib

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest

from referrals import orders
from referrals.models import ImportOrder, ImportRun, MeetingFeed

FROM, MINUTES = datetime.time(1), 4 * 60  # in the clinic's zone


def order_due(now: datetime.datetime) -> int:
    """Order an import of each feed whose time has come; returns how many."""
    ordered = 0
    for feed in due(now):
        try:
            orders.place(feed=feed, by=None)
        except orders.AlreadyOrdered:
            continue
        ordered += 1
    return ordered


def due(now: datetime.datetime) -> list[MeetingFeed]:
    """Feeds in use with an address that were last read before their last time."""
    runs = ImportRun.objects.filter(feed=OuterRef("pk")).order_by("-at", "-pk")
    ordered = ImportOrder.objects.filter(feed=OuterRef("pk")).order_by("-ordered_at", "-pk")
    feeds = (
        MeetingFeed.objects.filter(is_active=True)
        .exclude(url="")
        .exclude(often=MeetingFeed.Often.BY_HAND)
        .exclude(orders__in=ImportOrder.objects.waiting())
        .select_related("clinic")
        .annotate(read_at=Greatest(Subquery(runs.values("at")[:1]), Subquery(ordered.values("ordered_at")[:1])))
        .order_by("pk")
    )
    return [feed for feed in feeds if feed.read_at is None or feed.read_at < last_time(feed, now)]


def last_time(feed: MeetingFeed, now: datetime.datetime) -> datetime.datetime:
    """When the feed last was to be read. Feeds, and clinics with the same feed, don't all ask at once."""
    chance = int.from_bytes(hashlib.sha256(f"feed {feed.pk}".encode()).digest()[:4])
    minutes, weekday = chance % MINUTES, chance // MINUTES % 7
    zone = feed.clinic.zone
    day = now.astimezone(zone).date()
    if feed.often == MeetingFeed.Often.WEEKLY:
        day -= datetime.timedelta(days=(day.weekday() - weekday) % 7)
    start = datetime.datetime.combine(day, FROM) + datetime.timedelta(minutes=minutes)
    moment = start.replace(tzinfo=zone)
    if moment > now:
        moment = (start - datetime.timedelta(days=int(feed.often))).replace(tzinfo=zone)
    return moment

"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from referrals import feed_schedule, matching, orders


@shared_task(soft_time_limit=540, time_limit=570)  # below the broker's visibility_timeout, and orders.LEASE
def import_ordered_feed() -> int:
    """Import the oldest feed that someone ordered. One at a time: the next knock takes the next."""
    return int(orders.carry_out_next(timezone.now()) is not None)


@shared_task
def order_due_feeds() -> int:
    """Order the feeds that are read every night or week."""
    return feed_schedule.order_due(timezone.now())


@shared_task(soft_time_limit=540, time_limit=570)
def match_own_meetings() -> int:
    """Compare what clinics have added or changed by hand with what the lists say."""
    return matching.match_changed_by_hand(timezone.now())

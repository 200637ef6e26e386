"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from referrals import orders


@shared_task
def import_ordered_feed() -> int:
    """Fetch and import the oldest feed that someone ordered. One at a time: the next knock takes the next."""
    return int(orders.carry_out_next(timezone.now()) is not None)

"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .intake import offers


@shared_task
def lapse_offers() -> int:
    """Expire offers not accepted by their last day."""
    return offers.lapse_offers(timezone.now())

"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .signing import integrity
from .tablet import handover


@shared_task
def check_signed_notes() -> int:
    """Check every signed note of each clinic once a night: a part of them every minute."""
    return integrity.check_where_due(timezone.now())


@shared_task
def end_handovers() -> int:
    """End tablet sessions no one handed back: answers are kept, and no more are accepted."""
    return handover.end_due(timezone.now())

"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from counseling import integrity


@shared_task
def check_signed_notes() -> int:
    """Once a night in each clinic, every signed note is checked against what was signed."""
    return integrity.check_where_due(timezone.now())

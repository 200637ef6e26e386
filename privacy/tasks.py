"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from privacy import audit_checks, audit_heads, audit_mail, unusual


@shared_task
def check_audit_logs() -> int:
    """Check both logs of each clinic once a night, a part of them every minute; email what was found."""
    found = audit_checks.check_where_due(timezone.now())
    audit_mail.send_where_due()
    return found


@shared_task
def note_audit_heads() -> int:
    """Append where each log ends now to the file of ends."""
    return audit_heads.note(audit_heads.now_in_the_database())


@shared_task
def look_for_unusual_access() -> int:
    """Look through the days of the access log that are over for what the privacy officer should see."""
    return unusual.look_where_due(timezone.now())

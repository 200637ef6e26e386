"""Whether this process can do its work, for a container's health check or a load balancer.

These are our own fifteen lines: the packaged check runs each test in a thread with its own database connection, and
prints more about the machine than a stranger needs to know.
"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import KombuError

from reminders import backup_runs, heartbeats
from reminders.models import Heartbeat
from staff.access import public


@public
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 “ok” if the database and the broker respond, otherwise 503 with the name of the one that does not."""
    failing = [name for name, works in (("database", _database), ("broker", _broker)) if not works()]
    if failing:
        return HttpResponse(f"not answering: {', '.join(failing)}", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@public
def jobs(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 “ok” if beat, worker and sender gave a sign of life in the past five minutes, otherwise 503 with who did not.

    Where backups are expected, it says as well if the last good one is older than a night may make it.

    For a monitor, not for a container: the site answers well while nothing is being sent.
    """
    if not _database():
        return HttpResponse("not answering: database", status=503, content_type="text/plain")
    now = timezone.now()
    rows = list(Heartbeat.objects.all())
    silent = [each.name for each in heartbeats.pulses(now, rows) if each.is_silent]
    found = [f"silent: {', '.join(silent).lower()}"] if silent else []
    backups = backup_runs.standing(now, rows=rows)
    if backups.is_late:
        found.append(f"no backup in the past {backups.hours} hours")
    if found:
        return HttpResponse("; ".join(found), status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OSError, KombuError):
        return False
    return True

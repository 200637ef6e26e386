"""Jobs that do not get into each other's way: one of a kind at a time, and a step that fails ends with itself."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection

from reminders.models import Turn

log = logging.getLogger("onward.reminders")


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else does this job; while it is true, nobody else begins.

    A row, since a lock of the database's would need a connection that no pooler shares. A worker that died or stands
    still holds it for as long as a task may take, and not longer.
    """
    holder = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reminders_turn (name, holder, until)
            VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
            ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
            WHERE reminders_turn.until < clock_timestamp()
            """,
            {"name": name, "holder": holder, "seconds": settings.CELERY_TASK_TIME_LIMIT},
        )
        is_ours = cursor.rowcount == 1
    try:
        yield is_ours
    finally:
        if is_ours:
            Turn.objects.filter(name=name, holder=holder).delete()


def each(*steps: Callable[[], Any]) -> None:
    """Do one after the other. One that fails is logged, and the next is done; Celery's soft limit ends them all."""
    for step in steps:
        try:
            step()
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("A step failed: %s", getattr(step, "__qualname__", step))

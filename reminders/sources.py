"""What due dates call for, put into the outbox ahead of time: each message once, from the app that owns the date.

settings.REMINDER_SOURCES names the functions: `upcoming(clinic, since, until)` returns Promises. Another due date makes
another message; the old one has lost its cause when it is sent (settings.REMINDER_CAUSES). The same date at another
hour, or with another number to call, moves the message that waits.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable, Iterator

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils.module_loading import import_string

from reminders import choices, outbox
from staff.models import Clinic
from staff.promises import Promise

log = logging.getLogger("onward.reminders")

AHEAD = datetime.timedelta(days=15)  # one day more than the page of the next 14 days shows
BEHIND = datetime.timedelta(days=2)  # what fell due while no job ran; the outbox drops what is of no use any more
CHUNK = 500


def schedule_due(now: datetime.datetime) -> int:
    """Put what falls due in the next 15 days into the outbox, each once, and as it is now. Returns how many are new.

    A source that fails is logged, and the others go on: one rule that can't be read must not silence the rest.
    """
    new = 0
    for clinic in Clinic.objects.order_by("pk"):
        for path in settings.REMINDER_SOURCES:
            try:
                new += _schedule(import_string(path)(clinic, now - BEHIND, now + AHEAD), clinic, now)
            except SoftTimeLimitExceeded:
                raise  # the task is to end
            except Exception:
                log.exception("Reminders of %s: what falls due could not be read", path)
    return new


def keeps_asking(kind: str) -> bool:
    """Whether messages of this kind are promised anew every hour, and move while they wait."""
    module, _, _ = settings.REMINDER_CAUSES.get(kind, "").rpartition(".")
    return f"{module}.upcoming" in settings.REMINDER_SOURCES


def _schedule(promises: Iterable[Promise], clinic: Clinic, now: datetime.datetime) -> int:
    off = {kind for _, kind in choices.off([clinic.pk])}
    wanted = (each for each in promises if each.kind not in off and (each.not_after is None or each.not_after > now))
    return sum(outbox.schedule_all(chunk, clinic=clinic, now=now) for chunk in _chunks(wanted))


def _chunks(promises: Iterable[Promise]) -> Iterator[list[Promise]]:
    chunk: list[Promise] = []
    for each in promises:
        chunk.append(each)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

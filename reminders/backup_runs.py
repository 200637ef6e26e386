"""How the nightly backups go: `manage.py backup` notes it beside the signs of life of everything else that runs alone.

The command runs outside the workers, with the rights of the tables' owner, which they never have (docs/backups.md). So
what is known here is that it ran, and when: a night without a note is as bad as one with a failure.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from reminders.models import Heartbeat
from reminders.thresholds import BACKUP_HOURS
from staff.models import Clinic

GOOD, FAILED = "backup", "backup failed"
AHEAD = datetime.timedelta(minutes=5)  # of a clock that is wrong


@dataclass(frozen=True)
class Backups:
    """When the last good one was made and when one last failed; None: never."""

    good_at: datetime.datetime | None
    failed_at: datetime.datetime | None
    hours: int
    is_late: bool

    @property
    def last_failed(self) -> bool:
        """Whether the latest try failed."""
        return self.failed_at is not None and (self.good_at is None or self.failed_at > self.good_at)


def succeeded() -> None:
    """A nightly backup was made and read back."""
    Heartbeat.objects.update_or_create(name=GOOD, defaults={"at": timezone.now()})


def failed() -> None:
    """One was not made."""
    Heartbeat.objects.update_or_create(name=FAILED, defaults={"at": timezone.now()})


def notes() -> QuerySet[Heartbeat]:
    """Both rows."""
    return Heartbeat.objects.filter(name__in=(GOOD, FAILED))


def standing(
    now: datetime.datetime, *, clinic: Clinic | None = None, rows: Iterable[Heartbeat] | None = None
) -> Backups:
    """How they stand; late where the last good one is older than the clinic's number of hours, if any are expected."""
    at = {row.name: row.at for row in (notes() if rows is None else rows)}
    hours = BACKUP_HOURS.for_clinic(clinic) if clinic else BACKUP_HOURS.default
    good = at.get(GOOD)
    is_old = good is None or now - good > datetime.timedelta(hours=hours) or good - now > AHEAD
    return Backups(good, at.get(FAILED), hours, is_late=bool(settings.BACKUPS_EXPECTED) and is_old)

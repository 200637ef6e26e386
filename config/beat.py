"""Beat's scheduler: Celery's own, which a clock that was set back does not silence.

Celery waits until an entry's last run is long enough ago. If the clock is set back by three hours, or was three hours
ahead when beat stopped (the schedule's file keeps it), nothing would be knocked at for three hours, restart or not.

Each minute it leaves a sign of life, so that a stopped beat is told apart from a stopped worker.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, connection

log = logging.getLogger("onward.beat")
EVERY = 60.0  # seconds


class Scheduler(PersistentScheduler):
    """Forgets last runs that lie in the future, and says each minute that it lives."""

    told_at = -EVERY

    def tick(self, *args: Any, **options: Any) -> float:
        """Look once, and return in how many seconds to look again."""
        entries = list(self.schedule.values())
        ahead = [each for each in entries if each.last_run_at is not None and each.last_run_at > each.default_now()]
        if ahead:
            log.warning("The clock was set back: the schedule begins anew")
            for entry in ahead:
                entry.last_run_at = entry.default_now()
            self._heap = None  # it is in the order of the future
        wait: float = super().tick(*args, **options)
        self._say_that_it_lives()
        return min(wait, EVERY)

    def _say_that_it_lives(self) -> None:
        if time.monotonic() - self.told_at < EVERY:
            return
        from reminders import heartbeats  # once the apps are loaded: Celery imports this module before

        try:
            heartbeats.beat(heartbeats.BEAT)
            self.told_at = time.monotonic()
        except DatabaseError:
            connection.close()  # the next sign is given on a new one
            log.warning("No database: no sign of life")  # the knocks go on; the workers find out by themselves

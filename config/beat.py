"""Beat's scheduler: Celery's own, which a clock that was set back does not silence.

Celery waits until an entry's last run is long enough ago. If the clock is set back by three hours, or was three hours
ahead when beat stopped (the schedule's file keeps it), nothing would be knocked at for three hours, restart or not.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler

log = logging.getLogger("onward.beat")


class Scheduler(PersistentScheduler):
    """Forgets last runs that lie in the future."""

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
        return wait

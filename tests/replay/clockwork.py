"""Beat under a moved clock: the reminders' jobs of the real schedule, at every minute at which they have work."""

from __future__ import annotations

import datetime
import heapq
import itertools
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db.models import Min

from config.celery import app
from reminders.models import OptOut, Reminder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LOOKS_AHEAD = "reminders.tasks.schedule_upcoming"


class Days:
    """What happens, each at its moment, and the jobs that beat would start meanwhile.

    Jobs run by their schedule wherever they could find work. The outbox has none while nothing is due. What falls due
    in 15 days is looked for in the hour after anything happened, and once a day, instead of in each of 720 hours.
    """

    def __init__(self, clock: Any, begin: datetime.datetime) -> None:
        self.clock, self.now = clock, begin
        self.ahead: list[tuple[datetime.datetime, int, Callable[[], object]]] = []
        self.order = itertools.count()
        app.loader.import_default_modules()
        of_reminders = [each for each in app.conf.beat_schedule.values() if each["task"].startswith("reminders.")]
        self.often = [app.tasks[each["task"]] for each in of_reminders if each["schedule"] <= 60]
        self.hourly = [app.tasks[each["task"]] for each in of_reminders if each["schedule"] > 60]
        assert {each["schedule"] for each in of_reminders} == {60.0, 3600.0}, "this test knows these two rhythms"
        self.looked_ahead = begin - DAY

    def at(self, moment: datetime.datetime, happens: Callable[..., object], *facts: Any, **named: Any) -> None:
        """Let something happen at a moment, by the clock of that moment."""
        assert moment >= self.now
        heapq.heappush(self.ahead, (moment, next(self.order), lambda: happens(*facts, **named)))

    def run(self, until: datetime.datetime) -> int:
        """Live through it, minute by minute where there is anything to do. Returns how many minutes that were."""
        current_app.conf.task_always_eager = True
        minutes, has_changed = 0, True
        try:
            while self.now < until:
                self.clock.move_to(self.now, tick=False)
                minutes += 1
                while self.ahead and self.ahead[0][0] <= self.now:
                    heapq.heappop(self.ahead)[2]()
                    has_changed = True
                if self.now.minute == 0:
                    for task in self.hourly:
                        if task.name != LOOKS_AHEAD or has_changed or self.now - self.looked_ahead >= DAY:
                            task()
                    if has_changed or self.now - self.looked_ahead >= DAY:
                        self.looked_ahead, has_changed = self.now, False
                due = self._next_due()
                if has_changed or self._answers_are_owed() or (due is not None and due <= self.now):
                    for task in self.often:
                        task()
                    due = self._next_due()
                self.now = self._next(due)
        finally:
            current_app.conf.task_always_eager = False
        return minutes

    def _next(self, due: datetime.datetime | None) -> datetime.datetime:
        """The hour strikes, something happens, a message is due, an answer is owed: whatever is first."""
        candidates = [(self.now + HOUR).replace(minute=0)]
        candidates += [self.ahead[0][0]] if self.ahead else []
        candidates += [due] if due is not None else []
        candidates += [self.now + MINUTE] if self._answers_are_owed() else []
        return max(self.now + MINUTE, ceil(min(candidates)))

    @staticmethod
    def _next_due() -> datetime.datetime | None:
        found: datetime.datetime | None = Reminder.objects.filter(state=Reminder.State.PENDING).aggregate(
            due=Min("due_at")
        )["due"]
        return found

    def _answers_are_owed(self) -> bool:
        lately = self.now - HOUR
        stop = OptOut.objects.filter(confirmed_at=None, received_at__gt=lately)
        return stop.exists() or OptOut.objects.filter(lift_confirmed_at=None, lifted_at__gt=lately).exists()


def ceil(moment: datetime.datetime) -> datetime.datetime:
    """The first full minute from a moment on: when beat knocks."""
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + MINUTE

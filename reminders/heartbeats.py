"""Signs of life of what runs without anyone looking: beat knocks, a worker answers, the sender sends.

Beat writes its own row (config/beat.py), the jobs write theirs: so an age says which of them stopped. A worker's says
that the whole way to it works: beat, broker, worker, database.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from reminders.models import Heartbeat

BEAT, JOBS, SENDER, ANSWERS = "beat", "jobs", "sender", "answers"
NAMES = {
    BEAT: "Timer (beat)",
    JOBS: "Scheduled jobs (worker)",
    SENDER: "Sending (worker)",
    ANSWERS: "Answers (worker)",
}
SILENT_AFTER = datetime.timedelta(minutes=5)  # each beats every minute


@dataclass(frozen=True)
class Pulse:
    """When a part of the product last gave a sign of life; None: never."""

    name: str
    at: datetime.datetime | None
    is_silent: bool


def beat(name: str) -> None:
    """Say that it works, by the sayer's own clock: a process whose clock is wrong finds the wrong ones due."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def pulses(now: datetime.datetime, rows: list[Heartbeat] | None = None) -> list[Pulse]:
    """Every part, whether or not it was ever heard of, by the reader's clock.

    A sign from the future is none: one of the two clocks is wrong.
    """
    known = {row.name: row.at for row in (Heartbeat.objects.all() if rows is None else rows)}
    return [Pulse(label, known.get(name), _is_silent(known.get(name), now)) for name, label in NAMES.items()]


def _is_silent(at: datetime.datetime | None, now: datetime.datetime) -> bool:
    return at is None or now - at > SILENT_AFTER or at - now > SILENT_AFTER

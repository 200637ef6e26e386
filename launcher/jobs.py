"""The processes that do what no page waits for: the jobs' worker, the sender, and beat."""

from __future__ import annotations

import sys
from pathlib import Path

JOBS, SENDER, BEAT = "The worker", "The sender", "Beat"


def command(name: str, *, schedule: Path, app: str = "config", suffix: str = "") -> list[str]:
    """How to start one of them. `schedule` is beat's file; `suffix` tells several of one kind apart.

    The sender answers, too: a clinic has a worker of its own for that (docker-compose.yml).
    """
    celery = [sys.executable, "-m", "celery", "-A", app]
    worker = ["worker", "--loglevel", "INFO", "--without-gossip"]
    if name == BEAT:
        return [*celery, "beat", "--loglevel", "INFO", "--schedule", str(schedule), "--pidfile="]
    host, queues, processes = ("jobs", "celery", "1") if name == JOBS else ("sending", "sending,answers", "3")
    return [*celery, *worker, "--hostname", f"{host}{suffix}@%h", "--queues", queues, "--concurrency", processes]

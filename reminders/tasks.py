"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reminders import crisis, delivery, heartbeats, inbox, milestones, opt_outs, sender, sources, what_came

BATCH = 10  # due for each sender that is woken


@shared_task
def send_due_reminders() -> int:
    """Answer those who replied, and wake the senders. Returns how many are due."""
    heartbeats.beat(heartbeats.JOBS)
    what_came.read(timezone.now())
    crisis.answer_due(timezone.now())
    opt_outs.confirm_due(timezone.now())
    inbox.nudge_due(timezone.now())
    due = delivery.how_many_due(timezone.now(), most=BATCH * settings.REMINDER_SENDERS)
    for _ in range(max(1, min(settings.REMINDER_SENDERS, -(-due // BATCH)))):  # with nothing due: a sign of life
        empty_outbox.delay()
    return due


@shared_task
def empty_outbox() -> int:
    """Deliver until nothing is due, or until another task had better go on. Returns how many."""
    heartbeats.beat(heartbeats.SENDER)
    states, is_empty = sender.empty_outbox(seconds=settings.CELERY_TASK_SOFT_TIME_LIMIT / 2)
    if not is_empty:
        empty_outbox.delay()
    return states.total()


@shared_task
def deliver_one(reminder_id: int, claim: str) -> str:
    """Deliver one claimed reminder."""
    return delivery.deliver(reminder_id, claim, timezone.now())


@shared_task
def release_stale_claims() -> int:
    """Release what dead workers held."""
    return delivery.release_stale(timezone.now())


@shared_task
def schedule_milestones() -> int:
    """Put the milestones of this day into the outbox, each once."""
    return milestones.schedule_due(timezone.now())


@shared_task
def schedule_upcoming() -> int:
    """Put what falls due in the next 15 days into the outbox, each message once."""
    return sources.schedule_due(timezone.now())


@shared_task
def read_what_came() -> int:
    """Read replies and reports from the phone provider."""
    return what_came.read(timezone.now())

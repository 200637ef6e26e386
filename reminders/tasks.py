"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times.

What talks to a provider has its own tasks on queues of their own (settings.CELERY_TASK_ROUTES): a slow mail server
keeps neither the other jobs waiting nor an answer to someone in danger.
"""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reminders import (
    crisis,
    delivery,
    heartbeats,
    help_line,
    inbox,
    opt_outs,
    sender,
    sources,
    turns,
    what_came,
)

BATCH = 10  # due for each sender that is woken


@shared_task
def send_due_reminders() -> None:
    """Wake whoever sends and whoever answers, and read what came. Nothing here waits for a provider."""
    heartbeats.beat(heartbeats.JOBS)
    turns.each(_wake_senders, nudge_colleagues.delay, read_what_came)


def _wake_senders() -> None:
    due = delivery.how_many_due(timezone.now(), most=BATCH * settings.REMINDER_SENDERS)
    for _ in range(max(1, min(settings.REMINDER_SENDERS, -(-due // BATCH)))):  # with nothing due: a sign of life
        empty_outbox.delay()


def _wake_answers() -> None:
    turns.each(answer_danger.delay, confirm_replies.delay)


@shared_task
def read_what_came() -> int:
    """Read replies and reports from the phone provider, and have answered what calls for it. Returns how many."""
    found = 0
    try:
        found = what_came.read(timezone.now())
    finally:  # those that were read before one broke off are to be answered
        _wake_answers()
    return found


@shared_task
def answer_danger() -> int:
    """Send 911 and 988 to those who wrote that they are in danger. Returns how many.

    Several may run at once, each at another number: nobody waits behind a provider that does not answer.
    """
    heartbeats.beat(heartbeats.ANSWERS)
    return crisis.answer_due(timezone.now())


@shared_task
def confirm_replies() -> None:
    """Confirm opt-outs and opt-ins, and send the help line."""
    with turns.alone("confirm replies") as is_ours:
        if is_ours:
            turns.each(
                lambda: opt_outs.confirm_due(timezone.now()),
                lambda: help_line.answer_due(timezone.now()),
            )


@shared_task
def nudge_colleagues() -> int:
    """Tell colleagues by email that their inbox holds something new. Returns how many."""
    with turns.alone("nudge colleagues") as is_ours:
        return inbox.nudge_due(timezone.now()) if is_ours else 0


@shared_task
def empty_outbox() -> int:
    """Deliver until nothing is due, or until another task had better go on. Returns how many."""
    heartbeats.beat(heartbeats.SENDER)
    states, is_empty = sender.empty_outbox(seconds=settings.CELERY_TASK_SOFT_TIME_LIMIT / 2)
    if not is_empty:
        empty_outbox.delay()
    return states.total()


@shared_task
def release_stale_claims() -> int:
    """Release what dead workers held."""
    return delivery.release_stale(timezone.now())


@shared_task
def schedule_upcoming() -> int:
    """Put what falls due in the next 15 days into the outbox, each message once."""
    return sources.schedule_due(timezone.now())

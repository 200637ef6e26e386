"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

import time
import uuid
from collections import deque

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reminders import crisis, delivery, heartbeats, milestones, opt_outs

BATCH = 10  # few: what a dying worker holds waits until its lease ends


@shared_task
def send_due_reminders() -> int:
    """Answer those who replied, and wake the senders. Returns how many are due."""
    heartbeats.beat(heartbeats.JOBS)
    crisis.answer_due(timezone.now())
    opt_outs.confirm_due(timezone.now())
    due = delivery.how_many_due(timezone.now(), most=BATCH * settings.REMINDER_SENDERS)
    for _ in range(max(1, min(settings.REMINDER_SENDERS, -(-due // BATCH)))):  # with nothing due: a sign of life
        empty_outbox.delay()
    return due


@shared_task
def empty_outbox() -> int:
    """Claim and deliver a few at a time until nothing is due. Returns how many."""
    heartbeats.beat(heartbeats.SENDER)
    until, done = time.monotonic() + settings.CELERY_TASK_SOFT_TIME_LIMIT / 2, 0
    while time.monotonic() < until:
        claims = delivery.claim_due(timezone.now(), BATCH)
        done += _deliver(claims, until)
        if len(claims) < BATCH and time.monotonic() < until:
            return done
    empty_outbox.delay()
    return done


def _deliver(claims: list[tuple[int, uuid.UUID]], until: float) -> int:
    """Deliver while there is time and the channel does not rest; put back what was not tried. Returns how many were."""
    waiting, resting, tried = deque(claims), list[tuple[int, uuid.UUID]](), 0
    try:
        while waiting and time.monotonic() < until:
            one = waiting.popleft()
            if delivery.rests(one[0], timezone.now()):
                resting.append(one)
                continue
            tried += 1
            delivery.deliver(*one, timezone.now())
    finally:
        delivery.give_back([*resting, *waiting])
    return tried


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

"""Jobs, started by beat (config/celery.py). Each finds its own work in the database and may run any number of times."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reminders import crisis, delivery, milestones, opt_outs

BATCH = 100


@shared_task
def send_due_reminders() -> int:
    """Claim what is due and hand each to a worker. If the broker loses one, its lease ends and it is claimed again."""
    crisis.answer_due(timezone.now())
    opt_outs.confirm_due(timezone.now())
    claims = delivery.claim_due(timezone.now(), BATCH)
    for reminder_id, claim in claims:
        deliver_one.delay(reminder_id, str(claim))
    return len(claims)


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

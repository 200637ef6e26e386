"""Delivery: a worker claims what is due, checks again whether it may be sent, sends it once, and records the outcome.

The rows are the source of truth, and the broker only a trigger. A claim is one conditional UPDATE and a lease: if its
worker dies, `release_stale` gives the reminder to another. Every change after the claim is fenced by it. One gap
remains: a worker that dies between the provider's answer and our commit. The second attempt then carries the same
idempotency key.
"""

from __future__ import annotations

import datetime
import logging
import uuid

from django.conf import settings
from django.db import connection, transaction

from reminders import channels, checks, hours, staff_tasks, wording
from reminders.models import DeliveryAttempt, MessageTemplate, Reminder
from staff import phones
from staff.acts import act

log = logging.getLogger("onward.reminders")

State, Outcome = Reminder.State, DeliveryAttempt.Outcome
RETRY_AFTER = (datetime.timedelta(minutes=2), datetime.timedelta(minutes=10), datetime.timedelta(minutes=30))
MOST_ATTEMPTS = 1 + len(RETRY_AFTER)


def claim_due(now: datetime.datetime, limit: int) -> list[tuple[int, uuid.UUID]]:
    """Take up to `limit` reminders that are due, each for this caller alone: (reminder id, claim).

    MATERIALIZED matters: as a plain subquery the planner may run it once per row and take more than the limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS MATERIALIZED (
                SELECT id FROM reminders_reminder WHERE state = 'pending' AND due_at <= %(now)s
                ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            )
            UPDATE reminders_reminder r SET state = 'claimed', claim = gen_random_uuid(), claimed_at = %(now)s
            FROM due WHERE r.id = due.id AND r.state = 'pending'
            RETURNING r.id, r.claim
            """,
            {"now": now, "limit": limit},
        )
        return [(reminder_id, claim) for reminder_id, claim in cursor.fetchall()]


def deliver(reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime) -> str:
    """Send one claimed reminder, or record why it is not sent. Returns its new state.

    Does nothing if the claim is not (or no longer) the reminder's: a second call never sends a second time.
    """
    ready = _prepare(reminder_id, claim, now)
    if ready is None:
        return Reminder.objects.values_list("state", flat=True).get(pk=reminder_id)
    reminder, attempt, message = ready
    try:
        channels.send(reminder.channel, message)
    except channels.Undeliverable as error:
        _finish(reminder, attempt, claim, now, outcome=Outcome.FAILED, detail=str(error))
    except Exception as error:  # whatever a provider throws, the reminder is tried again or handed to a person
        log.warning("Reminder %s: try %s failed with %s", reminder.pk, attempt.number, type(error).__name__)
        _finish(reminder, attempt, claim, now, outcome=Outcome.RETRY, detail=type(error).__name__)
    else:
        _finish(reminder, attempt, claim, now, outcome=Outcome.SENT, detail="")
    return Reminder.objects.values_list("state", flat=True).get(pk=reminder_id)


def release_stale(now: datetime.datetime) -> int:
    """Release what workers claimed and did not finish within the lease. Returns how many."""
    stale = Reminder.objects.filter(
        state=State.CLAIMED, claimed_at__lt=now - datetime.timedelta(seconds=settings.REMINDER_LEASE_SECONDS)
    )
    with transaction.atomic():
        ids = list(stale.select_for_update(skip_locked=True).values_list("pk", flat=True))
        DeliveryAttempt.objects.filter(reminder__in=ids, outcome=Outcome.STARTED).update(
            outcome=Outcome.LOST, finished_at=now
        )
        return Reminder.objects.filter(pk__in=ids).update(state=State.PENDING, claim=None, claimed_at=None)


def _prepare(
    reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime
) -> tuple[Reminder, DeliveryAttempt, channels.Message] | None:
    """Check everything under the claim and record that an attempt begins; None if nothing is to be sent now."""
    with transaction.atomic():
        reminder = (
            Reminder.objects.select_for_update(of=("self",))
            .select_related("clinic", "client__clinic", "staff_member")
            .filter(pk=reminder_id, claim=claim, state=State.CLAIMED)
            .first()
        )
        if reminder is None:
            return None
        verdict = checks.judge(reminder, now)
        if isinstance(verdict, checks.Drop):
            task = verdict.task and reminder.is_a_promise
            _end(reminder, State.CANCELLED, verdict.reason, now, task=task, held_back=verdict.held_back)
            return None
        if isinstance(verdict, checks.Wait):
            _back_to_pending(reminder, verdict.until, verdict.reason)
            return None
        if reminder.attempts >= MOST_ATTEMPTS:
            _end(reminder, State.FAILED, f"tried {reminder.attempts} times", now, task=True)
            return None
        key = channels.idempotency_key(f"reminder-{reminder.pk}")
        try:
            message = _message(reminder, verdict.to, key)
        except ValueError as error:
            _end(reminder, State.FAILED, str(error), now, task=True)
            return None
        reminder.attempts += 1
        reminder.save(update_fields=["attempts"])
        attempt = DeliveryAttempt.objects.create(
            reminder=reminder,
            number=reminder.attempts,
            started_at=now,
            channel=reminder.channel,
            contact_value=verdict.to,
            idempotency_key=key,
        )
        return reminder, attempt, message


def _message(reminder: Reminder, to: str, key: str) -> channels.Message:
    """The text to send. Raises ValueError, fit to show, if it is not neutral, too long or incomplete."""
    own = MessageTemplate.objects.filter(
        clinic=reminder.clinic_id, kind=reminder.kind, channel=reminder.channel
    ).first()
    body = own.body if own else wording.default_body(reminder.kind)
    subject = (own.subject if own else "") or wording.NEUTRAL_SUBJECT
    try:
        text = wording.render(body, {"number": phones.spoken(reminder.clinic.phone), **reminder.context})
    except KeyError as error:
        raise ValueError(f"the message needs {error.args[0]}, which is missing") from error
    if len(text) > wording.LONGEST:
        raise ValueError(f"the message is longer than {wording.LONGEST} characters")
    if wording.revealing_words(f"{subject} {text}"):
        raise ValueError("the message is not neutral")
    return channels.Message(to, subject, text, channels.sender_name(reminder.clinic), key)


def _finish(
    reminder: Reminder,
    attempt: DeliveryAttempt,
    claim: uuid.UUID | str,
    now: datetime.datetime,
    *,
    outcome: str,
    detail: str,
) -> None:
    """Record an attempt's result, fenced by the claim."""
    with transaction.atomic():
        DeliveryAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, detail=detail[:200], finished_at=now)
        current = Reminder.objects.select_for_update(of=("self",)).get(pk=reminder.pk)
        mine = current.state == State.CLAIMED and str(current.claim) == str(claim)
        if outcome == Outcome.SENT and (mine or current.state in (State.PENDING, State.CANCELLED)):
            # Released or called off while it was leaving: that it left is the truth, and it must not leave again.
            _end(current, State.SENT, "", now, task=False)
        elif not mine:
            log.warning("Reminder %s: another worker has it; this try (%s) changes nothing", reminder.pk, outcome)
        elif outcome == Outcome.RETRY and (again := _next_try(current, now)) is not None:
            _back_to_pending(current, again, "the last attempt failed")
        else:
            _end(current, State.FAILED, detail or "the provider did not accept it", now, task=True)


def _next_try(reminder: Reminder, now: datetime.datetime) -> datetime.datetime | None:
    """When to retry, or None if all attempts are used up or it would be too late."""
    if reminder.attempts >= MOST_ATTEMPTS:
        return None
    again = hours.next_opening(now + RETRY_AFTER[reminder.attempts - 1], reminder.zone)
    return None if reminder.too_late(again) else again


def _back_to_pending(reminder: Reminder, due_at: datetime.datetime, reason: str) -> None:
    reminder.state, reminder.due_at, reminder.reason = State.PENDING, due_at, reason
    reminder.claim = reminder.claimed_at = None
    reminder.save(update_fields=["state", "due_at", "reason", "claim", "claimed_at"])


def _end(
    reminder: Reminder, state: str, reason: str, now: datetime.datetime, *, task: bool, held_back: str = ""
) -> None:
    reminder.state, reminder.reason = state, reason[:200]
    reminder.claim = reminder.claimed_at = None
    reminder.sent_at = now if state == State.SENT else None
    reminder.ended_at = None if state == State.SENT else now
    with act(f"reminders.{state}", by=None, client=reminder.client, clinic=reminder.clinic) as entry:
        reminder.save(update_fields=["state", "reason", "claim", "claimed_at", "sent_at", "ended_at"])
        if task:
            staff_tasks.instead_of(reminder, reason, now, held_back=held_back)
        entry.about(reminder, reason=reason)

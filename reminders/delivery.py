"""Delivery: a worker claims what is due, checks again whether it may be sent, sends it once, and records the outcome.

The rows are the source of truth, and the broker only a trigger. A claim is one conditional UPDATE and a lease: if its
worker dies, `release_stale` gives the reminder to another. Every change after the claim is fenced by it. The lease is
renewed when the try begins, and a reminder has one open try at most. One gap remains: a worker that dies between the
provider's answer and our commit. Where the provider drops a second message with the same key, it is sent again;
elsewhere a person is told that it may have arrived.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Sequence

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least

from reminders import breaker, channels, checks, retries, staff_tasks, wording
from reminders.models import DeliveryAttempt, MessageTemplate, Reminder
from staff import phones
from staff.acts import act

log = logging.getLogger("onward.reminders")

State, Outcome = Reminder.State, DeliveryAttempt.Outcome
NOT_CHECKED = "what is checked before sending failed"
MAY_HAVE_ARRIVED = "may have arrived: the provider did not say whether it took it"


def claim_due(now: datetime.datetime, limit: int) -> list[tuple[int, uuid.UUID]]:
    """Take up to `limit` reminders that are due, each for this caller alone: (reminder id, claim).

    Those of a channel that rests stay where they are. MATERIALIZED matters: as a plain subquery the planner may run it
    once per row and take more than the limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS MATERIALIZED (
                SELECT id FROM reminders_reminder WHERE state = 'pending' AND due_at <= %(now)s
                AND channel <> ALL(%(paused)s)
                ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            )
            UPDATE reminders_reminder r SET state = 'claimed', claim = gen_random_uuid(), claimed_at = %(now)s
            FROM due WHERE r.id = due.id AND r.state = 'pending'
            RETURNING r.id, r.claim
            """,
            {"now": now, "limit": limit, "paused": breaker.paused(now)},
        )
        return [(reminder_id, claim) for reminder_id, claim in cursor.fetchall()]


def rests(reminder_id: int, now: datetime.datetime) -> bool:
    """Whether the channel of a claimed reminder rests: then it is given back, not tried."""
    return Reminder.objects.filter(pk=reminder_id, channel__in=breaker.paused(now)).exists()


def give_back(claims: Sequence[tuple[int, uuid.UUID]]) -> int:
    """Put back what was claimed and never begun, due as before. Returns how many were still this caller's."""
    if not claims:
        return 0
    mine = Reminder.objects.filter(
        pk__in=[pk for pk, _ in claims], claim__in=[claim for _, claim in claims], state=State.CLAIMED
    )
    return mine.update(state=State.PENDING, claim=None, claimed_at=None)


def how_many_due(now: datetime.datetime, *, most: int) -> int:
    """How many wait to be sent now, counted up to `most`."""
    due = Reminder.objects.filter(state=State.PENDING, due_at__lte=now).exclude(channel__in=breaker.paused(now))
    return due.order_by()[:most].count()


def deliver(reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime) -> str:
    """Send one claimed reminder, or record why it is not sent. Returns its new state.

    Does nothing if the claim is not (or no longer) the reminder's: a second call never sends a second time.
    Celery's SoftTimeLimitExceeded is recorded and raised again: the task is to end.
    """
    _begin(reminder_id, claim)
    try:
        ready = _prepare(reminder_id, claim, now)
    except Exception as error:  # whatever a check throws: the next one due must not wait, and a person hears of it
        log.exception("Reminder %s: what is checked before sending failed", reminder_id)
        _check_failed(reminder_id, claim, now)
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        ready = None
    if ready is not None:
        return _send(*ready, claim, now)
    return Reminder.objects.values_list("state", flat=True).get(pk=reminder_id)


def _send(
    reminder: Reminder,
    attempt: DeliveryAttempt,
    message: channels.Message,
    claim: uuid.UUID | str,
    now: datetime.datetime,
) -> str:
    """Hand the message over and record what became of it. Returns the reminder's new state."""
    try:
        channels.send(reminder.channel, message)
    except channels.Undeliverable as error:
        return _finish(reminder, attempt, claim, now, outcome=Outcome.FAILED, detail=str(error))
    except channels.MayHaveArrived as error:
        outcome = _in_doubt(reminder)
        return _finish(reminder, attempt, claim, now, outcome=outcome, detail=str(error) or MAY_HAVE_ARRIVED)
    except Exception as error:  # whatever a provider throws, the reminder is tried again or handed to a person
        log.warning("Reminder %s: try %s failed with %s", reminder.pk, attempt.number, type(error).__name__)
        wait = error.wait if isinstance(error, channels.TryLater) else None
        outcome = _in_doubt(reminder) if isinstance(error, channels.BROKEN_OFF) else Outcome.RETRY
        state = _finish(reminder, attempt, claim, now, outcome=outcome, detail=type(error).__name__, asked_to_wait=wait)
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return state
    else:
        return _finish(reminder, attempt, claim, now, outcome=Outcome.SENT, detail="")


def _in_doubt(reminder: Reminder) -> str:
    """What follows when nobody knows whether the provider took it."""
    return Outcome.RETRY if channels.drops_doubles(reminder.channel) else Outcome.LOST


def release_stale(now: datetime.datetime) -> int:
    """Release what workers claimed and did not finish within the lease. Returns how many.

    A try that they left open is closed, whatever became of its reminder meanwhile.
    """
    expired = now - datetime.timedelta(seconds=settings.REMINDER_LEASE_SECONDS)
    with transaction.atomic():
        ids = list(
            Reminder.objects.filter(state=State.CLAIMED, claimed_at__lt=expired)
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)
        )
        left_open = DeliveryAttempt.objects.filter(outcome=Outcome.STARTED, started_at__lt=expired)
        unsure = list(
            left_open.filter(reminder__in=ids)
            .exclude(channel__in=settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES)
            .values_list("reminder", flat=True)
        )
        left_open.exclude(reminder__state=State.CLAIMED).update(outcome=Outcome.LOST, finished_at=now)
        left_open.filter(reminder__in=ids).update(outcome=Outcome.LOST, finished_at=now)
        for reminder in _locked().filter(pk__in=unsure):
            _end(reminder, State.FAILED, MAY_HAVE_ARRIVED, now, task=True)
        released = Reminder.objects.filter(pk__in=[pk for pk in ids if pk not in unsure])
        return released.update(state=State.PENDING, claim=None, claimed_at=None) + len(unsure)


def _locked() -> QuerySet[Reminder]:
    rows = Reminder.objects.select_for_update(of=("self",))
    return rows.select_related("clinic", "client__clinic", "staff_member")


def _check_failed(reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime) -> None:
    """Put back a reminder whose checks raised an error; after a few times a person has it."""
    with transaction.atomic():
        reminder = _locked().filter(pk=reminder_id, claim=claim, state=State.CLAIMED).first()
        if reminder is None:
            return
        if reminder.claims >= retries.MOST_CLAIMS:
            _end(reminder, State.FAILED, NOT_CHECKED, now, task=True)
        else:
            _back_to_pending(reminder, now + retries.AFTER[reminder.claims - 1], NOT_CHECKED)


def _begin(reminder_id: int, claim: uuid.UUID | str) -> None:
    """Count that a worker begins on this one, committed before all checks: if they kill it, the count remains.

    Not counted when claimed: the others of its batch are not to blame.
    """
    mine = Reminder.objects.filter(pk=reminder_id, claim=claim, state=State.CLAIMED)
    mine.update(claims=Least(F("claims") + 1, 1000))


def _prepare(
    reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime
) -> tuple[Reminder, DeliveryAttempt, channels.Message] | None:
    """Check everything under the claim and record that an attempt begins; None if nothing is to be sent now."""
    with transaction.atomic():
        reminder = _locked().filter(pk=reminder_id, claim=claim, state=State.CLAIMED).first()
        if reminder is None or reminder.delivery_attempts.filter(outcome=Outcome.STARTED).exists():
            return None  # not ours, or the same task came twice and the other one is sending
        if reminder.claims > retries.MOST_CLAIMS:
            _end(reminder, State.FAILED, f"{reminder.claims - 1} workers stopped while sending it", now, task=True)
            return None
        verdict = checks.judge(reminder, now)
        if isinstance(verdict, checks.Drop):
            task = verdict.task and reminder.is_a_promise
            _end(reminder, State.CANCELLED, verdict.reason, now, task=task, held_back=verdict.held_back)
            return None
        if isinstance(verdict, checks.Wait):
            _back_to_pending(reminder, verdict.until, verdict.reason)
            return None
        key = channels.idempotency_key(f"reminder-{reminder.pk}")
        try:
            message = _message(reminder, verdict.to, key)
        except ValueError as error:
            _end(reminder, State.FAILED, str(error), now, task=True)
            return None
        reminder.attempts += 1
        reminder.claimed_at = now  # the lease runs from the try, not from the queue
        reminder.save(update_fields=["attempts", "claimed_at"])
        attempt = DeliveryAttempt.objects.create(
            reminder=reminder,
            number=reminder.attempts,
            started_at=now,
            channel=reminder.channel,
            contact_value=verdict.to,
            idempotency_key=key,
        )
        return reminder, attempt, message


def text_of(reminder: Reminder) -> tuple[str, str]:
    """The text as it would leave now, or else why it can't: exactly one of the two is empty."""
    try:
        return _wording(reminder)[1], ""
    except ValueError as error:
        return "", str(error)


def _message(reminder: Reminder, to: str, key: str) -> channels.Message:
    """What is handed to the provider. Raises as `_wording` does."""
    subject, text = _wording(reminder)
    return channels.Message(to, subject, text, channels.sender_name(reminder.clinic), key)


def _wording(reminder: Reminder) -> tuple[str, str]:
    """Subject and text. Raises ValueError, fit to show, if they are not neutral, too long or incomplete."""
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
    return subject, text


def _finish(
    reminder: Reminder,
    attempt: DeliveryAttempt,
    claim: uuid.UUID | str,
    now: datetime.datetime,
    *,
    outcome: str,
    detail: str,
    asked_to_wait: datetime.timedelta | None = None,
) -> str:
    """Record an attempt's result, fenced by the claim, and return the reminder's state.

    The reminder is locked before its attempt, as everywhere.
    """
    with transaction.atomic():
        current = _locked().get(pk=reminder.pk)
        DeliveryAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, detail=detail[:200], finished_at=now)
        if outcome in (Outcome.RETRY, Outcome.LOST):
            breaker.failed(reminder.channel, now, asked_to_wait=asked_to_wait)
        elif outcome == Outcome.SENT:
            breaker.answered(reminder.channel)
        mine = current.state == State.CLAIMED and str(current.claim) == str(claim)
        if outcome == Outcome.SENT and (mine or current.state in (State.PENDING, State.CANCELLED, State.FAILED)):
            # Released, called off or given up while it was leaving: that it left is the truth; it must not leave again.
            _end(current, State.SENT, "", now, task=False)
            staff_tasks.close(current, "the message was sent after all", now)
        elif not mine:
            log.warning("Reminder %s: another worker has it; this try (%s) changes nothing", reminder.pk, outcome)
        elif (
            outcome == Outcome.RETRY
            and (again := retries.next_try(current, now, asked_to_wait=asked_to_wait)) is not None
        ):
            _back_to_pending(current, again, "the last attempt failed")
            if retries.tries(current) >= retries.TELL_SOMEBODY_AFTER and current.is_a_promise:
                staff_tasks.instead_of(current, f"tried {retries.tries(current)} times, still trying", now)
        else:
            reason = MAY_HAVE_ARRIVED if outcome == Outcome.LOST else detail or "the provider did not accept it"
            _end(current, State.FAILED, reason, now, task=True)
        return str(current.state)


def _back_to_pending(reminder: Reminder, due_at: datetime.datetime, reason: str) -> None:
    reminder.state, reminder.due_at, reminder.reason = State.PENDING, due_at, reason
    reminder.claim = reminder.claimed_at = None
    fields = ["state", "due_at", "reason", "claim", "claimed_at"]
    if reason != NOT_CHECKED:
        reminder.claims = 0  # it came to an answer
        fields.append("claims")
    reminder.save(update_fields=fields)


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

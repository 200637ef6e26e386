"""Delivery: a worker claims what is due, checks again whether it may be sent, sends it once, and records the outcome.

This is one reminder's way; `together` takes many of them at once.

The rows are the source of truth, and the broker only a trigger. A claim is one conditional UPDATE and a lease: if its
worker dies, `release_stale` gives the reminder to another. Every change after the claim is fenced by it. The lease is
renewed when the try begins, and a reminder has one open try at most. One gap remains: a worker that dies between the
provider's answer and our commit. Where the provider drops a second message with the same key, it is sent again; where
it can say what it has, it is asked first; elsewhere a person is told that it may have arrived.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, TypedDict

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, UUIDField
from django.db.models.functions import Least

from reminders import breaker, channels, checks, contacts, languages, pages, retries, staff_tasks, wordings
from reminders.models import DeliveryAttempt, Reminder
from staff.acts import act
from staff.prepared import IsOneOf

log = logging.getLogger("onward.reminders")

State, Outcome = Reminder.State, DeliveryAttempt.Outcome
NOT_CHECKED = "what is checked before sending failed"
MAY_HAVE_ARRIVED = "may have arrived: the provider did not say whether it took it"
NOT_AGAIN = "not sent again"
HAS_IT = "the provider has it, as it said when it was asked"
REPORTED = "the provider has it, as it reported by itself"
NOT_SAID = f"{NOT_AGAIN}: an earlier try may have arrived, and the provider can’t say yet"
NOT_ACCEPTED = "the provider did not accept it"
ASKED_FIRST = "may have arrived: the provider is asked before it is sent again"


def claim_due(now: datetime.datetime, limit: int) -> list[tuple[int, uuid.UUID]]:
    """Take up to `limit` reminders that are due, each for this caller alone: (reminder id, claim), longest due first.

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
            RETURNING r.due_at, r.id, r.claim
            """,
            {"now": now, "limit": limit, "paused": breaker.paused(now)},
        )
        return [(reminder_id, claim) for _, reminder_id, claim in sorted(cursor.fetchall())]


def rests(reminder_id: int, now: datetime.datetime) -> bool:
    """Whether the channel of a claimed reminder rests: then it is given back, not tried."""
    return Reminder.objects.filter(pk=reminder_id, channel__in=breaker.paused(now)).exists()


def give_back(claims: Sequence[tuple[int, uuid.UUID]]) -> int:
    """Put back what was claimed and never begun, due as before. Returns how many were still this caller's.

    One with an open try stays: it may have left, and `release_stale` knows what follows.
    """
    if not claims:
        return 0
    mine = Reminder.objects.filter(
        ~Exists(DeliveryAttempt.objects.filter(reminder=OuterRef("pk"), outcome=Outcome.STARTED)),
        IsOneOf("pk", [pk for pk, _ in claims]),
        IsOneOf("claim", [claim for _, claim in claims], UUIDField()),
        state=State.CLAIMED,
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
    """Hand the message over and record what became of it. Returns the reminder's new state.

    If nobody knows what became of an earlier try, the provider is asked first: what it has is not sent again. As long
    as it can't say, which is likely while it is down, nothing is sent, and it is asked again at the next try.
    """
    earlier = list(_in_doubt_before(attempt))
    try:
        answer = _ask(attempt, message, earlier)
    except SoftTimeLimitExceeded:
        finish(reminder, attempt, claim, now, outcome=Outcome.LOST, detail=NOT_SAID, again=True, asked=earlier)
        raise
    if answer is not None:
        return finish(reminder, attempt, claim, now, **answer)
    try:
        channels.send(reminder.channel, message)
    except Exception as error:  # whatever a provider throws, the reminder is tried again or handed to a person
        return not_taken(reminder, attempt, error, claim, now)
    return finish(reminder, attempt, claim, now, outcome=Outcome.SENT, detail="")


def not_taken(
    reminder: Reminder,
    attempt: DeliveryAttempt,
    error: Exception,
    claim: uuid.UUID | str,
    now: datetime.datetime,
) -> str:
    """Record what the provider threw. Returns the reminder's new state; raises SoftTimeLimitExceeded again."""
    if isinstance(error, channels.Undeliverable):
        return finish(reminder, attempt, claim, now, outcome=Outcome.FAILED, detail=str(error))
    log.warning("Reminder %s: try %s failed with %s", reminder.pk, attempt.number, type(error).__name__)
    outcome = _in_doubt(reminder) if isinstance(error, channels.IN_DOUBT) else Outcome.RETRY
    state = finish(
        reminder,
        attempt,
        claim,
        now,
        outcome=outcome,
        detail=_what_it_says(error),
        asked_to_wait=error.wait if isinstance(error, (channels.TryLater, channels.MayHaveArrived)) else None,
        again=outcome == Outcome.LOST and channels.can_be_asked(reminder.channel),
    )
    if isinstance(error, SoftTimeLimitExceeded):
        raise error
    return state


def _what_it_says(error: Exception) -> str:
    """What the record of a try says about an error: the provider's own words, or no more than which it was."""
    if isinstance(error, channels.MayHaveArrived):
        return str(error) or MAY_HAVE_ARRIVED
    return str(error) if isinstance(error, channels.TryLater) else type(error).__name__


def _in_doubt(reminder: Reminder) -> str:
    """What follows when nobody knows whether the provider took it."""
    return Outcome.RETRY if channels.drops_doubles(reminder.channel) else Outcome.LOST


class _Answer(TypedDict):
    """What to record, as `finish` takes it."""

    outcome: str
    detail: str
    again: bool
    asked: list[DeliveryAttempt]


def _ask(attempt: DeliveryAttempt, message: channels.Message, earlier: Sequence[DeliveryAttempt]) -> _Answer | None:
    """What the provider says of earlier tries in doubt; None if it took none of them, so that this one may leave.

    It is asked for the words that left then: the wording may have been changed since.
    """
    others = _other_calls(attempt, since=earlier[0].started_at) if earlier else (0, 0)
    is_silent = False
    for words in dict.fromkeys(each.words for each in earlier):
        asked = [each for each in earlier if each.words == words]
        question = channels.repeated(message, earlier[0].started_at, pages.restored(words, message.body), others)
        try:
            has_it = channels.look_up(attempt.channel, question)
        except channels.Undeliverable as error:
            return _Answer(outcome=Outcome.FAILED, detail=str(error), again=False, asked=asked)
        if has_it:
            return _Answer(outcome=Outcome.SENT, detail=HAS_IT, again=False, asked=asked)
        is_silent |= has_it is None
    return _Answer(outcome=Outcome.LOST, detail=NOT_SAID, again=True, asked=list(earlier)) if is_silent else None


def _other_calls(attempt: DeliveryAttempt, *, since: datetime.datetime) -> tuple[int, int]:
    """How many calls to the same number others made since: what a provider that keeps no words can't tell apart.

    Those that were made, and those that may have been.
    """
    others = DeliveryAttempt.objects.filter(
        channel=attempt.channel, contact_value=attempt.contact_value, started_at__gte=since
    ).exclude(reminder=attempt.reminder_id)
    outcomes = Counter(others.values_list("outcome", flat=True)) if attempt.channel == channels.Channel.VOICE else {}
    return outcomes.get(Outcome.SENT, 0), outcomes.get(Outcome.LOST, 0) + outcomes.get(Outcome.STARTED, 0)


def _in_doubt_before(attempt: DeliveryAttempt) -> QuerySet[DeliveryAttempt]:
    """Earlier tries on this channel of which nobody knows what became, if the provider can be asked, the first first.

    Tries before a person sent it again don't count: they knew that it may have arrived.
    """
    earlier = DeliveryAttempt.objects.filter(
        reminder=attempt.reminder_id, number__gt=F("reminder__attempts_before"), number__lt=attempt.number
    )
    if attempt.number == 1 or not channels.can_be_asked(attempt.channel):
        return earlier.none()
    same = earlier.filter(channel=attempt.channel, contact_value=attempt.contact_value, outcome=Outcome.LOST)
    return same.order_by("number")


def _is_in_doubt(reminder: Reminder) -> bool:
    """Whether the last that is known of it is that it may have arrived."""
    if reminder.attempts == reminder.attempts_before:
        return False
    last = last_sending(reminder)
    return last is not None and last.number > reminder.attempts_before and last.outcome == Outcome.LOST


def last_sending(reminder: Reminder) -> DeliveryAttempt | None:
    """The last try at which it was handed over, and not only asked about."""
    return reminder.delivery_attempts.exclude(outcome=Outcome.ASKED).order_by("number").last()


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
            .exclude(channel__in=[*settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES, *settings.REMINDER_LOOK_UPS])
            .values_list("reminder", flat=True)
        )
        left_open.exclude(reminder__state=State.CLAIMED).update(outcome=Outcome.LOST, finished_at=now)
        left_open.filter(reminder__in=ids).update(outcome=Outcome.LOST, finished_at=now)
        for reminder in locked().filter(pk__in=unsure):
            _end(reminder, State.FAILED, MAY_HAVE_ARRIVED, now, task=True)
        released = Reminder.objects.filter(pk__in=[pk for pk in ids if pk not in unsure])
        return released.update(state=State.PENDING, claim=None, claimed_at=None) + len(unsure)


def locked() -> QuerySet[Reminder]:
    """Reminders with what their delivery reads, to be changed in this transaction."""
    rows = Reminder.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("clinic", "client__clinic", "staff_member")


def locked_together(reminders: Collection[int]) -> QuerySet[Reminder]:
    """The same for many, by id: their clinics are read once each, and not with every row."""
    rows = Reminder.objects.filter(IsOneOf("pk", reminders)).select_for_update(of=("self",), no_key=True).order_by("pk")
    return rows.select_related("client", "staff_member").prefetch_related("clinic", "client__clinic")


def _check_failed(reminder_id: int, claim: uuid.UUID | str, now: datetime.datetime) -> None:
    """Put back a reminder whose checks raised an error; after a few times a person has it."""
    with transaction.atomic():
        reminder = locked().filter(pk=reminder_id, claim=claim, state=State.CLAIMED).first()
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
        reminder = locked().filter(pk=reminder_id, claim=claim, state=State.CLAIMED).first()
        if reminder is None or reminder.delivery_attempts.filter(outcome=Outcome.STARTED).exists():
            return None  # not ours, or the same task came twice and the other one is sending
        if reminder.claims > retries.MOST_CLAIMS:
            _end(reminder, State.FAILED, f"{reminder.claims - 1} workers stopped while sending it", now, task=True)
            return None
        verdict = checks.judge(reminder, now, checks.read([reminder], now))
        message = message_if_it_may_leave(reminder, verdict, wordings.text_of(reminder), now)
        if message is None:
            return None
        reminder.attempts += 1
        reminder.claimed_at = now  # the lease runs from the try, not from the queue
        reminder.save(update_fields=["attempts", "claimed_at", "channel"])
        attempt = attempt_of(reminder, message, now)
        attempt.save()
        return reminder, attempt, message


def message_if_it_may_leave(
    reminder: Reminder, verdict: checks.Send | checks.Wait | checks.Drop, text: wordings.Text, now: datetime.datetime
) -> channels.Message | None:
    """Carry out a verdict: what is to be handed over, or None when the reminder was ended or put off."""
    if isinstance(verdict, checks.Drop):
        task = verdict.task and reminder.is_a_promise
        in_doubt = _is_in_doubt(reminder)
        if in_doubt and not verdict.held_back:
            too_late = verdict.reason.startswith(checks.TOO_LATE)
            reason = MAY_HAVE_ARRIVED if too_late else f"{MAY_HAVE_ARRIVED}. {NOT_AGAIN.capitalize()}: {verdict.reason}"
            _end(reminder, State.FAILED, reason, now, task=task)
            return None
        reason = f"{verdict.reason}; an earlier try may have arrived" if in_doubt else verdict.reason
        _end(reminder, State.CANCELLED, reason, now, task=task, held_back=verdict.held_back)
        return None
    if isinstance(verdict, checks.Wait):
        _back_to_pending(reminder, verdict.until, verdict.reason)
        return None
    if text.why_not:
        _end(reminder, State.FAILED, text.why_not, now, task=True)
        return None
    return channels.message(
        reminder.clinic,
        to=verdict.to,
        subject=text.subject,
        body=text.sent,
        key=f"reminder-{reminder.pk}",
        language=languages.of(reminder.client),
    )


def attempt_of(reminder: Reminder, message: channels.Message, now: datetime.datetime) -> DeliveryAttempt:
    """The record of a try that begins, not saved yet; its reminder has counted it."""
    return DeliveryAttempt(
        reminder=reminder,
        number=reminder.attempts,
        started_at=now,
        channel=reminder.channel,
        contact_value=message.to,
        idempotency_key=message.idempotency_key,
        words=pages.hidden(message.body),
    )


def finish(
    reminder: Reminder,
    attempt: DeliveryAttempt,
    claim: uuid.UUID | str,
    now: datetime.datetime,
    *,
    outcome: str,
    detail: str,
    asked_to_wait: datetime.timedelta | None = None,
    again: bool = False,
    asked: Sequence[DeliveryAttempt] = (),
) -> str:
    """Record an attempt's result, fenced by the claim, and return the reminder's state.

    With `again` one that may have arrived is tried again later: the provider is asked first. One that can't arrive goes
    by the client's next way at once, if there is one; hours and limits count for it as for any other.

    With `asked` the provider was only asked about these earlier tries, and the result is the last one's of them: a
    message has one try at which it left.

    The reminder is locked before its attempt, as everywhere.
    """
    with transaction.atomic():
        current = locked().get(pk=reminder.pk)
        _record(attempt, outcome, detail, now, asked)
        if outcome in (Outcome.RETRY, Outcome.LOST):
            breaker.failed(reminder.channel, now, asked_to_wait=asked_to_wait)
        elif outcome == Outcome.SENT:
            breaker.answered(reminder.channel)
        mine = current.state == State.CLAIMED and str(current.claim) == str(claim)
        if outcome == Outcome.SENT and (mine or current.state in (State.PENDING, State.CANCELLED, State.FAILED)):
            # Released, called off or given up while it was leaving: that it left is the truth; it must not leave again.
            left_after_all(current, now)
        elif not mine:
            log.warning("Reminder %s: another worker has it; this try (%s) changes nothing", reminder.pk, outcome)
        elif (outcome == Outcome.RETRY or again) and (
            next_at := retries.next_try(current, now, asked_to_wait=asked_to_wait)
        ) is not None:
            is_lost = outcome == Outcome.LOST
            _back_to_pending(current, next_at, ASKED_FIRST if is_lost else "the last attempt failed")
            if retries.tries(current) >= retries.TELL_SOMEBODY_AFTER and current.is_a_promise:
                still = f"{staff_tasks.IN_DOUBT}: " if is_lost else ""
                staff_tasks.instead_of(current, f"{still}tried {retries.tries(current)} times, still trying", now)
        elif outcome == Outcome.FAILED:
            not_delivered(current, detail or NOT_ACCEPTED, now)
        else:
            reason = MAY_HAVE_ARRIVED if outcome == Outcome.LOST else detail or NOT_ACCEPTED
            _end(current, State.FAILED, reason, now, task=True)
        return str(current.state)


def _record(
    attempt: DeliveryAttempt, outcome: str, detail: str, now: datetime.datetime, asked: Sequence[DeliveryAttempt]
) -> None:
    found: dict[str, Any] = {"outcome": outcome, "detail": detail[:200], "finished_at": now}
    if asked:
        DeliveryAttempt.objects.filter(pk=attempt.pk).update(**{**found, "outcome": Outcome.ASKED, "words": ""})
    if not asked or outcome != Outcome.LOST:
        DeliveryAttempt.objects.filter(pk=(asked[-1] if asked else attempt).pk).update(**found)


def next_channel(reminder: Reminder, now: datetime.datetime) -> channels.Channel | None:
    """The client's next way for a message that can't arrive where it went, while it is still of use."""
    if reminder.client_id is None or now > retries.of_use_until(reminder):
        return None
    tries = reminder.delivery_attempts.filter(number__gt=reminder.attempts_before)
    return contacts.next_way(reminder, set(tries.values_list("channel", "contact_value")), now)


def not_delivered(reminder: Reminder, reason: str, now: datetime.datetime) -> None:
    """One that can't arrive where it went: the client's next way while it is of use, else a task. In a lock."""
    if (channel := next_channel(reminder, now)) is not None:
        change_channel(reminder, channel)
        _back_to_pending(reminder, now, f"{reason}. Next: {channel.label.lower()}"[:200])
    else:
        _end(reminder, State.FAILED, reason, now, task=True)


def left_after_all(reminder: Reminder, now: datetime.datetime) -> None:
    """One has left, whatever was known of it before: the provider says so, or took it. In a lock."""
    _end(reminder, State.SENT, "", now, task=False)
    staff_tasks.close([reminder.pk], "the message was sent after all", now)


def change_channel(reminder: Reminder, channel: channels.Channel) -> None:
    """Let it leave on another channel."""
    reminder.channel = channel
    reminder.save(update_fields=["channel"])


def _back_to_pending(reminder: Reminder, due_at: datetime.datetime, reason: str) -> None:
    reminder.state, reminder.due_at, reminder.reason = State.PENDING, due_at, reason
    reminder.claim = reminder.claimed_at = None
    reminder.sent_at = reminder.ended_at = None
    fields = ["state", "due_at", "reason", "claim", "claimed_at", "sent_at", "ended_at"]
    if reason != NOT_CHECKED:
        reminder.claims = 0  # it came to an answer
        fields.append("claims")
    reminder.save(update_fields=fields)


def _end(
    reminder: Reminder, state: str, reason: str, now: datetime.datetime, *, task: bool, held_back: str = ""
) -> None:
    reminder.state, reminder.reason, reminder.claims = state, reason[:200], 0
    reminder.claim = reminder.claimed_at = None
    reminder.sent_at = now if state == State.SENT else None
    reminder.ended_at = None if state == State.SENT else now
    with act(f"reminders.{state}", by=None, client=reminder.client, clinic=reminder.clinic) as entry:
        reminder.save(update_fields=["state", "reason", "claims", "claim", "claimed_at", "sent_at", "ended_at"])
        if task and reminder.is_a_promise:
            staff_tasks.instead_of(reminder, reason, now, held_back=held_back)
        entry.about(reminder, reason=reason)

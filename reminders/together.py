"""Sending many at once: what is due is checked, begun and recorded together, and handed over one by one.

The rules are those of `checks` and `delivery`; only the statements are shared. A worker that dies between the
provider's answers and our commit leaves several in doubt, so it is for channels whose provider drops a second message
with the same key, or can be asked what it has. Whatever is out of the ordinary goes alone, by `delivery.deliver`: a
reminder whose worker died, one to be asked about first, a check that fails, a claim that was lost meanwhile.
"""

from __future__ import annotations

import datetime
import logging
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F, UUIDField

from reminders import breaker, channels, checks, delivery, staff_tasks, wordings
from reminders.models import DeliveryAttempt, Reminder
from staff.acts import acts_of_a_job
from staff.prepared import IsOneOf

log = logging.getLogger("onward.reminders")

State, Outcome = Reminder.State, DeliveryAttempt.Outcome
Claim = tuple[int, uuid.UUID]

LONGEST = 5.0  # seconds from the checks; those that have not left by then are checked again


@dataclass
class Result:
    """What became of some claims: the states of those that were answered, and which are still the caller's.

    `alone` are to be delivered one by one, and `untried` were never begun.
    """

    states: Counter[str] = field(default_factory=Counter)
    alone: list[Claim] = field(default_factory=list)
    untried: list[Claim] = field(default_factory=list)
    failed: bool = False


@dataclass(frozen=True)
class _Begun:
    """One whose try is on record and whose message may leave."""

    reminder: Reminder
    attempt: DeliveryAttempt
    message: channels.Message
    claim: uuid.UUID

    @property
    def held(self) -> Claim:
        return self.reminder.pk, self.claim


def deliver(claims: Sequence[Claim], now: datetime.datetime) -> Result:
    """Deliver these together, as far as they can be.

    Celery's SoftTimeLimitExceeded is recorded and raised again: the task is to end.
    """
    result = Result()
    mine = Reminder.objects.filter(IsOneOf("pk", [pk for pk, _ in claims]), state=State.CLAIMED)
    suspects = set(mine.exclude(claims=0).values_list("pk", flat=True))
    # Committed before the checks: if these kill the worker, each of them goes alone the next time.
    mine.filter(_has_claim(one for one in claims if one[0] not in suspects)).update(claims=1)
    result.alone = [one for one in claims if one[0] in suspects]
    together = [one for one in claims if one[0] not in suspects]
    try:
        begun = _begin(together, now, result)
    except Exception as error:  # whatever a check throws: alone, it is told whose it was
        log.warning("Checks of %s reminders failed with %s: one by one", len(together), type(error).__name__)
        if isinstance(error, SoftTimeLimitExceeded):
            raise  # a check that takes forever counts, as one that kills its worker does
        mine.filter(_has_claim(together)).update(claims=0)
        return Result(alone=list(claims))
    _hand_over(begun, now, result)
    return result


def _has_claim(claims: Iterable[Claim]) -> IsOneOf:
    return IsOneOf("claim", [claim for _, claim in claims], UUIDField())


def _begin(claims: Sequence[Claim], now: datetime.datetime, result: Result) -> list[_Begun]:
    """Check all of them in one transaction and put the tries of those that may leave on record."""
    own = dict(claims)
    with transaction.atomic():
        rows = [each for each in delivery.locked_together(own) if each.claim == own[each.pk]]
        fit = _without_resting(rows, now, result)
        facts, texts = checks.read(fit, now), wordings.texts(fit)
        fit = _without_single(fit, result)
        leaving = []
        for reminder in fit:
            verdict = checks.judge(reminder, now, facts)
            message = delivery.message_if_it_may_leave(reminder, verdict, texts[reminder.pk], now)
            if message is None:
                result.states[str(reminder.state)] += 1
                if not isinstance(verdict, checks.Wait):
                    facts.settled(reminder)
                continue
            facts.leaves(reminder, message.to, now)
            reminder.attempts += 1
            leaving.append((reminder, message))
        ids = [reminder.pk for reminder, _ in leaving]
        Reminder.objects.filter(IsOneOf("pk", ids)).update(attempts=F("attempts") + 1, claimed_at=now)
        if elsewhere := [each for each, _ in leaving if facts.destinations[each.pk].channel]:
            Reminder.objects.bulk_update(elsewhere, ["channel"])
        attempts = DeliveryAttempt.objects.bulk_create(
            delivery.attempt_of(reminder, message, now) for reminder, message in leaving
        )
    return [
        _Begun(reminder, attempt, message, own[reminder.pk])
        for (reminder, message), attempt in zip(leaving, attempts, strict=True)
    ]


def _without_resting(rows: Sequence[Reminder], now: datetime.datetime, result: Result) -> list[Reminder]:
    """All but those whose provider is left alone for a while."""
    rest = set(breaker.paused(now))
    return _set_aside(rows, [each for each in rows if each.channel in rest], result.untried)


def _without_single(rows: Sequence[Reminder], result: Result) -> list[Reminder]:
    """All but those that are sending already, and those for which a double would be seen.

    Asked after the checks, which may have found another way than their own.
    """
    tries = DeliveryAttempt.objects.filter(IsOneOf("reminder", [each.pk for each in rows]))
    open_tries = tries.filter(outcome__in=(Outcome.STARTED, Outcome.LOST)).values_list("reminder", "outcome")
    outcomes = defaultdict[int, set[str]](set)
    for reminder, outcome in open_tries:
        outcomes[reminder].add(outcome)
    single = [each for each in rows if _goes_alone(each, outcomes[each.pk])]
    return _set_aside(rows, single, result.alone)


def _goes_alone(reminder: Reminder, outcomes: Collection[str]) -> bool:
    if Outcome.STARTED in outcomes:
        return True
    if channels.drops_doubles(reminder.channel):
        return False
    return Outcome.LOST in outcomes or not channels.can_be_asked(reminder.channel)


def _set_aside(rows: Sequence[Reminder], aside: Sequence[Reminder], held: list[Claim]) -> list[Reminder]:
    """Those that stay. Of the others nothing has begun."""
    ids = {each.pk for each in aside}
    if ids:
        Reminder.objects.filter(IsOneOf("pk", ids)).update(claims=0)
        held += [(each.pk, each.claim) for each in aside if each.claim is not None]
    return [each for each in rows if each.pk not in ids]


def _hand_over(begun: Sequence[_Begun], now: datetime.datetime, result: Result) -> None:
    """Send one after the other. The first that is not taken, or a slow provider, ends it: the rest waits."""
    until, sent = time.monotonic() + LONGEST, list[_Begun]()
    for each in begun:
        if time.monotonic() > until:
            break
        try:
            channels.send(each.reminder.channel, each.message)
        except Exception as error:  # whatever a provider throws: what follows is told for this one alone
            result.failed = True
            _record(sent, now, result)
            _take_back(begun[len(sent) + 1 :], result)
            state = delivery.not_taken(each.reminder, each.attempt, error, each.claim, now)
            result.states[state] += 1
            return
        sent.append(each)
    _record(sent, now, result)
    _take_back(begun[len(sent) :], result)


def _record(sent: Sequence[_Begun], now: datetime.datetime, result: Result) -> None:
    """Record that these left, fenced by their claims. The reminders are locked before their attempts, as everywhere."""
    if not sent:
        return
    with transaction.atomic():
        ids = [each.reminder.pk for each in sent]
        held = Reminder.objects.filter(IsOneOf("pk", ids), state=State.CLAIMED).order_by("pk")
        claims = dict(held.select_for_update(no_key=True).values_list("pk", "claim"))
        ours = [each for each in sent if claims.get(each.reminder.pk) == each.claim]
        DeliveryAttempt.objects.filter(IsOneOf("pk", [each.attempt.pk for each in ours])).update(
            outcome=Outcome.SENT, finished_at=now
        )
        with acts_of_a_job("reminders.sent") as entries:
            ids = [each.reminder.pk for each in ours]
            Reminder.objects.filter(IsOneOf("pk", ids)).update(
                state=State.SENT, reason="", claim=None, claimed_at=None, claims=0, sent_at=now, ended_at=None
            )
            for each in ours:
                entries.add(each.reminder, clinic=each.reminder.clinic_id, client=each.reminder.client_id, reason="")
            staff_tasks.close(ids, "the message was sent after all", now)
            for channel in {each.reminder.channel for each in ours}:
                breaker.answered(channel)
    result.states[State.SENT] += len(ours)
    for each in sent:
        if claims.get(each.reminder.pk) != each.claim:
            state = delivery.finish(each.reminder, each.attempt, each.claim, now, outcome=Outcome.SENT, detail="")
            result.states[state] += 1


def _take_back(rest: Sequence[_Begun], result: Result) -> None:
    """Undo the tries of those that were never handed over."""
    if not rest:
        return
    with transaction.atomic():
        rows = Reminder.objects.filter(IsOneOf("pk", [each.reminder.pk for each in rest])).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        tries = DeliveryAttempt.objects.filter(IsOneOf("pk", [each.attempt.pk for each in rest]))
        tries.filter(outcome=Outcome.STARTED).delete()
        rows.filter(_has_claim(each.held for each in rest)).update(attempts=F("attempts") - 1, claims=0)
    result.untried += [each.held for each in rest]

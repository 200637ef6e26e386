"""Checks at the moment of sending. What was true when the reminder was scheduled doesn't count."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from reminders import hours
from reminders.contacts import destination
from reminders.models import DeliveryAttempt, Reminder
from reminders.standing import AFTER_A_DEATH, CARE_HAS_ENDED, DIED, CareStatus, client_of, standings, why_not


@dataclass(frozen=True)
class Send:
    """It may leave now, to this number or address."""

    to: str


@dataclass(frozen=True)
class Wait:
    """It may leave later."""

    until: datetime.datetime
    reason: str


@dataclass(frozen=True)
class Drop:
    """The message may not be sent. With `task`, someone has to do what it was for.

    `held_back` says what to do if the client's care status, and not a blocked channel, is the reason.
    """

    reason: str
    task: bool = True
    held_back: str = ""


def judge(reminder: Reminder, now: datetime.datetime) -> Send | Wait | Drop:
    """Whether a claimed reminder leaves now. Call it inside the transaction that holds the row.

    In this order: is the client alive and in the care that it belongs to, is its cause still there, may this person be
    written to there, are we inside the hours and the rate, is it not too late for it to be of use.
    """
    if held_back := by_standing(reminder):
        return held_back
    if gone := cause_gone(reminder):
        return Drop(gone, task=False)
    if reminder.too_late(now):
        return Drop("too late")
    where = destination(reminder, now)
    if where.why_not:
        return Drop(where.why_not)
    if not reminder.is_a_promise and _promised_today(reminder, now):
        return Drop("a message that someone relies on goes out that day", task=False)
    until, reason = hours.next_opening(now, reminder.zone), "outside 8 AM to 9 PM in the client’s time zone"
    if reminder.client_id is not None:
        free = hours.next_free(until, reminder.zone, _sent_lately(reminder, where.value, now))
        if free != until:
            until, reason = free, "limit of one message a day, three a week"
    if until == now:
        return Send(where.value)
    if reminder.too_late(until):
        return Drop(f"too late: {reason}", task=not _said_before(reminder))
    return Wait(until, reason)


def by_standing(reminder: Reminder, known: dict[int, CareStatus] | None = None) -> Drop | None:
    """Why the client's care status blocks it; None if it does not. `known` are statuses already read.

    Pages that show what will be sent use it too.
    """
    client_id = client_of(reminder)
    if client_id is None:
        return None
    reason = why_not(reminder, (known or standings([client_id]))[client_id])
    if not reason:
        return None
    to_do = AFTER_A_DEATH if reason == DIED else CARE_HAS_ENDED
    return Drop(reason, task=reminder.client_id is not None, held_back=to_do)


def cause_gone(reminder: Reminder) -> str:
    """Why the cause no longer applies, according to its app (settings.REMINDER_CAUSES); empty if it does."""
    path = settings.REMINDER_CAUSES.get(reminder.kind)
    reason: str = import_string(path)(reminder) if path else ""
    return reason


def _said_before(reminder: Reminder) -> bool:
    """Whether another message has told the client the same: the day before, of what this one repeats shortly before."""
    same = Reminder.objects.filter(client=reminder.client_id, kind=reminder.kind, state=Reminder.State.SENT)
    return same.filter(context=reminder.context).exclude(pk=reminder.pk).exists()


def _promised_today(reminder: Reminder, now: datetime.datetime) -> bool:
    """Whether something that the client relies on waits for this day: one message a day, so a kind word gives way."""
    local = now.astimezone(reminder.zone)
    tomorrow = datetime.datetime.combine(local.date() + datetime.timedelta(days=1), datetime.time(), reminder.zone)
    others = Reminder.objects.filter(client=reminder.client_id, due_at__lt=tomorrow).waiting().exclude(pk=reminder.pk)
    return any(each.is_a_promise for each in others)


def _sent_lately(reminder: Reminder, value: str, now: datetime.datetime) -> list[datetime.datetime]:
    """When messages went to this person or number in the past week, including those another worker is sending.

    The lock makes two workers with messages for one number take turns; it ends with the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reminders.contact'), hashtext(%s))", [value])
    return [started_at for _, started_at in lately(reminder, value, now)]


def lately(reminder: Reminder, value: str, now: datetime.datetime) -> QuerySet[DeliveryAttempt, Any]:
    """Tries of the past week that reached this number or this client, each once: by an index each, not by an OR."""
    tries = (
        DeliveryAttempt.objects.filter(
            reminder__clinic=reminder.clinic_id,
            outcome__in=(DeliveryAttempt.Outcome.STARTED, DeliveryAttempt.Outcome.SENT),
            started_at__gt=now - datetime.timedelta(days=8),
        )
        .exclude(reminder=reminder.pk)
        .order_by()
        .values_list("pk", "started_at")
    )
    return tries.filter(contact_value=value).union(tries.filter(reminder__client=reminder.client_id))

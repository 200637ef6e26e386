"""Reading what the phone company sent: replies, and reports of what became of messages.

Nothing is sent from here: each is read in a transaction, which can be rolled back. What calls for an answer is written
down, and the tasks that answer find it (`crisis.answer_due`, `opt_outs.confirm_due`, `help_line.answer_due`).
"""

from __future__ import annotations

import datetime
import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F

from reminders import delivery, number_facts, opt_outs, phone_codes, staff_tasks
from reminders.models import DeliveryAttempt, DeliveryReceipt, IncomingMessage, Reminder
from reminders.phone_codes import NOT_DELIVERED
from staff import outside
from staff.acts import act

log = logging.getLogger("onward.reminders")

AT_ONCE = 100
MOST_TRIES = 5  # of a text or report that no one can read: then a person has it as it is
State, Outcome = Reminder.State, DeliveryAttempt.Outcome


def read(now: datetime.datetime) -> int:
    """Read all that waits, each once. Returns how many there were."""
    return read_messages(now) + read_reports(now)


def read_messages(now: datetime.datetime) -> int:
    """Replies, the oldest first. One that raises an error is tried again, and after a few times left to a person."""
    waiting = IncomingMessage.objects.filter(handled_at=None).order_by("received_at", "pk")
    return sum(_read_message(pk, now) for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


def read_reports(now: datetime.datetime) -> int:
    """Reports, in the order in which they came. One that raises an error is treated as such a reply is."""
    waiting = DeliveryReceipt.objects.filter(handled_at=None).order_by("received_at", "pk")
    return sum(_read_report(pk, now) for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


def _read_message(pk: int, now: datetime.datetime) -> bool:
    IncomingMessage.objects.filter(pk=pk, handled_at=None).update(tries=F("tries") + 1)
    try:
        with transaction.atomic():
            rows = IncomingMessage.objects.select_for_update(
                skip_locked=True, no_key=True, of=("self",)
            ).select_related("clinic")
            message = rows.filter(pk=pk, handled_at=None).first()
            if message is None:
                return False  # another worker has it
            if message.tries > MOST_TRIES:
                said = message.words if len(message.words) <= 200 else f"{message.words[:199]}…"
                staff_tasks.add(
                    clinic=message.clinic,
                    at=now,
                    kind="reply",
                    sentence=f"A text could not be sorted. Read it: “{said}”",
                )
            else:
                opt_outs.receive(
                    clinic=message.clinic,
                    contact_value=message.contact_value,
                    words=message.words,
                    at=message.received_at,
                    source_key=message.provider_id,
                    answer_danger=False,
                )
            message.handled_at = now
            message.save(update_fields=["handled_at"])
    except SoftTimeLimitExceeded:
        raise  # the task is to end
    except Exception as error:  # the next text must be read whatever this one holds
        log.warning("Incoming text %s: not read (%s)", pk, type(error).__name__)
        return False
    return True


def _read_report(pk: int, now: datetime.datetime) -> bool:
    DeliveryReceipt.objects.filter(pk=pk, handled_at=None).update(tries=F("tries") + 1)
    try:
        with transaction.atomic():
            rows = DeliveryReceipt.objects.select_for_update(skip_locked=True, no_key=True)
            receipt = rows.filter(pk=pk, handled_at=None).first()
            if receipt is None:
                return False
            if receipt.tries > MOST_TRIES:
                _give_up(receipt, now)
            elif (reminder := _reminder(receipt)) is not None:
                receipt.attempt = _attempt(receipt, reminder)
                if receipt.attempt is not None and (
                    reminder.state == State.CLAIMED or receipt.attempt.outcome == Outcome.STARTED
                ):
                    # A worker has it and would have the last word on what became of it: read again later.
                    DeliveryReceipt.objects.filter(pk=pk).update(tries=F("tries") - 1)
                    return False
                if receipt.attempt is not None:
                    _learn(receipt, reminder, receipt.attempt, now)
            receipt.handled_at = now
            receipt.save(update_fields=["handled_at", "attempt"])
    except SoftTimeLimitExceeded:
        raise  # the task is to end
    except Exception as error:  # the next report must be read whatever this one holds
        log.warning("Report %s: not read (%s)", pk, type(error).__name__)
        return False
    return True


def _give_up(receipt: DeliveryReceipt, now: datetime.datetime) -> None:
    """A report that could not be read: logged, and if it says that a message did not arrive, a person looks."""
    log.error("Report %s: given up after %s tries", receipt.pk, MOST_TRIES)
    key = outside.number(receipt.key.removeprefix("reminder-"))
    reminder = Reminder.objects.filter(pk=key).select_related("clinic", "client").first() if key is not None else None
    if reminder is not None and receipt.status in NOT_DELIVERED:
        staff_tasks.add(
            clinic=reminder.clinic,
            client=reminder.client,
            at=now,
            sentence="The phone provider reports that a message did not arrive, and its report could not be sorted. "
            "Contact the client another way they allow.",
        )


def _reminder(receipt: DeliveryReceipt) -> Reminder | None:
    pk = outside.number(receipt.key.removeprefix("reminder-"))
    return None if pk is None else delivery.locked().filter(pk=pk).first()


def _attempt(receipt: DeliveryReceipt, reminder: Reminder) -> DeliveryAttempt | None:
    """The try that it is about: the last one begun when the message was handed over."""
    tries = reminder.delivery_attempts.filter(channel__in=("sms", "voice")).exclude(outcome=Outcome.ASKED)
    if receipt.tried_at is not None:
        tries = tries.filter(started_at__lte=receipt.tried_at)
    return tries.order_by("number").last()


def _learn(receipt: DeliveryReceipt, reminder: Reminder, attempt: DeliveryAttempt, now: datetime.datetime) -> None:
    """What a report changes: a try in doubt is answered; one that did not arrive goes on by the next way, or a task."""
    if receipt.status not in NOT_DELIVERED:
        if attempt.outcome == Outcome.LOST:
            _it_left(reminder, attempt, now)
        return
    number_facts.learn(sender_number=reminder.clinic.text_number, value=attempt.contact_value, code=receipt.error_code)
    words = f"not delivered: {phone_codes.in_words(receipt.error_code, status=receipt.status)}"
    is_news = attempt == delivery.last_sending(reminder) and (
        (reminder.state == State.SENT and attempt.outcome == Outcome.SENT)
        or (reminder.state in (State.PENDING, State.FAILED) and attempt.outcome == Outcome.LOST)
    )
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.FAILED, detail=words[:200])
    if not is_news:
        return  # it has gone on since
    staff_tasks.close([reminder.pk], "the provider says that it did not arrive", now)  # another one if no way is left
    with act("reminders.not_delivered", by=None, client=reminder.client, clinic=reminder.clinic) as entry:
        delivery.not_delivered(reminder, words, now)
        entry.about(reminder, reason=words)


def _it_left(reminder: Reminder, attempt: DeliveryAttempt, now: datetime.datetime) -> None:
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(
        outcome=Outcome.SENT, detail=delivery.REPORTED, finished_at=attempt.finished_at or now
    )
    if reminder.state in (State.PENDING, State.FAILED, State.CANCELLED):
        delivery.left_after_all(reminder, now)

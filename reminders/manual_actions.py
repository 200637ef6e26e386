"""Staff actions on a reminder: cancel it or retry it."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from reminders.models import DeliveryAttempt, Reminder
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

State, Outcome = Reminder.State, DeliveryAttempt.Outcome


class NotWaiting(Refusal):
    """It left, or was called off before."""

    sentence = "This reminder is no longer scheduled. Reload the page."


class NotFailed(Refusal):
    """Only failed or blocked reminders can be retried."""

    sentence = "You can retry only a failed or canceled reminder."


class RetryTooLate(Refusal):
    """What it reminds of is over."""

    sentence = "It is too late to send this reminder."


class StillLeaving(Refusal):
    """A worker has handed it over and waits for the answer."""

    sentence = "This reminder may be leaving right now. Try again in a few minutes."


class RetryReasonNeeded(Refusal):
    """Sending again needs a reason for the next reader."""

    sentence = "Enter a reason for sending it again."


class CancelReasonNeeded(Refusal):
    """Canceling needs a reason for the next reader."""

    sentence = "Enter a reason for canceling."


def cancel(*, reminder: Reminder, reason: str, by: StaffMember) -> Reminder:
    """Call off a waiting reminder. Raises CancelReasonNeeded or NotWaiting."""
    demand(by, Permission.REMINDER_MANAGE, reminder)
    if not reason.strip():
        raise CancelReasonNeeded
    with act("reminders.cancel_by_hand", by=by, client=reminder.client, clinic=reminder.clinic) as entry:
        changed = (
            Reminder.objects.filter(pk=reminder.pk)
            .waiting()
            .update(
                state=State.CANCELLED, reason=reason.strip()[:200], ended_at=timezone.now(), claim=None, claimed_at=None
            )
        )
        if not changed:
            raise NotWaiting
        entry.about(reminder, reason=reason)
    reminder.refresh_from_db()
    return reminder


def retry(*, reminder: Reminder, reason: str, by: StaffMember) -> Reminder:
    """Put a failed or canceled reminder back into the outbox, due now. Everything is checked again before it is sent.

    Its tries are counted anew. Raises NotFailed, RetryTooLate, RetryReasonNeeded, or StillLeaving if a worker may be
    sending it.
    """
    demand(by, Permission.REMINDER_MANAGE, reminder)
    if not reason.strip():
        raise RetryReasonNeeded
    now = timezone.now()
    if reminder.too_late(now):
        raise RetryTooLate
    with act("reminders.retry", by=by, client=reminder.client, clinic=reminder.clinic) as entry:
        changed = Reminder.objects.filter(pk=reminder.pk, state__in=(State.FAILED, State.CANCELLED)).update(
            state=State.PENDING, reason="", ended_at=None, due_at=now, claims=0, attempts_before=F("attempts")
        )
        if not changed:
            raise NotFailed
        open_try = DeliveryAttempt.objects.filter(reminder=reminder, outcome=Outcome.STARTED)
        open_try.filter(started_at__lt=now - datetime.timedelta(seconds=settings.REMINDER_LEASE_SECONDS)).update(
            outcome=Outcome.LOST, finished_at=now
        )
        if open_try.exists():
            raise StillLeaving
        entry.about(reminder, reason=reason.strip()[:200])
    reminder.refresh_from_db()
    return reminder

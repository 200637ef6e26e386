"""Tasks for staff when a message was held or failed."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client
from reminders.models import Reminder, StaffTask
from staff.access import Permission, demand
from staff.acts import act
from staff.days import moment_in_words
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal


class AlreadyDone(Refusal):
    """A colleague was faster."""

    sentence = "Someone already did this. Reload the page."


def add(
    *,
    clinic: Clinic,
    sentence: str,
    at: datetime.datetime,
    client: Client | None = None,
    kind: str = StaffTask.Kind.BLOCKED,
) -> StaffTask:
    """Create a task. Its sentence names neither the person nor what their care is about."""
    return StaffTask.objects.create(clinic=clinic, client=client, sentence=sentence[:300], created_at=at, kind=kind)


def instead_of(reminder: Reminder, reason: str, at: datetime.datetime, *, held_back: str = "") -> StaffTask:
    """Create a task for a reminder that was not sent, or to show what was held back; once per reminder.

    `held_back` says what to do if the client's care status, not a failed channel, kept it from going out.
    """
    when = moment_in_words(reminder.asked_for, reminder.zone)
    if held_back:
        kind, sentence = StaffTask.Kind.HELD_BACK, f"A reminder for {when} was held: {reason}. {held_back}"
    else:
        kind = StaffTask.Kind.BLOCKED
        sentence = f"A reminder for {when} was not sent: {reason}. Contact the client another way they allow."
    task, _ = StaffTask.objects.get_or_create(
        reminder=reminder,
        done_at=None,
        defaults={
            "clinic": reminder.clinic,
            "client": reminder.client,
            "kind": kind,
            "sentence": sentence[:300],
            "created_at": at,
        },
    )
    return task


def close(reminder: Reminder, because: str, at: datetime.datetime) -> int:
    """Close what was left to a person for this reminder: it left after all. Returns how many."""
    return StaffTask.objects.filter(reminder=reminder).open().update(done_at=at, done_because=because[:120])


def done(*, task: StaffTask, by: StaffMember) -> StaffTask:
    """Mark the task done. Raises AlreadyDone."""
    demand(by, Permission.REMINDER_VIEW, task)
    with act("reminders.task_done", by=by, client=task.client, clinic=task.clinic) as entry:
        if not StaffTask.objects.filter(pk=task.pk).open().update(done_at=timezone.now(), done_by=by):
            raise AlreadyDone
        entry.about(task)
    task.refresh_from_db()
    return task

"""Tasks for staff when a message was held or failed: they begin, go from hand to hand, and end."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.utils import timezone

from cases.models import Client
from reminders.models import Reminder, StaffTask, TaskHandover
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import moment_in_words
from staff.models import Clinic, StaffMember
from staff.prepared import IsOneOf
from staff.refusals import NotPermitted, Refusal

IN_DOUBT = "may have arrived"  # how the reason begins when nobody knows whether a message left


class AlreadyDone(Refusal):
    """A colleague was faster."""

    sentence = "Someone already did this. Reload the page."


class HandoverReasonNeeded(Refusal):
    """The colleague who has it, or gets it, should know why."""

    sentence = "Enter a reason."


class AlreadyTheirs(Refusal):
    """Whoever is to have it has it."""

    sentence = "They already have this task."


class CantOpen(Refusal):
    """A colleague whose role or care teams keep them from what the task is about."""

    sentence = "They can’t open this task. Choose someone on the client’s care team, the intake desk, or a supervisor."


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
    if reason.startswith(IN_DOUBT):
        kind = StaffTask.Kind.UNCERTAIN
        sentence = f"A reminder for {when} {reason}. Ask the client, another way they allow, whether they got it."
    elif held_back:
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


def close(reminders: Collection[int], because: str, at: datetime.datetime) -> int:
    """Close what was left to a person for these reminders: they left after all. Returns how many."""
    return (
        StaffTask.objects.filter(IsOneOf("reminder", reminders)).open().update(done_at=at, done_because=because[:120])
    )


def hand_over(*, task: StaffTask, to: StaffMember, reason: str, by: StaffMember) -> TaskHandover:
    """Give a task to a colleague, or take it over (`to` is `by`). Its deadlines stay.

    Those who manage reminders may do so without reading what it is about. A reason is needed unless nobody has it and
    someone takes it. Raises NotPermitted, AlreadyDone, AlreadyTheirs, HandoverReasonNeeded, CantOpen.
    """
    demand(by, Permission.REMINDER_VIEW)
    if not StaffTask.objects.overseen_by(by).filter(pk=task.pk).exists():
        raise NotPermitted
    reason = " ".join(reason.split())[:200]
    with act("reminders.task_handed_over", by=by, client=task.client, clinic=task.clinic) as entry:
        StaffTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        current = StaffTask.objects.open().with_owner().filter(pk=task.pk).first()
        if current is None:
            raise AlreadyDone
        owner: int | None = current.owner_id  # type: ignore[attr-defined]  # annotated
        if owner == to.pk:
            raise AlreadyTheirs("You already have this task." if to == by else None)
        if not reason and (to != by or owner is not None):
            raise HandoverReasonNeeded
        if not can(to, Permission.REMINDER_VIEW, task):
            raise CantOpen
        handover = TaskHandover.objects.create(task=task, to=to, by=by, at=timezone.now(), reason=reason)
        entry.about(handover, task=task.pk, to=to.pk)
    return handover


def done(*, task: StaffTask, by: StaffMember) -> StaffTask:
    """Mark the task done. Raises AlreadyDone."""
    demand(by, Permission.REMINDER_VIEW, task)
    with act("reminders.task_done", by=by, client=task.client, clinic=task.clinic) as entry:
        if not StaffTask.objects.filter(pk=task.pk).open().update(done_at=timezone.now(), done_by=by):
            raise AlreadyDone
        entry.about(task)
    task.refresh_from_db()
    return task

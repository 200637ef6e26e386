"""Open tasks as staff read them: whose each is, by when, and through whose hands it went."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from reminders.models import StaffTask
from reminders.models.task import StaffTaskQuerySet, TaskHandover
from reminders.task_deadlines import Deadlines
from reminders.task_links import TaskLink
from staff.models import StaffMember


@dataclass(frozen=True)
class TaskLine:
    """One task. Without `is_readable` neither its sentence nor its client was read."""

    task: StaffTask
    due_at: datetime.datetime
    is_late: bool
    is_mine: bool
    is_readable: bool
    handovers: Sequence[TaskHandover]
    links: Sequence[TaskLink] = ()


def overseen(reader: StaffMember) -> StaffTaskQuerySet:
    """What the list of tasks holds for someone: all that they may read, or for managers the clinic's."""
    return with_hands(StaffTask.objects.overseen_by(reader))


def with_hands(tasks: StaffTaskQuerySet) -> StaffTaskQuerySet:
    """Open tasks with their owners and handovers, the oldest first."""
    hands = TaskHandover.objects.select_related("to", "by").order_by("pk")
    found = tasks.open().with_owner().with_owner_name().select_related("reminder")
    return found.prefetch_related(Prefetch("handovers", hands)).order_by("created_at", "pk")


def lines(
    tasks: Sequence[StaffTask],
    *,
    reader: StaffMember,
    now: datetime.datetime,
    readable: dict[int, StaffTask] | None = None,
    links: Mapping[int, Sequence[TaskLink]] | None = None,
) -> list[TaskLine]:
    """A line for each of these tasks (`with_hands`). `readable`: those the reader may read, if that is not all.

    `links` (task_links.of) lead to where a task is done.
    """
    deadlines = Deadlines.of(reader.clinic)
    found = []
    for task in tasks:
        shown = task if readable is None else readable.get(task.pk, task)
        due_at = deadlines.due_at(task)
        found.append(
            TaskLine(
                shown,
                due_at,
                is_late=due_at <= now,
                is_mine=task.owner_id == reader.pk,  # type: ignore[attr-defined]  # annotated
                is_readable=readable is None or task.pk in readable,
                handovers=list(task.handovers.all()),
                links=(links or {}).get(task.pk, ()),
            )
        )
    return found

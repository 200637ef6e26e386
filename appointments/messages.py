"""What was and will be written to a client about one appointment, and what they answered."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from appointments.models import Appointment, AppointmentAnswer
from cases.models import Client
from reminders.models import Reminder, StaffTask
from reminders.models.task import StaffTaskQuerySet
from reminders.status_text import ReminderStatus, client_statuses
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, known, reads, rows, together


@dataclass(frozen=True)
class Answered:
    """One answer, and the owner of what it left to a person (StaffTaskQuerySet.with_owner_name), if it did."""

    answer: AppointmentAnswer
    owner: str = ""


@dataclass(frozen=True)
class Messages:
    """Messages in the order of their times, and answers."""

    told: Sequence[ReminderStatus]
    answers: Sequence[Answered]
    may_see_told: bool

    def __bool__(self) -> bool:
        return bool(self.told or self.answers)


@reads
def of(
    *, appointment: Appointment, client: Client | None, staff_member: StaffMember, now: datetime.datetime
) -> Reading[Messages]:
    """Read them. Messages only with a client whose chart the person may see; times are the client's own."""
    may = client is not None and can(staff_member, Permission.REMINDER_VIEW)
    own = Reminder.objects.visible_to(staff_member).filter(client=client, context__appointment_id=appointment.pk)
    answers = AppointmentAnswer.objects.visible_to(staff_member).filter(appointment=appointment)
    sent, answered = yield from together(
        rows(own.select_related("client__clinic", "clinic").order_by("asked_for", "pk")) if may else known([]),
        rows(answers.select_related("task__done_by").order_by("at", "pk")),
    )
    open_tasks = [each.task.pk for each in answered if each.task is not None and each.task.done_at is None]
    owners = {}
    if open_tasks:
        tasks = yield from rows(_tasks(open_tasks))
        owners = {task.pk: task.owner_text for task in tasks}
    told = client_statuses(sent, client.zone, now) if client is not None and sent else []
    lines = [Answered(each, owners.get(each.task_id, "") if each.task_id else "") for each in answered]
    return Messages(told, lines, may_see_told=may)


def _tasks(keys: Sequence[int]) -> StaffTaskQuerySet:
    found: StaffTaskQuerySet = StaffTask.objects.filter(pk__in=keys).with_owner().with_owner_name()
    return found

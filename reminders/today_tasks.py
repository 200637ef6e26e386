"""Tasks left to people, on Today: a person's own, those of their desk, and those that others left too long.

Supervisors hear of a colleague's task once it is late, the administrator a business day later. The administrator reads
no charts: late tasks about clients are one line for each colleague, without a name of a client.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q, QuerySet
from django.urls import reverse

from reminders.models import StaffTask
from reminders.models.task import ABOUT_CLIENTS, DESK
from reminders.task_deadlines import Cutoffs, Deadlines, Level
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, known, query, reads, rows, together

SHOWN = 30
REPLIES = (StaffTask.Kind.REPLY, StaffTask.Kind.UNCLEAR)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """What is theirs, each with its due time, and what others left too long."""
    if not can(staff_member, Permission.REMINDER_VIEW):
        return []
    deadlines = Deadlines.of(staff_member.clinic)
    supervises = can(staff_member, Permission.REMINDER_MANAGE) and can(staff_member, Permission.CLIENT_VIEW)
    oversees = can(staff_member, Permission.REMINDER_MANAGE) and not supervises
    tasks, late, elsewhere = yield from together(
        rows(query(_own, by=staff_member)),
        rows(query(_late, by=staff_member, **vars(deadlines.cutoffs(now)))) if supervises else known([]),
        rows(query(_elsewhere, by=staff_member, **vars(deadlines.cutoffs(now, Level.ADMINISTRATOR))))
        if oversees
        else known([]),
    )
    own = [_need(task, deadlines) for task in tasks]
    return own + [_need(task, deadlines, late=True) for task in late] + [_left(each, deadlines) for each in elsewhere]


def _own(by: Any) -> QuerySet[StaffTask]:
    """Those the person has, and those of a desk that they are part of."""
    tasks = StaffTask.objects.visible_to(by).open().with_owner()
    return tasks.filter(Q(owner_id=by) | tasks.of_desk(by)).select_related("client", "reminder")[:SHOWN]


def _late(by: Any, ordinary: Any, before_appointment: Any, danger: Any, now: Any) -> QuerySet[StaffTask]:
    """Colleagues' late tasks about clients whom the person sees."""
    tasks = StaffTask.objects.visible_to(by).open().with_owner().with_owner_name()
    late = tasks.late(Cutoffs(ordinary, before_appointment, danger, now))
    others = Q(owner_id__isnull=False) & ~Q(owner_id=by)
    return tasks.filter(late, others).select_related("client", "reminder")[:SHOWN]


def _elsewhere(by: Any, ordinary: Any, before_appointment: Any, danger: Any, now: Any) -> QuerySet[StaffTask, Any]:
    """How many late tasks each colleague has, and the desk, and since when; at once those that no one has."""
    tasks = StaffTask.objects.overseen_by(by).open().with_owner().with_owner_name()
    late = tasks.late(Cutoffs(ordinary, before_appointment, danger, now))
    others = Q(owner_id__isnull=False) & ~Q(owner_id=by) | Q(owner_id=None) & ~tasks.of_desk(by)
    tasks = tasks.annotate(no_one=ExpressionWrapper(tasks.of_no_one(by), output_field=BooleanField()))
    counted = tasks.filter(late & others | Q(no_one=True)).order_by().values("owner_id", "owner_name", "no_one")
    return counted.annotate(count=Count("pk"), oldest=Min("created_at")).order_by("oldest")


def _need(task: StaffTask, deadlines: Deadlines, *, late: bool = False) -> Need:
    owner: str = getattr(task, "owner_name", "")
    return Need(
        urgency=Urgency.TODAY,
        title=f"{owner}: {task.get_kind_display()}" if late else task.get_kind_display(),
        detail=task.sentence,
        url=f"{page_of(task)}#task-{task.pk}",
        button="View",
        icon="message-square-warning",
        due=deadlines.due_at(task),
        client_name=task.client.full_name if task.client else "",
        kind="Replies" if task.kind in REPLIES else "Messages not sent",
    )


def _left(counted: dict[str, Any], deadlines: Deadlines) -> Need:
    """One colleague's late tasks in one line: how many, and since when they should have been done."""
    count: int = counted["count"]
    number = f"{count}{'' if counted['no_one'] else ' late'} task{'' if count == 1 else 's'}"
    whose = " that no one has" if counted["no_one"] else f": {counted['owner_name'] or ABOUT_CLIENTS}"
    return Need(
        urgency=Urgency.TODAY,
        title=number + whose,
        detail="Ask whoever has them, or hand them to a colleague.",
        url=f"{reverse('reminders:tasks')}?owner={counted['owner_id'] or DESK}",
        button="View",
        icon="message-square-warning",
        due=deadlines.office.later(counted["oldest"], deadlines.days[Level.SUPERVISOR] * deadlines.office.length),
        kind="Messages not sent",
    )


def page_of(task: StaffTask) -> str:
    """Where a task is done: on the chart it is about, else on the list of tasks."""
    if task.client_id:
        return reverse("reminders:client_reminders", args=[task.client_id])
    return reverse("reminders:tasks")

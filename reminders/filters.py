"""Filters of the lists of reminders and of tasks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter

from reminders.models import Kind, Reminder, StaffTask
from reminders.models.task import DESK, StaffTaskQuerySet
from reminders.status_text import may_see_kind
from reminders.task_deadlines import Deadlines
from staff.access import Permission, StaffRequest, roles_with
from staff.filters import ListFilter, TickFilter
from staff.models import StaffMember


class ReminderFilter(ListFilter):
    """Which reminders to show. Only those who may see what a reminder is about can filter by it."""

    DUE = (("overdue", "Overdue"), ("today", "Today"), ("week", "The next 7 days"))

    state = ChoiceFilter(label="Status", choices=Reminder.State.choices, empty_label="Any status")
    kind = ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="Any kind")
    due = ChoiceFilter(label="Due", choices=DUE, empty_label="Any time", method="due_then")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_see_kind(self.request.user):
            del self.filters["kind"]

    def due_then(self, rows: QuerySet[Reminder], name: str, due: str) -> QuerySet[Reminder]:  # noqa: ARG002
        """Overdue and not sent yet, due today, or due from today on for a week."""
        now = timezone.now()
        if due == "overdue":
            return rows.filter(due_at__lt=now, state__in=(Reminder.State.PENDING, Reminder.State.CLAIMED))
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        days = {"today": 1, "week": 7}[due]
        return rows.filter(due_at__gte=midnight, due_at__lt=midnight + datetime.timedelta(days=days))


class UpcomingFilter(ListFilter):
    """Which messages of the next 14 days to show."""

    TO = (("clients", "Clients"), ("staff", "Staff"))
    WITHIN = (("1", "Today and tomorrow"), ("7", "The next 7 days"))

    to = ChoiceFilter(label="To", choices=TO, empty_label="Anyone", method="of_receiver")
    kind = ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="Any kind")
    within = ChoiceFilter(label="Due", choices=WITHIN, empty_label="The next 14 days", method="due_within")

    def of_receiver(self, rows: QuerySet[Reminder], name: str, to: str) -> QuerySet[Reminder]:  # noqa: ARG002
        """To clients, or to colleagues."""
        return rows.filter(client__isnull=to == "staff")

    def due_within(self, rows: QuerySet[Reminder], name: str, days: str) -> QuerySet[Reminder]:  # noqa: ARG002
        """Until the end of a day of the clinic."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return rows.filter(due_at__lt=midnight + datetime.timedelta(days=int(days) + 1))


MINE = "mine"


class TaskFilter(ListFilter):
    """Whose tasks, which are late, and of what kind."""

    owner = ChoiceFilter(label="Whose", choices=[], empty_label="Everyone’s", method="of_owner")
    kind = ChoiceFilter(label="Kind", choices=StaffTask.Kind.choices, empty_label="Any kind")
    late = TickFilter(label="Late only", method="only_late")

    def __init__(self, request: StaffRequest, rows: StaffTaskQuerySet, colleagues: Sequence[StaffMember]) -> None:
        super().__init__(request, rows)
        others = [(str(each.pk), str(each)) for each in colleagues if each != request.user]
        self.filters["owner"].extra["choices"] = [(MINE, "Mine"), (DESK, "No one’s own"), *others]

    def of_owner(self, tasks: Any, name: str, owner: str) -> QuerySet[StaffTask]:  # noqa: ARG002
        """The reader's own and their desk's, those that no one has, or a colleague's."""
        if owner == MINE:
            return tasks.filter(Q(owner_id=self.request.user) | tasks.of_desk(self.request.user))
        return tasks.filter(owner_id=None) if owner == DESK else tasks.filter(owner_id=owner)

    def only_late(self, tasks: Any, name: str, late: bool) -> QuerySet[StaffTask]:  # noqa: ARG002
        """Past their due time."""
        cutoffs = Deadlines.of(self.request.user.clinic).cutoffs(timezone.now())
        return tasks.filter(tasks.late(cutoffs)) if late else tasks


def colleagues_with_tasks(staff_member: StaffMember) -> QuerySet[StaffMember]:
    """Who may have a task, in the order of their names."""
    own = StaffMember.objects.visible_to(staff_member)
    return own.filter(is_active=True, role__in=roles_with(Permission.REMINDER_VIEW))

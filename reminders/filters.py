"""Filters of the list of reminders."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter

from reminders.models import Kind, Reminder
from reminders.status_text import may_see_kind
from staff.filters import ListFilter


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

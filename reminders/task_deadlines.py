"""When a task left to a person is due, and when it goes on to supervisors and to the administrator.

Deadlines follow from when a task arose, so nothing has to move it. They are office hours, but for danger. Rows are
looked for by the latest moment at which a task that is late by now can have arisen (`cutoffs`): a column to compare.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import IntEnum

from reminders.models import StaffTask
from reminders.thresholds import TASK_ADMINISTRATOR_DAYS, TASK_DAYS, TASK_URGENT_HOURS
from staff.models import Clinic
from staff.office_hours import OfficeHours
from staff.thresholds import values_for


class Level(IntEnum):
    """Who hears of it next."""

    SUPERVISOR = 1
    ADMINISTRATOR = 2


@dataclass(frozen=True)
class Cutoffs:
    """A task of its sort that arose at this moment or before is late (StaffTaskQuerySet.late)."""

    ordinary: datetime.datetime
    before_appointment: datetime.datetime
    danger: datetime.datetime
    now: datetime.datetime


@dataclass(frozen=True)
class Deadlines:
    """A clinic's office hours and numbers, read once."""

    office: OfficeHours
    days: dict[Level, int]
    urgent: datetime.timedelta

    @classmethod
    def of(cls, clinic: Clinic) -> Deadlines:
        """The clinic's own. One query, in a request once."""
        own = values_for(clinic, (TASK_DAYS, TASK_ADMINISTRATOR_DAYS, TASK_URGENT_HOURS))
        days = {Level.SUPERVISOR: own[TASK_DAYS.key], Level.ADMINISTRATOR: own[TASK_ADMINISTRATOR_DAYS.key]}
        return cls(OfficeHours.of(clinic), days, datetime.timedelta(hours=own[TASK_URGENT_HOURS.key]))

    def due_at(self, task: StaffTask, level: Level = Level.SUPERVISOR) -> datetime.datetime:
        """When a task (`with_owner`, its reminder loaded) is due, or goes on to this level."""
        due = self.office.later(task.created_at, self.days[level] * self.office.length)
        if task.is_danger:  # type: ignore[attr-defined]  # annotated
            due = min(due, task.created_at + level * self.urgent)
        if task.is_before_appointment:
            due = min(due, self.office.later(task.created_at, level * self.urgent))
            if task.reminder is not None and task.reminder.not_after is not None:
                due = min(due, max(task.reminder.not_after, task.created_at))
        return due

    def cutoffs(self, now: datetime.datetime, level: Level = Level.SUPERVISOR) -> Cutoffs:
        """The same, seen from now."""
        return Cutoffs(
            ordinary=self.office.earlier(now, self.days[level] * self.office.length),
            before_appointment=self.office.earlier(now, level * self.urgent),
            danger=now - level * self.urgent,
            now=now,
        )

"""What reminders/ puts on somebody's Today: what a machine could not do."""

from __future__ import annotations

import datetime

from django.urls import reverse

from reminders.models import Reminder, StaffTask
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency

SHOWN = 30
STUCK_AFTER = datetime.timedelta(minutes=15)


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    """Tasks left by blocked and failed messages; for who manages reminders, also an outbox that does not move."""
    tasks = StaffTask.objects.visible_to(staff_member).open().select_related("client")[:SHOWN]
    found = [
        Need(
            urgency=Urgency.TODAY,
            title="Reach somebody another way",
            detail=task.sentence,
            url=reverse("reminders:client_reminders", args=[task.client_id]) if task.client_id else _all(),
            button="See",
            icon="message-square-warning",
            due=task.created_at,
            client_name=task.client.full_name if task.client else "",
            kind="Messages that did not go out",
        )
        for task in tasks
    ]
    if can(staff_member, Permission.REMINDER_MANAGE):
        found += _stuck(staff_member, now)
    return found


def _stuck(staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    late = Reminder.objects.filter(
        clinic=staff_member.clinic_id, state=Reminder.State.PENDING, due_at__lt=now - STUCK_AFTER
    ).count()
    if not late:
        return []
    return [
        Need(
            urgency=Urgency.NOW,
            title="Reminders are not going out",
            detail=f"{late} waiting more than 15 minutes. Are the worker and beat running?",
            url=f"{_all()}?due=overdue",
            button="See them",
            icon="bell-off",
            kind="Messages that did not go out",
        )
    ]


def _all() -> str:
    return reverse("reminders:reminders")

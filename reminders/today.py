"""Reminder items on Today: what could not be done automatically."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse

from reminders import backup_runs, crisis, today_tasks
from reminders.models import CrisisReply, Reminder
from staff import phones
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, known, query, reads, rows, together

STUCK_AFTER = datetime.timedelta(minutes=15)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """People in danger who replied; tasks left by messages and replies; to managers, an outbox that does not move."""
    tasks, replies, late, backups = yield from together(
        today_tasks.needs.part(staff_member=staff_member, now=now),
        rows(query(_waiting, by=staff_member)),
        rows(query(_late, by=staff_member, since=now - STUCK_AFTER))
        if can(staff_member, Permission.REMINDER_MANAGE)
        else known([]),
        rows(backup_runs.notes()) if _hears_of_backups(staff_member) else known(None),
    )
    told = [] if backups is None else _backups(backup_runs.standing(now, clinic=staff_member.clinic, rows=backups))
    return _crises(replies) + tasks + [_stuck(count) for count in late] + told


def _hears_of_backups(staff_member: StaffMember) -> bool:
    """Who watches over the logs watches over what would be left of them."""
    return settings.BACKUPS_EXPECTED and can(staff_member, Permission.AUDIT_VERIFY)


def _backups(found: backup_runs.Backups) -> list[Need]:
    if not found.is_late:
        return []
    return [
        Need(
            urgency=Urgency.TODAY,
            title=f"No backup in the past {found.hours} hours",
            detail="What came since the last one has no copy. Ask IT to check the nightly backup.",
            url=reverse("reminders:backups"),
            button="View backups",
            icon="database-backup",
            kind="Backups",
        )
    ]


def _waiting(by: Any) -> QuerySet[CrisisReply]:
    open_replies = CrisisReply.objects.visible_to(by).open().select_related("client__clinic", "clinic")
    return open_replies.order_by("received_at", "pk")


def _crises(replies: Sequence[CrisisReply]) -> list[Need]:
    """Who wrote that they are in danger: one line for each person and number, by the newest of their replies."""
    newest = {(reply.client_id, reply.contact_value): reply for reply in replies}
    return [
        Need(
            urgency=Urgency.NOW,
            first=True,
            title=f"Call this person now: {_said(reply)} mentions {reply.danger_words}",
            detail=_answer(reply),
            url=crisis.page(reply),
            button="Read it" if reply.was_on_page else "Read reply",
            icon="siren",
            due=reply.received_at,
            client_name=reply.client.full_name if reply.client else "",
            kind="Client in danger",
        )
        for reply in newest.values()
    ]


def _said(reply: CrisisReply) -> str:
    return "what they wrote" if reply.was_on_page else "their reply"


def _answer(reply: CrisisReply) -> str:
    if reply.answer_failed:
        return f"Could not send 911 and 988: {reply.answer_failed}."
    if reply.was_on_page:
        told = "Typed on the private page, which showed 911 and 988 to whoever had it open. No message was sent."
    else:
        told = "Sent 911 and 988." if reply.answered_at else "Sending 911 and 988 now."
    if reply.client is None:
        return f"From {phones.spoken(reply.contact_value)}, which is on no client’s record. {told}"
    return f"Several clients share this number. Check on each of them. {told}" if reply.is_shared else told


def _late(by: Any, since: Any) -> QuerySet[Reminder, int]:
    """How many reminders the outbox has kept for too long, as one row; none where it moves."""
    late = Reminder.objects.filter(
        clinic=by.clinic_id, state__in=(Reminder.State.PENDING, Reminder.State.CLAIMED), due_at__lt=since
    )
    return late.order_by().values("clinic").annotate(count=Count("pk")).values_list("count", flat=True)


def _stuck(late: int) -> Need:
    return Need(
        urgency=Urgency.NOW,
        title="Reminders are not being sent",
        detail=f"{late} more than 15 minutes late. Ask IT to check the worker and beat.",
        url=f"{_all()}?due=overdue",
        button="View reminders",
        icon="bell-off",
        kind="Messages not sent",
    )


def _all() -> str:
    return reverse("reminders:reminders")

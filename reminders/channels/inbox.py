"""The inbox in the product, for reminders to staff."""

from __future__ import annotations

from django.utils import timezone

from reminders.channels.interface import Message, Undeliverable
from reminders.models import InboxItem
from staff import outside


def put(message: Message) -> None:
    """Put a reminder into its receiver's inbox (`inbox:7`); a second time changes nothing."""
    pk = outside.number(message.idempotency_key.partition("@")[0].removeprefix("reminder-"))
    to = outside.number(message.to.removeprefix("inbox:"))
    if pk is None or to is None:
        raise Undeliverable("an inbox takes reminders to staff alone")
    item = InboxItem(reminder_id=pk, staff_member_id=to, arrived_at=timezone.now())
    InboxItem.objects.bulk_create([item], ignore_conflicts=True)

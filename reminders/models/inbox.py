from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from staff.models import StaffMember

from .reminder import Reminder, not_told_of


class InboxItemQuerySet(models.QuerySet["InboxItem"]):
    def visible_to(self, staff_member: StaffMember) -> InboxItemQuerySet:
        """One's own, and no one else's."""
        return self.of(staff_member)

    def of(self, owner: Any) -> InboxItemQuerySet:
        """The same, for an expression that says whose: every page counts what is unread (staff.models)."""
        return self.filter(not_told_of(owner, "reminder__"), staff_member=owner)

    def unread(self) -> InboxItemQuerySet:
        """Items that their owner has not opened."""
        return self.filter(read_at=None)


class InboxItem(models.Model):
    """A reminder in a colleague's inbox: what it is about is in the reminder's context ids."""

    reminder = models.OneToOneField(Reminder, on_delete=models.PROTECT, related_name="inbox_item")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inbox_items")
    arrived_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True, help_text="When an email about the inbox was begun.")

    objects = InboxItemQuerySet.as_manager()

    class Meta:
        ordering = ("-arrived_at", "-pk")
        indexes = [
            models.Index(fields=("staff_member", "-arrived_at", "-id"), name="inbox_of"),
            models.Index(fields=("staff_member",), condition=Q(read_at=None), name="inbox_unread"),
            models.Index(fields=("arrived_at",), condition=Q(nudged_at=None), name="inbox_to_nudge"),
        ]

    def __str__(self) -> str:
        return str(self.reminder.get_kind_display())

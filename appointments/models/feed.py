from __future__ import annotations

from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """The secret address at which someone's calendar program reads their appointments. Only its digest is kept."""

    staff_member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text="When a calendar program last asked.")

    def __str__(self) -> str:
        return f"Calendar feed of {self.staff_member}"

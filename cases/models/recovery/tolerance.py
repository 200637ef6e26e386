from __future__ import annotations

from django.conf import settings
from django.db import models

from cases.models.episodes.episode import LevelOfCarePeriod
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission


class ToleranceWarningQuerySet(ClientRecordQuerySet["ToleranceWarning"]):
    view_permission = Permission.RELAPSE_VIEW
    client_path = "period__episode__client"


class ToleranceWarning(models.Model):
    """A warning about lost opioid tolerance, given on leaving a controlled setting: who gave it, and when.

    For a return to use, this is on its own row (`Relapse.tolerance_warned_at`). Append-only. `left_at` is when the
    period ended at the time: if a discharge is undone and recorded again, that is another break and another warning.
    """

    period = models.ForeignKey(LevelOfCarePeriod, on_delete=models.PROTECT, related_name="tolerance_warnings")
    left_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ToleranceWarningQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(fields=("period", "left_at"), name="tolerance_warned_once_per_break")]

    def __str__(self) -> str:
        return f"Warned about reduced tolerance, period {self.period_id}"

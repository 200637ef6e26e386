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
    """On leaving a controlled setting someone was told how far opioid tolerance has fallen: who said it, and when.

    For a return to use the same stands on its own row (`Relapse.tolerance_warned_at`). Append-only. `left_at` is when
    the period ended then: a discharge that is taken back and recorded anew is another break, and another warning.
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

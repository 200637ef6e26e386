from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import NoReturn
from staff.access import Permission

from .measure import LONGEST_REASON, Measure


class UseExplainedQuerySet(ClientRecordQuerySet["UseExplained"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "measure__client"


class UseExplained(models.Model):
    """Why use that a measure reports is not a return to use: who said so and when. Append-only."""

    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="use_explained")
    reason = models.CharField("reason it is not a return to use", max_length=12, choices=NoReturn)
    words = models.CharField("comment", max_length=LONGEST_REASON, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = UseExplainedQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=NoReturn.values), name="use_explained_by_a_known_reason"),
            models.CheckConstraint(
                condition=~Q(reason=NoReturn.OTHER.value, words__regex=r"^\s*$"), name="use_explained_in_words"
            ),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()

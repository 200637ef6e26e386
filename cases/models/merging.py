from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from staff.access import Permission
from staff.history import tracked

from .people.client import Client
from .visibility import ClientRecordQuerySet


class MergeQuerySet(ClientRecordQuerySet["ClientMerge"]):
    view_permission = Permission.CLIENT_MERGE
    client_path = "keep"


@tracked
class ClientMerge(models.Model):
    """A merge of two records of one person, with everything needed to undo it exactly."""

    keep = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="merges_kept")
    absorb = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="merges_absorbed")
    moved = models.JSONField(
        default=dict,
        help_text="Relation → IDs of the rows that moved, and duplicates set aside.",
    )
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ("-merged_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("absorb",), condition=Q(undone_at=None), name="record_absorbed_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(keep=F("absorb")), name="merge_joins_two_records"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="unmerge_has_time_and_author",
            ),
        ]

    def __str__(self) -> str:
        return f"Merge {self.pk}"

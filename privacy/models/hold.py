from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic


class LegalHoldQuerySet(ClientRecordQuerySet["LegalHold"]):
    view_permission = Permission.RETENTION_KEEP

    def open(self) -> LegalHoldQuerySet:
        """Those that no one has lifted."""
        return self.filter(lifted_at=None)


@tracked
class LegalHold(models.Model):
    """Why a client's record must stay as it is, whatever the retention period says: a lawsuit, an audit, a request.

    While one is open, the database refuses to delete the client or to merge their record. Sealed but for being lifted;
    several may be open, for several matters.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=500)
    from_on = models.DateField("from", help_text="The day on which the clinic had to begin to keep it.")
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.CharField(max_length=500, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ("-placed_at", "-pk")
        constraints = [
            *since_1900("from_on", prefix="legal_hold"),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lift_reason="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason=""),
                name="legal_hold_lifted_by_someone_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold {self.pk}"

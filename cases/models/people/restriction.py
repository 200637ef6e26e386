from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.history import tracked
from staff.models import Clinic

from .client import Client


class ClientRestrictionQuerySet(ClientRecordQuerySet["ClientRestriction"]):
    view_permission = Permission.RESTRICTION_KEEP

    def in_force(self) -> ClientRestrictionQuerySet:
        """Restrictions that were not lifted."""
        return self.filter(lifted_at=None)


@tracked
class ClientRestriction(models.Model):
    """A client asked that one member of staff not see their record, and the clinic agreed.

    45 CFR 164.522(a)(1) and 42 CFR 2.26(a): what was agreed to binds, except in a medical emergency. Who asked for it,
    why and until when stays on record; a row changes once, when it is lifted (164.522(a)(2), 2.26(b)). What it takes
    away is decided in `cases.models.visibility`, through the SQL function of migration 0006_kept_from.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="restrictions")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="restrictions")
    reason = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.CharField(max_length=300, blank=True)

    objects = ClientRestrictionQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="restriction_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("staff_member")), name="restriction_is_recorded_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lift_reason="")
                | Q(lifted_at__gte=F("starts_at"), lifted_by__isnull=False, lift_reason__regex=r"\S"),
                name="restriction_is_lifted_by_somebody_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=("staff_member",), include=("client", "starts_at"), condition=Q(lifted_at=None),
                name="restriction_in_force",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Restriction {self.pk}"

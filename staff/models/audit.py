from __future__ import annotations

from django.conf import settings
from django.db import models

from staff import seals

from .clinic import Clinic


class AuditEntry(models.Model):
    """One act, in the transaction that did it. The database chains entries per clinic by hash and refuses any change.

    A trigger sets `position`, `previous_hash` and `hash`: entries count up from 1 in each clinic without gaps, and each
    hash covers the entry and the hash before it, under a key that the database does not have (staff/seals.py), so a
    missing, altered or recomputed entry shows (45 CFR 164.312(b) and (c)). `client_id` is a plain number: this app
    knows nothing of clients.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField(editable=False, default=0)
    at = models.DateTimeField()
    staff_member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: a scheduled job.",
    )
    act = models.CharField(max_length=80)
    client_id = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict, blank=True)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, editable=False, default="")
    seal = models.CharField(max_length=320, editable=False, default=seals.new)

    class Meta:
        ordering = ("clinic", "-position")
        verbose_name_plural = "audit entries"
        constraints = [models.UniqueConstraint(fields=("clinic", "position"), name="audit_position_once_per_clinic")]
        indexes = [models.Index(fields=("client_id", "-at"), name="audit_by_client")]

    def __str__(self) -> str:
        return f"{self.position} {self.act}"


class ChainMark(models.Model):
    """How far the entries of a chain go that are from before seals, vouched for with the key. Append-only."""

    log = models.CharField(max_length=80, help_text="Its table.")
    clinic_number = models.BigIntegerField()
    position = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ("log", "clinic_number")
        constraints = [models.UniqueConstraint(fields=("log", "clinic_number"), name="chain_marked_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.clinic_number}: {self.position}"

"""What the nightly check of the chained logs found."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from staff.access import Permission, can
from staff.models import Clinic, StaffMember


class AuditFault(models.TextChoices):
    """How a log differs from what was written to it."""

    MISSING = "missing", "Entries were removed"
    CHANGED = "changed", "Entries were changed"
    REORDERED = "reordered", "The order was changed"
    INSERTED = "inserted", "Entries were inserted"
    RECOMPUTED = "recomputed", "Entries were rewritten and recomputed"
    UNKNOWN_KEY = "unknown_key", "Entries were written with a key that isn’t known"
    UNLINKED = "unlinked", "An entry doesn’t follow from the one before it"
    CUT_OFF = "cut_off", "The end was cut off"
    UNGUARDED = "unguarded", "The log isn’t protected against changes"
    ENDS = "ends", "The record of where the log ended was changed"


_NAMES = {
    "staff.AuditEntry": "Acts",
    "privacy.ChartAccess": "Pages opened",
    "privacy.ListAccess": "Lists and searches",
    "groups.GroupSignature": "Signed group notes",
}


class AuditCheckQuerySet(models.QuerySet["AuditCheck"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's checks, for those who oversee its logs."""
        if not can(staff_member, Permission.AUDIT_VERIFY):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def unacknowledged(self) -> Self:
        """Those that are over and found something that no one has acknowledged, in them or in another check."""
        known = AuditFinding.objects.filter(
            found_in__clinic=OuterRef("found_in__clinic"),
            found_in__log=OuterRef("found_in__log"),
            found_in__acknowledgment__isnull=False,
            fault=OuterRef("fault"),
            position=OuterRef("position"),
            words=OuterRef("words"),
        )
        new = AuditFinding.objects.filter(~Exists(known), found_in=OuterRef("pk")).order_by()
        return self.filter(Exists(new), finished_at__isnull=False)


class AuditCheck(models.Model):
    """One check of one clinic's entries in one log, in slices by position.

    A trigger lets a check only move forward while it is in progress, and locks it once its result was sent.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    log = models.CharField(max_length=80, help_text="Its model: one of settings.AUDIT_CHAINS.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    entries_checked = models.PositiveBigIntegerField(default=0)
    reached = models.BigIntegerField(default=0, help_text="Entries up to this number are checked.")
    reached_hash = models.CharField(max_length=64, blank=True)
    mailed_at = models.DateTimeField(null=True, help_text="When the result was emailed to the privacy officers.")

    objects = AuditCheckQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        indexes = [models.Index(fields=("clinic", "log", "-started_at", "-id"), name="audit_check_by_start")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
                name="audit_check_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(mailed_at=None) | Q(finished_at__isnull=False), name="audit_check_is_mailed_when_over"
            ),
            models.UniqueConstraint(
                fields=("clinic", "log"), condition=Q(finished_at=None), name="one_audit_check_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"Check {self.pk}"

    @property
    def log_words(self) -> str:
        """The log's name on a page."""
        return _NAMES.get(self.log, self.log)


class AuditFinding(models.Model):
    """One thing that a check found. Append-only."""

    found_in = models.ForeignKey(AuditCheck, on_delete=models.PROTECT, related_name="findings")
    fault = models.CharField(max_length=12, choices=AuditFault)
    position = models.BigIntegerField(help_text="The entry at which it shows.")
    words = models.CharField(max_length=300)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"Entry {self.position}: {self.get_fault_display()}"


class AuditAcknowledgmentQuerySet(models.QuerySet["AuditAcknowledgment"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's own, for those who oversee its logs."""
        if not can(staff_member, Permission.AUDIT_VERIFY):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class AuditAcknowledgment(models.Model):
    """Someone has seen what a check found, and says what they did about it. Append-only.

    A later check that finds the same in the same log is acknowledged with it.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    of_check = models.OneToOneField(AuditCheck, on_delete=models.PROTECT, related_name="acknowledgment")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=500)

    objects = AuditAcknowledgmentQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"Acknowledgment {self.pk}"

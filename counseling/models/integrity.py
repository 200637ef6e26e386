"""What was found when all signed notes were checked against their signatures."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from staff.access import Permission, can
from staff.models import Clinic, StaffMember


class Fault(models.TextChoices):
    """In which way a signed note is not what was signed."""

    TEXT = "text", "The note does not match its signature"
    COSIGNATURE = "cosign", "The note does not match its cosignature"
    ADDENDUM = "addendum", "An addendum does not match its fingerprint"
    UNSIGNED = "unsigned", "Its signature is missing"
    ADDENDUM_GONE = "gone", "An addendum was removed"
    NOTE_GONE = "missing", "The note itself was removed"


class IntegrityQuerySet(models.QuerySet["IntegrityCheck"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's own, for those who watch over what was signed."""
        if not can(staff_member, Permission.SIGNATURES_VERIFY):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class IntegrityCheck(models.Model):
    """One pass over every signed note of a clinic. Append-only: written once, when the pass is over."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    notes_checked = models.PositiveIntegerField()

    objects = IntegrityQuerySet.as_manager()

    class Meta:
        ordering = ("-finished_at", "-pk")
        indexes = [models.Index(fields=("clinic", "-finished_at", "-id"), name="integrity_by_clinic")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__gte=models.F("started_at")), name="integrity_check_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"Check {self.pk}"


class FindingQuerySet(models.QuerySet["IntegrityFinding"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Of checks that the person may see."""
        return self.filter(found_in__in=IntegrityCheck.objects.visible_to(staff_member))


class IntegrityFinding(models.Model):
    """One fault of one note, in one pass. Plain numbers: the note, or even its client's row, may be gone."""

    found_in = models.ForeignKey(IntegrityCheck, on_delete=models.PROTECT, related_name="findings")
    note_number = models.BigIntegerField()
    client_number = models.BigIntegerField()
    fault = models.CharField(max_length=10, choices=Fault)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("note_number", "pk")
        constraints = [
            models.UniqueConstraint(fields=("found_in", "note_number", "fault"), name="fault_once_in_a_check")
        ]

    def __str__(self) -> str:
        return f"Note {self.note_number}: {self.get_fault_display()}"

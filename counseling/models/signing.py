"""Results of checking all signed notes against their signatures."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Subquery, When

from staff.access import Permission, can
from staff.models import Clinic, StaffMember


class Fault(models.TextChoices):
    """How a signed note changed after signing."""

    TEXT = "text", "The note doesn’t match its signature"
    COSIGNATURE = "cosign", "The note doesn’t match its cosignature"
    ADDENDUM = "addendum", "An addendum doesn’t match its fingerprint"
    UNSIGNED = "unsigned", "The signature is missing"
    ADDENDUM_GONE = "gone", "An addendum was removed"
    ELSEWHERE = "moved", "The note is in another client’s chart than it was signed for"
    NOTE_GONE = "missing", "The note was removed"


class IntegrityQuerySet(models.QuerySet["IntegrityCheck"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The clinic's checks, for those who oversee signed notes."""
        if not can(staff_member, Permission.SIGNATURES_VERIFY):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class IntegrityCheck(models.Model):
    """One check of every signed note of a clinic, in batches by note number, each stored when done.

    A trigger (migration 0005_append_only) lets a check only move forward while in progress, and locks it once finished.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    notes_to_check = models.PositiveIntegerField(null=True, help_text="Signed notes when it began.")
    notes_checked = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0, help_text="Notes up to this number are checked.")

    objects = IntegrityQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        indexes = [models.Index(fields=("clinic", "-started_at", "-id"), name="integrity_by_start")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=models.F("started_at")),
                name="integrity_check_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=("clinic",), condition=Q(finished_at=None), name="one_integrity_check_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"Check {self.pk}"


class FindingQuerySet(models.QuerySet["IntegrityFinding"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Of checks that the person may see."""
        return self.filter(found_in__in=IntegrityCheck.objects.visible_to(staff_member))

    def standing(self, clinic_id: int) -> Self:
        """Current problems: found by the check in progress, or by the previous one in notes not checked yet.

        A problem shows as soon as it is found, until a later check has looked at the note again.
        """
        checks = IntegrityCheck.objects.filter(clinic=clinic_id)
        # how far the check in progress has come; nothing where the latest one is over
        reached = checks.annotate(so_far=Case(When(finished_at=None, then=F("reached")))).values("so_far")
        return self.filter(
            Q(found_in__in=checks.values("pk")[:1])
            | Q(found_in__in=checks.values("pk")[1:2], note_number__gt=Subquery(reached[:1]))
        )


class IntegrityFinding(models.Model):
    """One problem with one note, in one check. Plain numbers: the note, or even its client's row, may be gone."""

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

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from staff.access import Permission, can
from staff.models.clinic import MedicalIntensity

from .assessments import LevelOfCareAssessment
from .intake import Inquiry

if TYPE_CHECKING:
    from staff.models import StaffMember

WHOSE = Coalesce("assessment__client", "inquiry__client")


class MedicalEvaluationQuerySet(models.QuerySet["MedicalEvaluation"]):
    def visible_to(self, staff_member: StaffMember) -> MedicalEvaluationQuerySet:
        """Evaluations for assessments and calls the person may see."""
        return self.filter(
            Q(assessment__in=LevelOfCareAssessment.objects.visible_to(staff_member))
            | Q(inquiry__in=Inquiry.objects.visible_to(staff_member))
        )

    def told_to(self, staff_member: StaffMember) -> MedicalEvaluationQuerySet:
        """Visible evaluations for a page: who, when, what is needed.

        `is_told` says whether this reader may read findings and actions. Both are a clinician's words about a person's
        health, as a note is (45 CFR 164.502(b)).
        """
        reads = can(staff_member, Permission.NOTE_VIEW)
        rows = self.select_related("by").annotate(is_told=Value(reads))
        return rows if reads else rows.defer("found", "done")

    def with_whose(self) -> MedicalEvaluationQuerySet:
        """Adds the client as `whose`, whether they had a decision since, and the records a page names.

        `whose` is None for a caller who is not linked yet.
        """
        decided = LevelOfCareAssessment.objects.filter(client=OuterRef("whose"), decided_at__gt=OuterRef("at"))
        return (
            self.annotate(whose=WHOSE)
            .annotate(was_decided_since=Exists(decided))
            .select_related("assessment__client", "inquiry__client", "inquiry__clinic", "by")
        )


class MedicalEvaluation(models.Model):
    """A medical provider's evaluation of a medical need that was decided, or of a danger sign a caller named.

    It records findings, actions, and what this clinic still has to provide. Append-only: later findings go in the next
    one. The client follows from the assessment or the call.
    """

    assessment = models.ForeignKey(
        LevelOfCareAssessment, on_delete=models.PROTECT, null=True, blank=True, related_name="medical_evaluations"
    )
    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.PROTECT, null=True, blank=True, related_name="medical_evaluations"
    )
    found = models.TextField("findings")
    done = models.TextField("actions taken")
    need = models.PositiveSmallIntegerField(
        "still needed", choices=MedicalIntensity, help_text="None if it was met, or is met elsewhere."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MedicalEvaluationQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("at",), name="medical_evaluation_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(assessment__isnull=False) | Q(inquiry__isnull=False), name="evaluation_is_about_something"
            ),
            models.CheckConstraint(
                condition=~Q(found__regex=r"^\s*$") & ~Q(done__regex=r"^\s*$"), name="evaluation_says_found_and_done"
            ),
            models.CheckConstraint(condition=Q(need__in=MedicalIntensity.values), name="evaluation_need_is_known"),
        ]

    def __str__(self) -> str:
        return f"Medical evaluation {self.pk}"

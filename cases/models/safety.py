from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from staff.access import Permission

from .people.client import Client
from .visibility import ClientRecordQuerySet

LONGEST_REASON = 300


class SafetyEvaluationQuerySet(ClientRecordQuerySet["SafetyEvaluation"]):
    view_permission = Permission.SAFETY_EVALUATE


class SafetyEvaluation(models.Model):
    """A clinician's safety evaluation: when, what was found, what was done, and when to check again.

    It answers the dangers on record at that time and no others, by their keys (safety/concerns.py). Anything recorded
    later, even for an earlier day, reopens the concern. No one can change or delete it: a trigger refuses everything
    but a move during a merge of two records of one person (migration 0003_append_only).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="safety_evaluations")
    evaluated_at = models.DateTimeField()
    evaluated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    found = models.TextField("findings")
    done = models.TextField("actions taken")
    next_check_on = models.DateField("next check", null=True, blank=True)
    no_check_because = models.CharField("why no next check is needed", max_length=LONGEST_REASON, blank=True)
    recorded_at = models.DateTimeField()
    answers = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="Keys of the safety concerns this evaluation answers.",
    )

    objects = SafetyEvaluationQuerySet.as_manager()

    class Meta:
        ordering = ("-evaluated_at", "-pk")
        indexes = [
            models.Index(fields=("client", "-evaluated_at", "-id"), name="safety_evaluation_by_client"),
            models.Index(
                fields=("next_check_on",),
                condition=Q(next_check_on__isnull=False),
                name="safety_evaluation_next_check",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(found__regex=r"^\s*$") & ~Q(done__regex=r"^\s*$"),
                name="safety_evaluation_says_found_and_done",
            ),
            models.CheckConstraint(
                condition=Q(next_check_on__isnull=False, no_check_because="")
                | (Q(next_check_on=None) & ~Q(no_check_because__regex=r"^\s*$")),
                name="safety_evaluation_next_check_or_why_none",
            ),
            models.CheckConstraint(
                condition=Q(evaluated_at__lte=F("recorded_at")), name="safety_evaluation_is_not_to_come"
            ),
        ]

    def __str__(self) -> str:
        return f"Safety evaluation {self.pk}"

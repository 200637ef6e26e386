from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900

from .episode import LevelOfCarePeriod


class ReviewQuerySet(ClientRecordQuerySet["ContinuedStayReview"]):
    view_permission = Permission.EPISODE_VIEW
    client_path = "period__episode__client"


class ContinuedStayReview(models.Model):
    """A continued-stay review of a level of care. It begins no new period, and no one rewrites it.

    Later findings go in the next review; the table only grows.
    """

    class Outcome(models.TextChoices):
        CONTINUE = "continue", "This level still fits"
        CHANGE = "change", "Another level fits better"
        DISCHARGE = "discharge", "Ready for discharge"

    period = models.ForeignKey(LevelOfCarePeriod, on_delete=models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField()
    unmet_need_reason = models.CharField(
        max_length=300, blank=True, help_text="Why the level continues although it can’t meet the medical need."
    )
    went_on_because = models.CharField(
        "reviewed anyway because",
        max_length=300,
        blank=True,
        db_default="",
        help_text="Why a required safety step was not done first.",
    )
    assessment = models.ForeignKey(
        "cases.LevelOfCareAssessment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        help_text="The decision to continue this level.",
    )
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    next_review_on = models.DateField(null=True, blank=True)
    authorized_through = models.DateField(null=True, blank=True, help_text="Last day authorized by the payer, if any.")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("reviewed_at", "pk")
        constraints = [
            *since_1900("next_review_on", "authorized_through", prefix="stay_review"),
            models.CheckConstraint(condition=~Q(reason=""), name="continued_stay_review_says_why"),
            models.CheckConstraint(
                condition=~Q(outcome="continue") | Q(next_review_on__isnull=False),
                name="continued_stay_has_its_next_review",
            ),
        ]
        indexes = [models.Index(fields=("period", "-reviewed_at", "-id"), name="review_by_period")]

    def __str__(self) -> str:
        return f"Review {self.pk}"

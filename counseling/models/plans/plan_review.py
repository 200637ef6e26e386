"""Plan reviews and plan signatures; both tables are append-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from counseling.codes import PlanSigner, Progress
from counseling.models.notes.note import SessionNote
from staff.access import Permission
from staff.credentials import SignedWith
from staff.day_rules import since_1900
from staff.paper.drawn_signature import path_of

from .plan import Goal, Objective, PlanRecordQuerySet, TreatmentPlan


class PlanReviewQuerySet(PlanRecordQuerySet["PlanReview"]):
    client_path = "plan__client"


class PlanReview(models.Model):
    """One plan review with the client: progress on each goal."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.PROTECT, related_name="reviews")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField()
    next_review_on = models.DateField(
        null=True, blank=True, help_text="Only if sooner than the clinic’s review interval."
    )

    objects = PlanReviewQuerySet.as_manager()

    class Meta:
        ordering = ("-reviewed_at", "-pk")
        constraints = [
            *since_1900("next_review_on", prefix="plan_review"),
            models.CheckConstraint(condition=~Q(summary=""), name="plan_review_says_something"),
        ]
        indexes = [models.Index(fields=("plan", "-reviewed_at", "-id"), name="plan_review_by_plan")]

    def __str__(self) -> str:
        return f"Plan review {self.pk}"


class PlanReviewGoalQuerySet(PlanRecordQuerySet["PlanReviewGoal"]):
    client_path = "review__plan__client"


class PlanReviewGoal(models.Model):
    """Progress on one goal at one review."""

    review = models.ForeignKey(PlanReview, on_delete=models.PROTECT, related_name="goals")
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="progress")
    progress = models.CharField(max_length=6, choices=Progress)
    words = models.TextField(blank=True)

    objects = PlanReviewGoalQuerySet.as_manager()

    class Meta:
        ordering = ("goal__opened_on", "goal")
        constraints = [models.UniqueConstraint(fields=("review", "goal"), name="goal_once_in_a_review")]

    def __str__(self) -> str:
        return f"{self.get_progress_display()} at review {self.review_id}"


class PlanSignatureQuerySet(PlanRecordQuerySet["PlanSignature"]):
    client_path = "plan__client"


class PlanSignature(models.Model):
    """One signature on one version of a plan, over the SHA-256 of its text (plans/plan_text.py) at that time.

    A client draws or types their name; a counselor's name and credential are copied. If the plan changes, the signature
    stays but no longer counts: the plan is signed again.
    """

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.PROTECT, related_name="signatures")
    signer = models.CharField(max_length=9, choices=PlanSigner)
    typed_name = models.CharField(max_length=160, blank=True)
    strokes = models.JSONField(null=True, blank=True, help_text="As drawn: a list of strokes, each a list of [x, y].")
    signed_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The counselor who signed, or who was present when the client did.",
    )
    hash = models.CharField(max_length=64)
    text_version = models.PositiveSmallIntegerField(help_text="Version of the rules for the text.")
    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True, help_text="A counselor's only.")

    objects = PlanSignatureQuerySet.as_manager()

    class Meta:
        ordering = ("-signed_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("plan", "signer", "hash"), name="plan_text_signed_once_by_each"),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="plan_signature_hash_is_sha256"),
            models.CheckConstraint(
                condition=~Q(typed_name="") | Q(strokes__isnull=False), name="plan_signature_typed_or_drawn"
            ),
            models.CheckConstraint(
                condition=~Q(signer="counselor") | (~Q(typed_name="") & Q(strokes__isnull=True)),
                name="plan_signature_of_counselor_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_signer_display()}'s signature {self.pk}"

    @property
    def path(self) -> str:
        """The drawn signature as SVG path data, empty if it was typed."""
        return path_of(self.strokes or [])


class LaterFilingQuerySet(PlanRecordQuerySet["LaterFiling"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "note__client"


class LaterFiling(models.Model):
    """A link from a signed note to an objective, added after signing. The note itself does not change."""

    note = models.ForeignKey(SessionNote, on_delete=models.PROTECT, related_name="later_filings")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="later_filings")
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LaterFilingQuerySet.as_manager()

    class Meta:
        ordering = ("filed_at", "pk")
        constraints = [models.UniqueConstraint(fields=("note", "objective"), name="note_filed_once_under_an_objective")]

    def __str__(self) -> str:
        return f"Note {self.note_id} under objective {self.objective_id}"

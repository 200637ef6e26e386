from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import HomeworkOutcome
from counseling.models.notes.note import SessionNote
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked


class HomeworkQuerySet(ClientRecordQuerySet["Homework"]):
    view_permission = Permission.PLAN_VIEW

    def open(self) -> Self:
        """Assigned and not reviewed yet."""
        return self.filter(outcome="")

    def reviewed(self) -> Self:
        """Reviewed."""
        return self.exclude(outcome="")

    def for_reading(self) -> Self:
        """With everything one line shows; earliest due date first, then those without a date."""
        return self.select_related(
            "given_by", "reviewed_by", "episode__program", "note", "carried_from__episode__program"
        ).order_by(F("due_on").asc(nulls_last=True), "given_on", "pk")


@tracked
class Homework(models.Model):
    """Homework between two sessions, and its outcome.

    The assignment itself never changes (migration 0003_plans_and_homework); the review is stored beside it. Assigning
    it again makes a new row, with `carried_from` pointing to the previous one.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="homework")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="homework")
    text = models.CharField("homework", max_length=500, help_text="One small task.")
    due_on = models.DateField("until", null=True, blank=True)
    given_on = models.DateField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.ForeignKey(
        SessionNote,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="homework_given",
        help_text="The note of the session in which it was assigned.",
    )
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to")
    outcome = models.CharField("outcome", max_length=8, choices=HomeworkOutcome, blank=True)
    learned = models.TextField("what was learned", max_length=1000, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_in = models.ForeignKey(
        SessionNote, on_delete=models.PROTECT, null=True, blank=True, related_name="homework_reviewed"
    )

    objects = HomeworkQuerySet.as_manager()

    class Meta:
        ordering = ("-given_on", "-pk")
        verbose_name_plural = "homework"
        constraints = [
            *since_1900("due_on", prefix="homework"),
            models.CheckConstraint(condition=~Q(text=""), name="homework_says_what_to_do"),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gte=F("given_on")), name="homework_due_after_it_is_given"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", reviewed_at=None, reviewed_by=None, reviewed_in=None, learned="")
                | (~Q(outcome="") & Q(reviewed_at__isnull=False, reviewed_by__isnull=False)),
                name="homework_review_has_time_and_author",
            ),
            models.UniqueConstraint(fields=("episode", "carried_from"), name="homework_carried_once_into_an_episode"),
            models.CheckConstraint(condition=~Q(carried_from=F("id")), name="homework_not_carried_from_itself"),
        ]
        indexes = [
            models.Index(fields=("client", "-given_on"), name="homework_by_client"),
            models.Index(fields=("episode",), condition=Q(outcome=""), name="homework_open"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        """Whether it still has to be reviewed."""
        return self.outcome == ""

    def is_overdue(self, today: datetime.date) -> bool:
        """Open although its day has passed; `today` is the clinic's."""
        return self.is_open and self.due_on is not None and self.due_on < today

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from cases.codes import HighRiskSituation, WarningSignCategory
from staff.access import Permission
from staff.history import tracked

from .client import Client
from .visibility import ClientRecordQuerySet, M


class LearnedQuerySet(ClientRecordQuerySet[M]):
    view_permission = Permission.RELAPSE_VIEW

    def still_true(self) -> Self:
        """Those that nobody has found to be no longer true."""
        return self.filter(no_longer_true_since=None)

    def with_evidence(self) -> Self:
        """Each with the number of returns to use in which it played a part, as `evidence`."""
        return self.annotate(evidence=models.Count("relapses", distinct=True))


class Learned(models.Model):
    """Something known about a person, not about an episode: it outlives every discharge."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="%(class)s_set")
    wording = models.CharField(max_length=200, help_text="In the client's own words where possible.")
    first_seen_on = models.DateField()
    first_seen_in = models.ForeignKey(
        "cases.TreatmentEpisode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The episode it was learned in.",
    )
    no_longer_true_since = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ("first_seen_on", "pk")

    def __str__(self) -> str:
        return self.wording


@tracked
class Trigger(Learned):
    """What has set off use or craving in this person."""

    situation = models.CharField(max_length=20, choices=HighRiskSituation, blank=True)
    strength = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 10, as the client rates it.")

    objects = LearnedQuerySet["Trigger"].as_manager()

    class Meta(Learned.Meta):
        constraints = [
            models.UniqueConstraint("client", Lower("wording"), name="trigger_once_per_client"),
            models.CheckConstraint(
                condition=models.Q(strength=None) | models.Q(strength__lte=10), name="trigger_strength_to_10"
            ),
        ]


@tracked
class WarningSign(Learned):
    """What this person, or somebody close, has noticed before a return to use."""

    category = models.CharField(max_length=16, choices=WarningSignCategory)

    objects = LearnedQuerySet["WarningSign"].as_manager()

    class Meta(Learned.Meta):
        constraints = [models.UniqueConstraint("client", Lower("wording"), name="warning_sign_once_per_client")]


class CopingStrategyQuerySet(LearnedQuerySet["CopingStrategy"]):
    def with_outcomes(self) -> Self:
        """Each with how often it `helped`, helped `partly` and `did_not` where it was tried."""
        outcomes = {
            name: models.Count("uses", filter=models.Q(uses__outcome=outcome), distinct=True)
            for name, outcome in (("helped", "helped"), ("partly", "partly"), ("did_not", "did_not"))
        }
        return self.annotate(**outcomes)


@tracked
class CopingStrategy(Learned):
    """What this person does instead of using. How well it works is a history (its uses), not a number on the row."""

    objects = CopingStrategyQuerySet.as_manager()

    class Meta(Learned.Meta):
        verbose_name_plural = "coping strategies"
        constraints = [models.UniqueConstraint("client", Lower("wording"), name="coping_strategy_once_per_client")]

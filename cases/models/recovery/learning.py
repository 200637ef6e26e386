from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from cases.codes import HighRiskSituation, WarningSignCategory
from cases.models.people.client import Client
from cases.models.visibility import ClientRecordQuerySet, M
from staff.access import Permission
from staff.history import tracked


class LearnedQuerySet(ClientRecordQuerySet[M]):
    view_permission = Permission.RELAPSE_VIEW

    def still_true(self) -> Self:
        """Items not marked as no longer current."""
        return self.filter(no_longer_true_since=None)

    def with_evidence(self) -> Self:
        """Each with the number of returns to use in which it played a part, as `evidence`."""
        return self.annotate(
            evidence=models.Count("relapses", filter=models.Q(relapses__voided_at=None), distinct=True)
        )


class LearnedManager(models.Manager[M]):
    """Each item once: a wording combined with another row is seen only through that row."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Rows not combined into another."""
        return super().get_queryset().filter(joined_into=None)


class Learned(models.Model):
    """Something known about a person, not about an episode: it outlives every discharge."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="%(class)s_set")
    wording = models.CharField(max_length=200, help_text="Use the client's own words when possible.")
    first_seen_on = models.DateField()
    first_seen_in = models.ForeignKey(
        "cases.TreatmentEpisode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The episode when it was recorded.",
    )
    no_longer_true_since = models.DateField(null=True, blank=True)
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The row this wording was combined into.",
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    if TYPE_CHECKING:
        joined_into_id: int | None

    class Meta:
        abstract = True
        ordering = ("first_seen_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(joined_into=None) | ~models.Q(joined_into=models.F("id")),
                name="%(class)s_not_joined_to_itself",
            )
        ]

    def __str__(self) -> str:
        return self.wording


class TriggerQuerySet(LearnedQuerySet["Trigger"]):
    pass


TriggerManager = LearnedManager.from_queryset(TriggerQuerySet)


@tracked
class Trigger(Learned):
    """Something that has triggered use or craving in this person."""

    situation = models.CharField(max_length=20, choices=HighRiskSituation, blank=True)
    strength = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 10, rated by the client.")

    objects = TriggerManager()
    everything = TriggerQuerySet.as_manager()

    class Meta(Learned.Meta):
        constraints = [
            *Learned.Meta.constraints,
            models.UniqueConstraint("client", Lower("wording"), name="trigger_once_per_client"),
            models.CheckConstraint(
                condition=models.Q(strength=None) | models.Q(strength__lte=10), name="trigger_strength_to_10"
            ),
        ]


class WarningSignQuerySet(LearnedQuerySet["WarningSign"]):
    pass


WarningSignManager = LearnedManager.from_queryset(WarningSignQuerySet)


@tracked
class WarningSign(Learned):
    """Something this person, or someone close to them, has noticed before a return to use."""

    category = models.CharField(max_length=16, choices=WarningSignCategory)

    objects = WarningSignManager()
    everything = WarningSignQuerySet.as_manager()

    class Meta(Learned.Meta):
        constraints = [
            *Learned.Meta.constraints,
            models.UniqueConstraint("client", Lower("wording"), name="warning_sign_once_per_client"),
        ]


class CopingStrategyQuerySet(LearnedQuerySet["CopingStrategy"]):
    def with_outcomes(self) -> Self:
        """Adds how often each one `helped`, helped `partly` or `did_not` when it was tried."""
        outcomes = {
            name: models.Count(
                "uses", filter=models.Q(uses__outcome=outcome, uses__relapse__voided_at=None), distinct=True
            )
            for name, outcome in (("helped", "helped"), ("partly", "partly"), ("did_not", "did_not"))
        }
        return self.annotate(**outcomes)


CopingStrategyManager = LearnedManager.from_queryset(CopingStrategyQuerySet)


@tracked
class CopingStrategy(Learned):
    """Something this person does instead of using. How well it works is a history (its uses), not a number."""

    objects = CopingStrategyManager()
    everything = CopingStrategyQuerySet.as_manager()

    class Meta(Learned.Meta):
        verbose_name_plural = "coping strategies"
        constraints = [
            *Learned.Meta.constraints,
            models.UniqueConstraint("client", Lower("wording"), name="coping_strategy_once_per_client"),
        ]


class LearnedKind(models.TextChoices):
    """The three lists of what was learned about a person; also used in their URLs."""

    TRIGGER = "trigger", "Trigger"
    SIGN = "sign", "Warning sign"
    STRATEGY = "strategy", "Coping strategy"


class LearnedJoinQuerySet(ClientRecordQuerySet["LearnedJoin"]):
    view_permission = Permission.RELAPSE_VIEW


@tracked
class LearnedJoin(models.Model):
    """Two wordings combined into one item, with everything needed to undo it exactly."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="learned_joins")
    kind = models.CharField(max_length=8, choices=LearnedKind)
    kept_id = models.BigIntegerField("ID of the row kept")
    joined_id = models.BigIntegerField("ID of the row combined into it")
    wording = models.CharField("the other wording", max_length=200)
    moved = models.JSONField(default=dict, help_text="Relation → ids of the rows that moved; values that changed.")
    joined_at = models.DateTimeField()
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LearnedJoinQuerySet.as_manager()

    class Meta:
        ordering = ("-joined_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "joined_id"), condition=models.Q(undone_at=None), name="learned_joined_once_at_a_time"
            ),
            models.CheckConstraint(condition=~models.Q(kept_id=models.F("joined_id")), name="learned_join_of_two_rows"),
            models.CheckConstraint(
                condition=models.Q(undone_at=None, undone_by=None)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="learned_separated_has_time_and_author",
            ),
        ]
        indexes = [models.Index(fields=("kind", "kept_id"), name="learned_join_by_kept")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} combined, {self.pk}"

from __future__ import annotations

import calendar
import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from cases.codes import (
    CopingOutcome,
    HighRiskSituation,
    MedicationStatus,
    Precision,
    RelapseKind,
    Route,
    Source,
    Substance,
)
from cases.models.people.client import Client
from cases.models.visibility import ClientRecordQuerySet, M
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked

from .learning import CopingStrategy, Trigger, WarningSign


class SpanInDays(Func):
    """Days from one date to another, both counted: in PostgreSQL dates subtract to days, Django makes intervals."""

    template = "(%(expressions)s + 1)"
    arg_joiner = " - "
    arity = 2
    output_field = models.IntegerField()


class RelapseQuerySet(ClientRecordQuerySet["Relapse"]):
    view_permission = Permission.RELAPSE_VIEW

    def open(self) -> RelapseQuerySet:
        """Use that has not ended, as of last report."""
        return self.filter(ended_on=None)


class StandingOnRecord(models.Manager["Relapse"]):
    """Rows that count as having happened. Voided rows can be read only through `everything`."""

    def get_queryset(self) -> models.QuerySet[Relapse]:
        """Rows not voided."""
        return super().get_queryset().filter(voided_at=None)


RelapseManager = StandingOnRecord.from_queryset(RelapseQuerySet)


@tracked
class Relapse(models.Model):
    """One return to use: when, what, the situation, what was tried, and what was learned."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="relapses")
    episode = models.ForeignKey(
        "cases.TreatmentEpisode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="relapses",
        help_text="If it happened during treatment.",
    )
    kind = models.CharField(max_length=14, choices=RelapseKind, default=RelapseKind.UNDETERMINED)

    started_on = models.DateField()
    started_precision = models.CharField(max_length=8, choices=Precision, default=Precision.DAY)
    started_source = models.CharField(max_length=12, choices=Source, default=Source.CLIENT)
    ended_on = models.DateField("last day of use", null=True, blank=True, help_text="Blank: still using.")
    ended_precision = models.CharField(max_length=8, choices=Precision, default=Precision.DAY)
    ended_source = models.CharField(max_length=12, choices=Source, default=Source.CLIENT)
    days_used = models.PositiveIntegerField(null=True, blank=True)
    is_confirmed = models.BooleanField(default=True, help_text="Unconfirmed reports never change the sobriety date.")
    longest_abstinence_before_days = models.PositiveIntegerField(
        "longest abstinence before, in days", null=True, blank=True
    )

    injected = models.BooleanField(null=True, blank=True)
    used_alone = models.BooleanField(null=True, blank=True)
    overdosed_on = models.DateField(null=True, blank=True)
    naloxone_given = models.BooleanField(null=True, blank=True)
    emergency_department = models.BooleanField("seen in an emergency department", null=True, blank=True)
    tolerance_warned_at = models.DateTimeField(null=True, blank=True)
    tolerance_warned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    situations = ArrayField(models.CharField(max_length=20, choices=HighRiskSituation), default=list, blank=True)
    primary_situation = models.CharField(max_length=20, choices=HighRiskSituation, blank=True)
    abstinence_violation = models.BooleanField(
        "felt “I’ve blown it, so I might as well keep going”",
        default=False,
        help_text="The abstinence violation effect.",
    )
    emotional_state = models.TextField("how the person felt before", blank=True)
    precipitant = models.TextField("what happened just before", blank=True)
    triggers = models.ManyToManyField(Trigger, blank=True, related_name="relapses")
    warning_signs = models.ManyToManyField(WarningSign, blank=True, related_name="relapses")
    coping_tried = models.ManyToManyField(CopingStrategy, through="RelapseCoping", blank=True, related_name="relapses")
    worked_before = models.TextField("what had been working", blank=True)
    learned = models.TextField("what was learned", blank=True)
    plan_change = models.TextField("what will be done differently", blank=True)
    supports_contacted = models.TextField("who was contacted", blank=True)
    medication_status = models.CharField(max_length=14, choices=MedicationStatus, default=MedicationStatus.UNKNOWN)

    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True, help_text="Entered in error: kept on record, not counted.")
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField("why it was entered in error", max_length=200, blank=True, db_default="")

    objects = RelapseManager()
    everything = RelapseQuerySet.as_manager()

    class Meta:
        ordering = ("-started_on", "-pk")
        verbose_name = "return to use"
        verbose_name_plural = "returns to use"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="use_ends_not_before_it_starts",
                violation_error_message="The last day of use can’t be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(days_used=None)
                | Q(days_used__gte=1)
                & (
                    Q(ended_on=None)
                    | Q(ended_precision=Precision.UNKNOWN)
                    | Q(days_used__lte=SpanInDays(F("ended_on"), F("started_on")))
                ),
                name="days_used_within_span",
                violation_error_message="Days of use can’t be more than the days from first to last use.",
            ),
            models.CheckConstraint(
                condition=Q(primary_situation="") | Q(situations__contains=[F("primary_situation")]),
                name="primary_situation_is_one_of_them",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="voided_has_time_author_and_reason",
            ),
            # What was mistyped can still be voided.
            *since_1900("started_on", "ended_on", "overdosed_on", prefix="use", unless_set="voided_at"),
            models.CheckConstraint(
                condition=Q(tolerance_warned_at=None, tolerance_warned_by=None)
                | Q(tolerance_warned_at__isnull=False, tolerance_warned_by__isnull=False),
                name="tolerance_warning_has_time_and_author",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-started_on"), name="relapse_by_client"),
            models.Index(fields=("client",), condition=Q(ended_on=None), name="relapse_open_by_client"),
            models.Index(fields=("ended_on",), name="relapse_by_last_day"),
        ]

    def __str__(self) -> str:
        known = {Precision.DAY: "%b %-d, %Y", Precision.YEAR: "%Y"}.get(Precision(self.started_precision), "%b %Y")
        return f"Return to use, {self.started_on.strftime(known)}"

    @property
    def is_open(self) -> bool:
        """Still using, as far as known."""
        return self.ended_on is None

    @property
    def begun_by(self) -> datetime.date:
        """The last day on which the use can have begun: of a month or year that is all that is known, its end.

        Not so for use that fell into an episode: that is known to have begun before its discharge.
        """
        day, precision = self.started_on, self.started_precision
        if self.episode_id is not None or precision not in {Precision.MONTH, Precision.YEAR}:
            return day
        month = day.month if precision == Precision.MONTH else 12
        end = datetime.date(day.year, month, calendar.monthrange(day.year, month)[1])
        return min(end, self.ended_on) if self.ended_on and self.ended_precision == Precision.DAY else end

    @property
    def is_voided(self) -> bool:
        """Entered by mistake."""
        return self.voided_at is not None

    @property
    def counts(self) -> bool:
        """Whether it counts: it is confirmed and was not entered in error."""
        return self.is_confirmed and not self.is_voided


@tracked
class RelapseTrigger(Relapse.triggers.through):  # type: ignore[name-defined]  # made by Django
    """That a trigger played a part: a link that is taken away stays in the history, like everything learned."""

    class Meta:
        proxy = True


@tracked
class RelapseWarningSign(Relapse.warning_signs.through):  # type: ignore[name-defined]  # made by Django
    """That a warning sign was there before."""

    class Meta:
        proxy = True


class RelapsePartQuerySet(ClientRecordQuerySet[M]):
    view_permission = Permission.RELAPSE_VIEW
    client_path = "relapse__client"


@tracked
class RelapseSubstance(models.Model):
    """One substance in one return to use."""

    relapse = models.ForeignKey(Relapse, on_delete=models.CASCADE, related_name="substances")
    substance = models.CharField(max_length=20, choices=Substance)
    route = models.CharField(max_length=12, choices=Route, blank=True)
    typical_amount = models.CharField(max_length=60, blank=True)
    peak_amount = models.CharField(max_length=60, blank=True)

    objects = RelapsePartQuerySet["RelapseSubstance"].as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("relapse", "substance"), name="substance_once_per_relapse")]

    def __str__(self) -> str:
        return self.get_substance_display()


class RelapseCopingQuerySet(RelapsePartQuerySet["RelapseCoping"]):
    pass


class EachStrategyOnce(models.Manager["RelapseCoping"]):
    """Each strategy once: if two wordings of one were noted, the one combined into the other is hidden."""

    def get_queryset(self) -> models.QuerySet[RelapseCoping]:
        """Tries of strategies that are not aliases of another one."""
        return super().get_queryset().filter(strategy__joined_into=None)


RelapseCopingManager = EachStrategyOnce.from_queryset(RelapseCopingQuerySet)


@tracked
class RelapseCoping(models.Model):
    """A coping strategy tried in a return to use, and its result."""

    relapse = models.ForeignKey(Relapse, on_delete=models.CASCADE, related_name="coping")
    strategy = models.ForeignKey(CopingStrategy, on_delete=models.PROTECT, related_name="uses")
    outcome = models.CharField(max_length=8, choices=CopingOutcome)

    objects = RelapseCopingManager()

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("relapse", "strategy"), name="strategy_once_per_relapse")]

    def __str__(self) -> str:
        return f"{self.strategy}: {self.get_outcome_display()}"

from __future__ import annotations

import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from cases.models.visibility import ClientRecordQuerySet, M
from counseling.codes import GoalStatus
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked


class PlanRecordQuerySet(ClientRecordQuerySet[M]):
    view_permission = Permission.PLAN_VIEW


@tracked
class TreatmentPlan(models.Model):
    """One version of the plan of one episode. The highest version is the plan; earlier ones stay readable."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="treatment_plans")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="treatment_plans")
    version = models.PositiveSmallIntegerField(default=1)
    needs = models.TextField("client’s needs", blank=True, help_text="One need per line.")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stood_as = models.JSONField(
        null=True,
        blank=True,
        help_text="What it said when the next version followed it (plan_text.Contents); then the database keeps it.",
    )

    objects = PlanRecordQuerySet["TreatmentPlan"].as_manager()

    class Meta:
        ordering = ("episode", "-version")
        constraints = [
            models.UniqueConstraint(fields=("episode", "version"), name="plan_version_once_per_episode"),
            models.CheckConstraint(condition=Q(version__gte=1), name="plan_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"Plan, version {self.version}"

    @property
    def need_lines(self) -> list[str]:
        """The needs, one by one."""
        return list(dict.fromkeys(line.strip() for line in self.needs.splitlines() if line.strip()))


class GoalQuerySet(PlanRecordQuerySet["Goal"]):
    def active(self) -> Self:
        """Goals being worked on."""
        return self.filter(status=GoalStatus.ACTIVE)


@tracked
class Goal(models.Model):
    """A goal in the client's own words. It belongs to the person; its lineage runs across episodes."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="goals")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="goals")
    plan = models.ForeignKey(
        TreatmentPlan, on_delete=models.PROTECT, related_name="goals", help_text="The version it first stood in."
    )
    wording = models.CharField(max_length=300, help_text="In the client’s own words if possible.")
    need = models.CharField("need it addresses", max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=GoalStatus, default=GoalStatus.ACTIVE)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ("opened_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=GoalStatus.ACTIVE, closed_on=None)
                | (~Q(status=GoalStatus.ACTIVE) & Q(closed_on__isnull=False)),
                name="goal_closed_has_date",
            ),
            models.UniqueConstraint(fields=("episode", "carried_from"), name="goal_carried_once_into_an_episode"),
            models.CheckConstraint(condition=~Q(carried_from=F("id")), name="goal_not_carried_from_itself"),
        ]
        indexes = [models.Index(fields=("client", "status"), name="goal_by_client")]

    def __str__(self) -> str:
        return self.wording


class GoalPartQuerySet(PlanRecordQuerySet["Objective"]):
    client_path = "goal__client"

    def active(self) -> Self:
        """Objectives being worked on."""
        return self.filter(status=GoalStatus.ACTIVE)


@tracked
class Objective(models.Model):
    """A measurable, dated step toward a goal, with the clinic's intervention."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="objectives")
    wording = models.CharField(
        max_length=300, help_text="Make it measurable: how will client and counselor know it is met?"
    )
    intervention = models.CharField(
        max_length=200, blank=True, help_text="What staff will do to help reach the objective."
    )
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=GoalStatus, default=GoalStatus.ACTIVE)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = GoalPartQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = [
            *since_1900("due_on", prefix="objective"),
            models.CheckConstraint(
                condition=Q(status=GoalStatus.ACTIVE, closed_on=None)
                | (~Q(status=GoalStatus.ACTIVE) & Q(closed_on__isnull=False)),
                name="objective_closed_has_date",
            ),
            models.UniqueConstraint(fields=("goal", "carried_from"), name="objective_carried_once_into_a_goal"),
        ]

    def __str__(self) -> str:
        return self.wording


class WrittenPlan(models.Model):
    """A plan saved as a whole. It is never edited: each save adds a version, and the latest is current."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="%(class)ss")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="%(class)ss")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ("-written_at", "-pk")

    NAMES: ClassVar[dict[str, tuple[str, ...]]] = {}  # what is named by rows, after the text that it belongs to

    @property
    def written_on(self) -> datetime.date:
        """The clinic's day on which it was written."""
        return timezone.localdate(self.written_at, self.client.clinic.zone)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Heading and text of each part that is not blank, in order; linked rows one per line."""
        pairs = []
        for field in self._meta.fields:
            if isinstance(field, models.TextField):
                pairs.append((str(field.verbose_name), getattr(self, field.name)))
                pairs += [(name.replace("_", " "), self._named(name)) for name in self.NAMES.get(field.name, ())]
        return [(label[:1].upper() + label[1:], text) for label, text in pairs if text]

    @classmethod
    def named(cls) -> list[str]:
        """What to prefetch when reading the parts of several plans."""
        return [name for names in cls.NAMES.values() for name in names]

    def _named(self, name: str) -> str:
        return "\n".join(str(each) for each in getattr(self, name).all())


@tracked
class SafetyPlan(WrittenPlan):
    """Six steps, in order, for when thoughts of suicide or an urge to use become dangerous."""

    warning_signs = models.TextField("my warning signs of a crisis", blank=True)
    internal_coping = models.TextField("what I can do on my own", blank=True)
    distraction = models.TextField("people and places that take my mind off things", blank=True)
    people_to_ask = models.TextField("people I can ask for help", blank=True)
    professionals = models.TextField("professionals and crisis lines", blank=True)
    safer_environment = models.TextField("how I make my surroundings safer", blank=True)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to")

    objects = PlanRecordQuerySet["SafetyPlan"].as_manager()

    class Meta(WrittenPlan.Meta):
        indexes = [models.Index(fields=("client", "-written_at"), name="safety_plan_by_client")]

    def __str__(self) -> str:
        return f"Safety plan, {self.written_on:%b %-d, %Y}"


class DischargePlanQuerySet(PlanRecordQuerySet["DischargePlan"]):
    def latest_stay_first(self) -> Self:
        """By the episode, then by the writing: one that was written late for an older stay is not the latest."""
        return self.order_by("-episode__admitted_on", "-episode_id", "-written_at", "-pk")


@tracked
class DischargePlan(WrittenPlan):
    """The plan agreed on at discharge. The next episode starts from its relapse-prevention part."""

    high_risk_situations = models.TextField("situations to watch for", blank=True)
    what_helps = models.TextField("what helps", blank=True)
    if_use_returns = models.TextField("what I do first if use returns", blank=True)
    supports = models.TextField("people and groups who support me", blank=True)
    medication = models.TextField("medication", blank=True)
    continuing_care = models.TextField("continuing care", blank=True)
    triggers = models.ManyToManyField(Trigger, blank=True, related_name="discharge_plans")
    warning_signs = models.ManyToManyField(WarningSign, blank=True, related_name="discharge_plans")
    strategies = models.ManyToManyField(CopingStrategy, blank=True, related_name="discharge_plans")

    NAMES: ClassVar[dict[str, tuple[str, ...]]] = {
        "high_risk_situations": ("triggers", "warning_signs"),
        "what_helps": ("strategies",),
    }

    objects = DischargePlanQuerySet.as_manager()

    class Meta(WrittenPlan.Meta):
        indexes = [models.Index(fields=("client", "-written_at"), name="discharge_plan_by_client")]

    def __str__(self) -> str:
        return f"Discharge plan, {self.written_on:%b %-d, %Y}"

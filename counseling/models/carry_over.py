from __future__ import annotations

import functools
import operator
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import CarryOverKind, Verdict
from staff.access import Permission
from staff.history import tracked

from .plans.homework import Homework
from .plans.plan import DischargePlan, Goal, SafetyPlan

# Which column holds the source of each kind. What another app holds is named by a key, since its tables are not ours.
SOURCE_FIELDS = {
    CarryOverKind.SAFETY_PLAN: "safety_plan",
    CarryOverKind.DISCHARGE_PLAN: "discharge_plan",
    CarryOverKind.TRIGGER: "trigger",
    CarryOverKind.WARNING_SIGN: "warning_sign",
    CarryOverKind.STRATEGY: "strategy",
    CarryOverKind.GOAL: "goal",
    CarryOverKind.HOMEWORK: "homework",
}
LEARNED_FIELDS = ("trigger", "warning_sign", "strategy")
_SOURCES = (*SOURCE_FIELDS.values(), "origin_episode")


def token_of(kind: str, key: object) -> str:
    """Names a source by its kind and its row's number, or by its key in another app."""
    return f"{kind}:{key}"


def _one_source() -> Q:
    """Exactly the source column that belongs to the kind is filled."""
    allowed = []
    for kind in CarryOverKind:
        own = SOURCE_FIELDS.get(kind)
        columns = {f"{name}__isnull": name != own for name in SOURCE_FIELDS.values()}
        allowed.append(Q(kind=kind, **columns) & (~Q(source_key="") if own is None else Q(source_key="")))
    return functools.reduce(operator.or_, allowed)


class CarryOverQuerySet(ClientRecordQuerySet["CarryOverItem"]):
    view_permission = Permission.PLAN_VIEW

    def undecided(self) -> Self:
        """Items without a verdict: nothing of them is active."""
        return self.filter(verdict="")

    def decided(self) -> Self:
        """Items with a verdict."""
        return self.exclude(verdict="")

    def held(self) -> Self:
        """Items that client and counselor decided are still true."""
        return self.filter(verdict=Verdict.HELD)

    def standing(self) -> Self:
        """Leaves out items whose trigger, sign or strategy was combined with another one on the same board.

        Also leaves out items that belong to another person again after an unmerge.
        """
        joined = {f"{name}__joined_into": None for name in LEARNED_FIELDS}
        own = [Q(**{name: None}) | Q(**{f"{name}__client": F("client")}) for name in _SOURCES]
        return self.filter(*own, **joined)

    def with_sources(self) -> Self:
        """With everything that a line of the board shows."""
        # a written plan names its day in its clinic's zone
        days = ("safety_plan__client__clinic", "discharge_plan__client__clinic")
        return self.select_related(*SOURCE_FIELDS.values(), *days, "origin_episode__program", "decided_by")


@tracked
class CarryOverItem(models.Model):
    """One carry-over item of a new episode: its source and the decision on it.

    It is a link with a verdict, never a copy. Its source is not active in the episode until the verdict is “held”.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="carry_over_items")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="carry_over_items")
    kind = models.CharField(max_length=16, choices=CarryOverKind)
    safety_plan = models.ForeignKey(SafetyPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    discharge_plan = models.ForeignKey(DischargePlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    trigger = models.ForeignKey(
        Trigger, on_delete=models.PROTECT, null=True, blank=True, related_name="carry_over_items"
    )
    warning_sign = models.ForeignKey(
        WarningSign, on_delete=models.PROTECT, null=True, blank=True, related_name="carry_over_items"
    )
    strategy = models.ForeignKey(
        CopingStrategy, on_delete=models.PROTECT, null=True, blank=True, related_name="carry_over_items"
    )
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, null=True, blank=True, related_name="carry_over_items")
    homework = models.ForeignKey(
        Homework, on_delete=models.PROTECT, null=True, blank=True, related_name="carry_over_items"
    )
    source_key = models.CharField(max_length=80, blank=True, help_text="Source in another app, e.g. involvement:12.")
    source_wording = models.CharField(max_length=300, blank=True)
    source_detail = models.CharField(max_length=300, blank=True)
    source_url = models.CharField(max_length=200, blank=True)
    origin_episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    gathered_at = models.DateTimeField()
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    note = models.CharField("what the client said", max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CarryOverQuerySet.as_manager()

    class Meta:
        ordering = ("episode", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("episode", "kind", *SOURCE_FIELDS.values(), "source_key"),
                nulls_distinct=False,
                name="carried_over_once_per_episode",
            ),
            models.CheckConstraint(condition=_one_source(), name="carry_over_has_the_source_of_its_kind"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at=None, decided_by=None)
                | (~Q(verdict="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="carry_over_verdict_has_time_and_author",
            ),
        ]
        indexes = [models.Index(fields=("episode",), condition=Q(verdict=""), name="carry_over_undecided")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.wording}"

    @property
    def source(self) -> Any:
        """The row that it comes from, or None if another app holds it."""
        field = SOURCE_FIELDS.get(CarryOverKind(self.kind))
        return getattr(self, field) if field else None

    @property
    def source_id(self) -> int | None:
        """Its number, without reading it."""
        field = SOURCE_FIELDS.get(CarryOverKind(self.kind))
        return getattr(self, f"{field}_id") if field else None

    @property
    def token(self) -> str:
        """Names the source within the episode, before and after the item is saved."""
        return token_of(self.kind, self.source_key or self.source_id)

    @property
    def wording(self) -> str:
        """The item's text."""
        return str(self.source) if self.source is not None else self.source_wording

    @property
    def is_decided(self) -> bool:
        """Whether counselor and client have decided about it."""
        return self.verdict != ""

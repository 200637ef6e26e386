"""Admin, read-only: returns to use, triggers and strategies, placement assessments."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cases.admin.way_in import LookedAt
from cases.models import (
    CopingStrategy,
    LevelOfCareAssessment,
    Relapse,
    RelapseCoping,
    RelapseSubstance,
    SobrietyStatement,
    Trigger,
    WarningSign,
)
from staff.access import Permission
from staff.administration import ClinicAdmin
from staff.models import StaffMember

_CLIENT = ("client__family_name", "client__given_name", "=client__id")


class SubstanceInline(LookedAt):
    """Substances used."""

    model = RelapseSubstance
    fields = ("substance", "route", "typical_amount", "peak_amount")


class CopingInline(LookedAt):
    """Strategies tried."""

    model = RelapseCoping
    fields = ("strategy", "outcome")


@admin.register(Relapse)
class RelapseAdmin(ClinicAdmin[Relapse]):
    """Returns to use."""

    may_view = Permission.RELAPSE_VIEW
    list_display = ("client", "started_on", "ended_on", "kind", "is_confirmed", "recorded_by", "tolerance_warned_at")
    list_filter = (
        "kind",
        "is_confirmed",
        "primary_situation",
        ("ended_on", admin.EmptyFieldListFilter),
        ("voided_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("client", "recorded_by")
    search_fields = _CLIENT
    date_hierarchy = "started_on"
    inlines = (SubstanceInline, CopingInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Relapse]:
        """Includes voided rows."""
        rows = Relapse.everything.visible_to(cast(StaffMember, request.user))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows


class LearnedAdmin(ClinicAdmin[Any]):
    """What was learned about a person."""

    may_view = Permission.RELAPSE_VIEW
    list_display: tuple[Any, ...] = (
        "client", "wording", "first_seen_on", "first_seen_in", "no_longer_true_since",
    )  # fmt: skip
    list_filter: ClassVar[tuple[Any, ...]] = (("no_longer_true_since", admin.EmptyFieldListFilter),)
    list_select_related = ("client", "first_seen_in", "first_seen_in__client", "first_seen_in__program")
    search_fields = ("wording", *_CLIENT)


@admin.register(Trigger)
class TriggerAdmin(LearnedAdmin):
    """Triggers."""

    list_display = (*LearnedAdmin.list_display, "situation", "strength")
    list_filter = ("situation", *LearnedAdmin.list_filter)


@admin.register(WarningSign)
class WarningSignAdmin(LearnedAdmin):
    """Warning signs."""

    list_display = (*LearnedAdmin.list_display, "category")
    list_filter = ("category", *LearnedAdmin.list_filter)


@admin.register(CopingStrategy)
class CopingStrategyAdmin(LearnedAdmin):
    """Coping strategies."""


@admin.register(LevelOfCareAssessment)
class AssessmentAdmin(ClinicAdmin[LevelOfCareAssessment]):
    """Placement assessments with their suggestion and decision."""

    may_view = Permission.EPISODE_VIEW
    list_display = ("client", "assessed_at", "decided_at")
    list_filter = (("decided_at", admin.EmptyFieldListFilter),)
    list_select_related = ("client",)
    search_fields = _CLIENT
    date_hierarchy = "assessed_at"


@admin.register(SobrietyStatement)
class SobrietyStatementAdmin(ClinicAdmin[SobrietyStatement]):
    """Sobriety dates as clients stated them."""

    may_view = Permission.RELAPSE_VIEW
    list_display = ("client", "sobriety_date", "stated_at", "recorded_by")
    list_select_related = ("client", "recorded_by")
    search_fields = _CLIENT

"""Read-only admin pages for clinical records of counseling and the rules behind them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from counseling.models import (
    Addendum,
    CarryOverItem,
    DischargePlan,
    Goal,
    InstrumentText,
    LaterFiling,
    Measure,
    MeasureRule,
    MeasureWithdrawal,
    NoteFormat,
    NoteSignature,
    Objective,
    PlanReview,
    PlanReviewGoal,
    PlanSignature,
    SafetyPlan,
    SessionKindRule,
    SessionNote,
    TreatmentPlan,
)
from staff.access import Permission
from staff.administration import ClinicAdmin


class ReadOnlyAdmin(ClinicAdmin[models.Model]):
    """Read-only: the pages of Onward write these rows, never the admin."""

    may_view = Permission.NOTE_VIEW

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        """All of them."""
        fields = [field.name for field in self.model._meta.fields if field.name not in {"words"}]
        return fields + [field.name for field in self.model._meta.many_to_many]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        """The search column is no text."""
        return ["words"]


@admin.register(NoteFormat)
class NoteFormatAdmin(ReadOnlyAdmin):
    """Every version of the clinic's own formats, read-only. The Note formats page changes them."""

    may_view = Permission.CLINIC_MANAGE
    list_display = ("name", "version", "is_offered", "made_at", "made_by")
    list_filter = ("is_offered",)
    search_fields = ("name",)


@admin.register(SessionKindRule)
class SessionKindRuleAdmin(ReadOnlyAdmin):
    """Which kinds of session need no objective here; changed on the page Note formats."""

    may_view = Permission.CLINIC_MANAGE
    list_display = ("kind", "needs_objective", "reason")


class SignatureInline(admin.TabularInline):
    """Signatures under a note."""

    model = NoteSignature
    extra = 0
    can_delete = False
    readonly_fields = ("kind", "name", "credential", "at", "hash")
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """No one: signing.sign writes them."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Anyone who may open the note."""
        return True


@admin.register(SessionNote)
class SessionNoteAdmin(ReadOnlyAdmin):
    """Session notes, read-only."""

    list_display = ("id", "session_started_at", "author", "format", "signed_at", "is_late_entry")
    list_filter = ("format", "is_late_entry", "needs_cosignature")
    inlines = (SignatureInline,)


@admin.register(Addendum)
class AddendumAdmin(ReadOnlyAdmin):
    """Addenda, read-only."""

    list_display = ("id", "note", "name", "at", "reason")


@admin.register(CarryOverItem)
class CarryOverItemAdmin(ReadOnlyAdmin):
    """Carry-over items and their verdicts."""

    may_view = Permission.PLAN_VIEW
    list_display = ("id", "kind", "episode", "verdict", "decided_at")
    list_filter = ("kind", "verdict")


@admin.register(LaterFiling)
class LaterFilingAdmin(ReadOnlyAdmin):
    """Later links of signed notes to objectives."""

    list_display = ("id", "note", "objective", "filed_by", "filed_at")


@admin.register(TreatmentPlan, Goal, Objective, SafetyPlan, DischargePlan, PlanReview, PlanReviewGoal, PlanSignature)
class PlanAdmin(ReadOnlyAdmin):
    """Plans and their parts."""

    may_view = Permission.PLAN_VIEW


@admin.register(Measure)
class MeasureAdmin(ReadOnlyAdmin):
    """Measures with their scores."""

    list_display = ("id", "instrument", "total", "band", "taken_at")
    list_filter = ("instrument",)


@admin.register(MeasureWithdrawal)
class MeasureWithdrawalAdmin(ReadOnlyAdmin):
    """Measures entered in error: who marked them and why."""

    list_display = ("id", "measure", "reason", "by", "at")


@admin.register(InstrumentText)
class InstrumentTextAdmin(ReadOnlyAdmin):
    """Every version of installed item text. The Instruments page installs and retires them."""

    may_view = Permission.MEASURE_SETUP
    list_display = ("instrument", "version", "edition", "is_in_use", "made_at", "made_by")
    list_filter = ("instrument", "is_in_use")


@admin.register(MeasureRule)
class MeasureRuleAdmin(ReadOnlyAdmin):
    """A clinic's own due dates of instruments; changed on the Instruments page."""

    may_view = Permission.MEASURE_SETUP
    list_display = ("group", "instrument", "within_days", "every_days")
    list_filter = ("group",)

"""Admin, read-only: inquiries, clients, care teams, episodes and merges."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cases.models import CareTeamMember, Client, ClientMerge, ContactPoint, Inquiry, LevelOfCarePeriod, TreatmentEpisode
from staff.access import Permission
from staff.administration import ClinicAdmin


class LookedAt(admin.TabularInline):
    """Related rows, shown with a record and changed elsewhere. Anyone who sees the record sees them."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """As the record itself."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never here."""
        return False

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


@admin.register(Inquiry)
class InquiryAdmin(ClinicAdmin[Inquiry]):
    """The consultation line, ended inquiries included."""

    may_view = Permission.INQUIRY_VIEW
    list_display = ("id", "person_name", "stage", "taken_at", "taken_by", "assigned_to", "client", "is_draft")
    list_filter = ("stage", "is_draft", "pregnant", "injects", "taken_at")
    list_select_related = ("taken_by", "assigned_to", "client")
    search_fields = ("given_name", "family_name", "caller_name", "=id")
    date_hierarchy = "taken_at"
    fieldsets = (
        (None, {"fields": ("stage", "client", "assigned_to", "program", "next_action", "next_action_at")}),
        ("Call", {"fields": ("taken_at", "taken_by", "relation", "caller_name", "reason", "danger_signs")}),
        ("Callback", {"fields": ("call_back_phone", "voicemail_ok", "voicemail_words", "must_not_reveal")}),
        (
            "Person",
            {"fields": ("given_name", "family_name", "birth_date", "birth_year", "phone", "language", "payer")},
        ),
        (
            "Substance use",
            {"fields": ("substances", "days_since_last_use", "pregnant", "injects", "interim_services_at")},
        ),
        (
            "Pros and cons",
            {"fields": ("benefits_of_now", "costs_of_now", "benefits_of_change", "costs_of_change")},
        ),
        ("Outcome", {"fields": ("offer_lapses_on", "closing_reason")}),
    )


class ContactPointInline(LookedAt):
    """How to reach the client."""

    model = ContactPoint
    fields = ("kind", "value", "label", "voicemail_ok", "messages_ok", "is_preferred", "ended_at")


class CareTeamInline(LookedAt):
    """Who works with the client."""

    model = CareTeamMember
    fields = ("staff_member", "part", "starts_at", "ends_at", "assigned_by")


@admin.register(Client)
class ClientAdmin(ClinicAdmin[Client]):
    """Every client the reader may see."""

    may_view = Permission.CLIENT_VIEW
    list_display = ("family_name", "given_name", "birth_date", "birth_year", "city", "language", "merged_into")
    list_display_links = ("family_name", "given_name")
    list_filter = ("language", "state", ("merged_into", admin.EmptyFieldListFilter))
    list_select_related = ("merged_into",)
    search_fields = ("family_name", "given_name", "former_family_name", "=id")
    inlines = (ContactPointInline, CareTeamInline)


class LevelOfCareInline(LookedAt):
    """The levels of care of an episode."""

    model = LevelOfCarePeriod
    fields = ("level_code", "criteria_edition", "setting", "starts_at", "ends_at", "reason", "decided_by")


@admin.register(TreatmentEpisode)
class EpisodeAdmin(ClinicAdmin[TreatmentEpisode]):
    """Episodes of care with their levels."""

    may_view = Permission.EPISODE_VIEW
    list_display = ("client", "program", "admitted_on", "discharged_on", "discharge_reason", "presenting_reason")
    list_filter = ("program", "discharge_reason", "presenting_reason", ("discharged_on", admin.EmptyFieldListFilter))
    list_select_related = ("client", "program")
    search_fields = ("client__family_name", "client__given_name", "=client__id")
    date_hierarchy = "admitted_on"
    inlines = (LevelOfCareInline,)


@admin.register(CareTeamMember)
class CareTeamAdmin(ClinicAdmin[CareTeamMember]):
    """Care team membership over time."""

    may_view = Permission.CLIENT_VIEW
    list_display = ("client", "staff_member", "part", "starts_at", "ends_at")
    list_filter = ("part", "staff_member", ("ends_at", admin.EmptyFieldListFilter))
    list_select_related = ("client", "staff_member")
    search_fields = ("client__family_name", "staff_member__family_name")


@admin.register(ClientMerge)
class ClientMergeAdmin(ClinicAdmin[ClientMerge]):
    """Merged records, and merges that were undone."""

    may_view = Permission.CLIENT_MERGE
    list_display = ("merged_at", "keep", "absorb", "merged_by", "undone_at", "undone_by")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("keep", "absorb", "merged_by", "undone_by")
    search_fields = ("keep__family_name", "absorb__family_name")

"""Administration of privacy/: read-only. Changes are made on their own pages."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from cases.models.visibility import not_kept_from
from privacy.models import AskedAbout, ChartAccess, Consent, ConsentStatus, Disclosure, EmergencyAccess, MinorConsentAge
from staff.access import Permission, can
from staff.administration import ClinicAdmin, OwnClinicAdmin
from staff.models import AuditEntry, StaffMember


@admin.register(ChartAccess)
class ChartAccessAdmin(ClinicAdmin[ChartAccess]):
    """Who opened which chart."""

    may_view = Permission.ACCESS_LOG_VIEW
    list_display = ("position", "at", "staff_member", "client_id", "words", "emergency")
    list_filter = ("emergency", "method", "status", "at")
    list_select_related = ("staff_member",)
    search_fields = ("view_name", "=client_id", "staff_member__family_name")
    ordering = ("-position",)


class ConsentStatusInline(admin.TabularInline):
    """The steps of a consent."""

    model = ConsentStatus
    extra = 0
    can_delete = False
    readonly_fields = ("status", "at", "by", "note")

    def has_view_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Anyone who sees the consent sees its steps."""
        return True

    def has_add_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Steps are taken on the consent's own pages."""
        return False

    has_change_permission = has_add_permission


@admin.register(Consent)
class ConsentAdmin(ClinicAdmin[Consent]):
    """Consents of every client."""

    may_view = Permission.CONSENT_VIEW
    list_display = ("client", "type", "signed_on", "expires_on", "recorded_by")
    list_filter = ("type", "signed_on", "expires_on")
    list_select_related = ("client", "recorded_by")
    search_fields = ("client__family_name", "client__given_name", "recipients")
    inlines = (ConsentStatusInline,)


@admin.register(Disclosure)
class DisclosureAdmin(ClinicAdmin[Disclosure]):
    """The accounting of disclosures."""

    may_view = Permission.DISCLOSURE_VIEW
    list_display = ("disclosed_at", "client", "recipient", "basis", "disclosed_by")
    list_filter = ("basis", "disclosed_at")
    list_select_related = ("client", "disclosed_by")
    search_fields = ("client__family_name", "recipient")


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(ClinicAdmin[EmergencyAccess]):
    """Emergency accesses and their reviews."""

    may_view = Permission.EMERGENCY_REVIEW
    list_display = ("opened_at", "staff_member", "client", "finding", "reviewed_by")
    list_filter = ("finding", "opened_at")
    list_select_related = ("client", "staff_member", "reviewed_by")
    search_fields = ("client__family_name", "staff_member__family_name")


@admin.register(MinorConsentAge)
class MinorConsentAgeAdmin(OwnClinicAdmin[MinorConsentAge]):
    """From which age a person consents alone, by state."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    may_delete = Permission.CLINIC_MANAGE
    list_display = ("state", "age", "source")
    search_fields = ("state",)


@admin.register(AskedAbout)
class AskedAboutAdmin(ClinicAdmin[AskedAbout]):
    """Information requests and their answers."""

    may_view = Permission.ACCESS_LOG_VIEW
    list_display = ("asked_at", "about", "asked_by", "relation", "way", "by")
    list_filter = ("relation", "way", "asked_at")
    list_select_related = ("by",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ClinicAdmin[AuditEntry]):
    """Every act, read-only. Acts on clients' records show only to those who oversee access."""

    may_view = Permission.CLINIC_MANAGE
    list_display = ("position", "at", "staff_member", "act", "client_id", "subject_type", "subject_id")
    list_filter = ("at", "act", ("staff_member", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("staff_member",)
    search_fields = ("act", "=client_id", "=subject_id", "staff_member__family_name", "staff_member__email")
    search_help_text = "An action, a staff member, or a client or record number"
    date_hierarchy = "at"
    ordering = ("-position",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[AuditEntry]:
        """The clinic's acts; users who only run the clinic do not see acts on clients' records.

        No one sees acts on the record of a client who restricted them: that of the restriction least of all.
        """
        entries = super().get_queryset(request)
        if not can(request.user, Permission.ACCESS_LOG_VIEW):
            return entries.filter(client_id=None)
        return entries.filter(not_kept_from(cast("StaffMember", request.user), "client_id"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For users who run the clinic and users who oversee access."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The same."""
        return can(request.user, Permission.CLINIC_MANAGE) or can(request.user, Permission.ACCESS_LOG_VIEW)

"""Administration of staff/: the clinic, its programs, staff, and thresholds; the audit log, read-only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from staff import account_changes, accounts, phones
from staff.access import Permission
from staff.administration import ClinicAdmin, OwnClinicAdmin, OwnClinicForm
from staff.models import Clinic, ClinicThreshold, Program, StaffMember
from staff.refusals import Refusal
from staff.thresholds import registry

admin.site.site_header = "Onward administration"
admin.site.site_title = "Onward administration"
admin.site.index_title = "Clinic settings"
admin.site.empty_value_display = "—"
admin.site.enable_nav_sidebar = False  # room for the lists; the index is one step up


@admin.register(Clinic)
class ClinicAdministration(ClinicAdmin[Clinic]):
    """One's own clinic."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    clinic_path = "pk"
    list_display = ("name", "phone_shown", "time_zone", "criteria_edition")
    fieldsets = (
        (None, {"fields": ("name", "phone", "time_zone")}),
        ("Messages to clients", {"fields": ("neutral_name", "text_number")}),
        ("Rules", {"fields": ("criteria_edition", "minor_consent_age")}),
    )

    @admin.display(description="Phone", ordering="phone")
    def phone_shown(self, clinic: Clinic) -> str:
        """As staff read it."""
        return phones.spoken(clinic.phone)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """A clinic is set up with the installation."""
        return False


@admin.register(Program)
class ProgramAdmin(OwnClinicAdmin[Program]):
    """Services into which people are admitted. A program that closes is switched off, not deleted."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    list_display = ("name", "setting", "medical_intensity", "level_code", "capacity", "is_open")
    list_filter = ("is_open", "setting", "medical_intensity")
    search_fields = ("name", "level_code")
    fieldsets = (
        (None, {"fields": ("name", "is_open", "capacity")}),
        ("Level of care", {"fields": ("level_code", "setting", "medical_intensity")}),
    )


class StaffForm(OwnClinicForm, UserChangeForm):
    """A colleague. Role, supervisor, credential, address and second step take two people (staff.account_changes)."""

    class Meta:
        model = StaffMember
        fields = "__all__"
        field_classes: dict[str, Any] = {}

    def clean_is_active(self) -> bool:
        """Off is possible at once, but for the last who oversee it. On again is for two."""
        wanted = bool(self.cleaned_data["is_active"])
        if wanted and not self.instance.is_active:
            raise forms.ValidationError("A second person approves this: choose “Turn on again” below.")
        if not wanted and self.instance.is_active and account_changes.needs_two_to_turn_off(self.instance):
            raise forms.ValidationError(
                "A second person approves this, as too few would be left to approve changes, or no privacy officer: "
                "choose “End their work here” below. “Sign out everywhere” on the list works at once."
            )
        return wanted


@admin.register(StaffMember)
class StaffMemberAdmin(OwnClinicAdmin[StaffMember], UserAdmin):
    """Staff members. No one is deleted: what they signed stays."""

    may_view = Permission.STAFF_MANAGE
    may_change = Permission.STAFF_MANAGE
    form = StaffForm
    list_display = ("name", "role", "email", "supervisor", "second_factor", "is_active", "last_login")
    list_display_links = ("name",)
    list_filter = ("role", "is_active", "programs")
    list_select_related = ("supervisor",)
    search_fields = ("family_name", "given_name", "email", "credential")
    ordering = ("family_name", "given_name")
    autocomplete_fields = ("programs",)
    filter_horizontal = ()
    readonly_fields = (
        "email", "role", "supervisor", "credential", "is_staff", "last_login", "joined_at", "second_factor",
        "by_two_people",
    )  # fmt: skip
    actions = ("send_password_link", "end_sessions", "unlock")
    fieldsets = (
        (None, {"fields": ("given_name", "family_name", "credential")}),
        ("Work", {"fields": ("role", "supervisor", "programs")}),
        ("Signing in", {"fields": ("email", "is_active", "is_staff", "second_factor", "by_two_people")}),
        ("Since", {"fields": ("joined_at", "last_login")}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[StaffMember]:
        """With whether each has a second factor, in the one query of the list."""
        return super().get_queryset(request).annotate(factors=models.Count("authenticator"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """A new colleague is invited, and chooses their password themselves."""
        return redirect("staff:invite")

    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: bool) -> None:
        """Whoever's account is turned off is signed out everywhere, and told, as are those who oversee accounts."""
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            accounts.end_sessions(staff_member=obj, by=self._who(request))
            account_changes.tell_of_turning_off(staff_member=obj, by=self._who(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """No one extends or ends their own access: that takes another administrator."""
        own = ("is_active",) if obj is not None and obj.pk == request.user.pk else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: ARG002
        """No one sets a password for someone else, who could then sign notes as them."""
        raise PermissionDenied("Staff set their own password. Send a link from the staff list.")

    @admin.action(description="Send a password reset link", permissions=["change"])
    def send_password_link(self, request: HttpRequest, queryset: models.QuerySet[StaffMember]) -> None:
        """For colleagues who forgot their password; goes to their own address."""
        for staff_member in queryset:
            try:
                accounts.send_password_link(staff_member=staff_member, by=self._who(request), request=request)
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
            else:
                messages.success(request, f"Reset link sent to {staff_member.email}.")

    @admin.display(description="name", ordering="family_name")
    def name(self, staff_member: StaffMember) -> str:
        """Family name first, as lists of people are read, and the credential behind."""
        name = f"{staff_member.family_name}, {staff_member.given_name}"
        return f"{name} · {staff_member.credential}" if staff_member.credential else name

    @admin.display(description="second step", boolean=True)
    def second_factor(self, staff_member: Any) -> bool:
        """Whether sign-in requires more than a password."""
        return bool(getattr(staff_member, "factors", 0))

    @admin.display(description="changes by two people")
    def by_two_people(self, staff_member: StaffMember) -> str:
        """Where to ask for each."""
        links = [("staff:ask_role", "Change the role"), ("staff:ask_email", "Change the email address")]
        links.append(("staff:ask_supervision", "Change the supervisor or credential"))
        links.append(("staff:leave", "End their work here"))
        if self.second_factor(staff_member):
            links.append(("staff:ask_second_step", "Remove two-step sign-in (lost phone)"))
        if not staff_member.is_active:
            links.append(("staff:ask_return", "Turn on again"))
        shown = ((reverse(name, args=[staff_member.pk]), words) for name, words in links)
        return format_html_join(" · ", '<a href="{}">{}</a>', shown)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: models.QuerySet[StaffMember]) -> None:
        """For a lost laptop, or a browser left open somewhere."""
        for staff_member in queryset:
            ended = accounts.end_sessions(staff_member=staff_member, by=self._who(request))
            messages.success(request, f"{staff_member} was signed out in {ended} browser{'' if ended == 1 else 's'}.")

    @admin.action(description="Unlock sign-in after too many attempts", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: models.QuerySet[StaffMember]) -> None:
        """For colleagues who do not want to wait fifteen minutes."""
        for staff_member in queryset:
            accounts.unlock(staff_member=staff_member, by=self._who(request))
            messages.success(request, f"{staff_member} can sign in again.")


def threshold_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every number that an administrator may change, by the app whose rules read it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, threshold in sorted(registry.items()):
        if threshold.permission is not ClinicThresholdAdmin.may_change:
            continue
        line = f"{threshold.label} (default {threshold.default_amount})"
        groups.setdefault(key.partition(".")[0].capitalize(), []).append((key, line))
    return list(groups.items())


class ThresholdForm(OwnClinicForm):
    """A clinic's own value, chosen from the numbers that there are."""

    key = forms.ChoiceField(label="Number", choices=lambda: [("", "Choose a setting"), *threshold_choices()])

    class Meta:
        model = ClinicThreshold
        fields = ("key", "value", "reason")


@admin.register(ClinicThreshold)
class ClinicThresholdAdmin(OwnClinicAdmin[ClinicThreshold]):
    """The clinic's own values; below the list, every number with its default and source.

    What another role sets is here to be read.
    """

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    may_delete = Permission.CLINIC_MANAGE  # which brings the default back
    form = ThresholdForm
    list_display = ("label", "own_value", "default", "source", "reason", "changed_at")
    search_fields = ("key", "reason")
    readonly_fields = ("about", "changed_at")
    fields = ("key", "about", "value", "reason", "changed_at")
    change_list_template = "admin/staff/clinicthreshold/change_list.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        """Show the details of a number once it is chosen."""
        return self.fields if obj else ("key", "value", "reason")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the numbers that still have their default."""
        own = set(self.get_queryset(request).values_list("key", flat=True))
        others = [
            (threshold, threshold.permission is self.may_change)
            for key, threshold in sorted(registry.items())
            if key not in own
        ]
        return super().changelist_view(request, {**(extra_context or {}), "with_default": others})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the role may change this number."""
        return super().has_change_permission(request, obj) and self._is_set_here(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the role may bring its default back."""
        return super().has_delete_permission(request, obj) and self._is_set_here(obj)

    def _is_set_here(self, own: ClinicThreshold | None) -> bool:
        return own is None or own.key not in registry or registry[own.key].permission is self.may_change

    @admin.display(description="number", ordering="key")
    def label(self, own: ClinicThreshold) -> str:
        """The number's meaning."""
        return registry[own.key].label if own.key in registry else own.key

    @admin.display(description="here", ordering="value")
    def own_value(self, own: ClinicThreshold) -> str:
        """The clinic's value with its unit."""
        return registry[own.key].amount(own.value) if own.key in registry else str(own.value)

    @admin.display(description="default")
    def default(self, own: ClinicThreshold) -> str:
        """The default."""
        return registry[own.key].default_amount if own.key in registry else "—"

    @admin.display(description="source of the default")
    def source(self, own: ClinicThreshold) -> str:
        """The default's source."""
        return (registry[own.key].source if own.key in registry else "") or "—"

    @admin.display(description="default, range and source")
    def about(self, own: ClinicThreshold) -> str:
        """All that is known about the number."""
        threshold = registry.get(own.key)
        if threshold is None:
            return "This setting is no longer used."
        return format_html(
            "{}; from {} to {}. {}", threshold.default_amount, threshold.lowest, threshold.highest, threshold.source,
        )  # fmt: skip

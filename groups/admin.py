"""Administration of groups/: when, where, and who facilitates. Rosters, notes, and mentors have their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import F
from django.db.models.functions import Mod
from django.http import HttpRequest

from staff.access import Permission
from staff.administration import ClinicAdmin

from .models import Group, GroupFacilitator


class FacilitatorInline(admin.TabularInline):
    """The group's facilitators, to look at: a supervisor or a facilitator changes them on the group's own page.

    Who leads a group reads the notes about its members, and an administrator gives no one a chart to read.
    """

    model = GroupFacilitator
    extra = 0
    can_delete = False
    fields = readonly_fields = ("staff_member", "since", "set_by")
    verbose_name = "facilitator"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the group."""
        return self.admin_site._registry[Group].has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Not here."""
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Group)
class GroupAdmin(ClinicAdmin[Group]):
    """The clinic's group schedule, without the members."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    list_display = ("name", "type", "schedule", "room", "leaders", "capacity", "is_open", "ends_on")
    list_filter = ("type", "weekday", "openness", "is_open")
    search_fields = ("name", "room")
    list_editable = ("is_open",)
    inlines = (FacilitatorInline,)
    fieldsets = (
        (None, {"fields": ("name", "type", "openness", "program")}),
        ("When and where", {"fields": (("weekday", "starts_at", "minutes"), "room", ("starts_on", "ends_on"))}),
        ("Capacity", {"fields": (("capacity", "minimum"), "is_open")}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Group]:
        """The clinic's own groups. Administrators see no roster, so `visible_to` is not for them."""
        rows = Group.objects.filter(clinic=getattr(request.user, "clinic_id", None))
        return rows.order_by(Mod(F("weekday") + 1, 7), "starts_at", "name").prefetch_related("facilitators")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Programs of the own clinic."""
        if db_field.name == "program":
            kwargs["queryset"] = db_field.related_model.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        """A new group is the clinic's own."""
        if not change:
            obj.clinic = getattr(request.user, "clinic")  # noqa: B009  # a staff member is signed in
        super().save_model(request, obj, form, change)

    @admin.display(description="facilitators")
    def leaders(self, group: Group) -> str:
        """Facilitators."""
        return ", ".join(str(leader) for leader in group.facilitators.all())

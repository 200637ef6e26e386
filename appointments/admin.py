"""Administration of appointments/: rooms, holidays and working hours. Appointments have their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from appointments.models import Holiday, Room, WorkingHours
from staff.access import Permission
from staff.administration import ClinicAdmin, OwnClinicAdmin
from staff.models import StaffMember


@admin.register(Room)
class RoomAdmin(OwnClinicAdmin[Room]):
    """Rooms that can be booked. One that is no longer used is taken out of use, never deleted."""

    may_view = Permission.SCHEDULE_MANAGE
    may_change = Permission.SCHEDULE_MANAGE
    list_display = ("name", "seats", "is_in_use")
    search_fields = ("name",)


@admin.register(Holiday)
class HolidayAdmin(OwnClinicAdmin[Holiday]):
    """Days on which the clinic is closed."""

    may_view = Permission.SCHEDULE_MANAGE
    may_change = Permission.SCHEDULE_MANAGE
    may_delete = Permission.SCHEDULE_MANAGE
    list_display = ("day", "name")
    search_fields = ("name",)


@admin.register(WorkingHours)
class WorkingHoursAdmin(ClinicAdmin[WorkingHours]):
    """When people see clients. Their own page is easier for a whole week."""

    may_view = Permission.SCHEDULE_MANAGE
    may_change = Permission.SCHEDULE_MANAGE
    may_delete = Permission.SCHEDULE_MANAGE
    list_display = ("staff_member", "weekday", "opens_at", "closes_at", "first_day", "last_day")
    list_filter = ("weekday",)
    list_select_related = ("staff_member",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Clinicians of the own clinic."""
        if db_field.name == "staff_member":
            kwargs["queryset"] = StaffMember.objects.visible_to(request.user).clinicians()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

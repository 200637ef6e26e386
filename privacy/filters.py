"""Filters of the access log."""

from __future__ import annotations

from django_filters import ModelChoiceFilter

from staff.filters import KeyFilter, ListFilter, SinceFilter, TickFilter, UntilFilter
from staff.models import StaffMember


class AccessLogFilter(ListFilter):
    """Which part of the access log to show."""

    client = KeyFilter("client_id", label="Client no.")
    staff = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )
    since = SinceFilter("at", label="From")
    until = UntilFilter("at", label="To")
    emergency = TickFilter("emergency", label="Emergency access only")

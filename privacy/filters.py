"""Filters of the access log and of the uses of the emergency form."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter

from privacy.models import ChartAccess, Disclosure, EmergencyLookUp, ListAccess, UnusualAccess
from privacy.models.access import numbers_of
from privacy.models.look_up import EmergencyLookUpQuerySet
from privacy.models.unusual import UnusualAccessQuerySet
from staff.filters import KeyFilter, ListFilter, SinceFilter, TickFilter, UntilFilter
from staff.models import StaffMember


class ChartFilter(KeyFilter):
    """The number of a client: entries about them and about the records merged into theirs."""

    def filter(self, qs: QuerySet[ChartAccess], value: int | None) -> QuerySet[ChartAccess]:
        """Entries about that person."""
        return qs.filter(client_id__in=numbers_of(value)) if value else qs


class AccessLogFilter(ListFilter):
    """Which part of the access log to show."""

    client = ChartFilter("client_id", label="Client no.")
    staff = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )
    since = SinceFilter("at", label="From")
    until = UntilFilter("at", label="To")
    emergency = TickFilter("emergency", label="Emergency access only")


class ListLogFilter(ListFilter):
    """Which lists, searches and exports to show."""

    client = KeyFilter("client_ids", label="Client no.", lookup_expr="contains")
    staff = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )
    since = SinceFilter("at", label="From")
    until = UntilFilter("at", label="To")

    def filter_queryset(self, queryset: QuerySet[ListAccess]) -> QuerySet[ListAccess]:
        """Rows that pass every filter; a number is looked for among those of a row."""
        number = self.form.cleaned_data.get("client")
        self.form.cleaned_data["client"] = [number] if number else None
        rows = super().filter_queryset(queryset)
        self.form.cleaned_data["client"] = number
        return rows


class LookUpFilter(ListFilter):
    """Which uses of the emergency form to show."""

    staff = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )
    outcome = ChoiceFilter(choices=EmergencyLookUp.Outcome.choices, label="Result", empty_label="Any")
    since = SinceFilter("at", label="From")
    until = UntilFilter("at", label="To")
    waiting = TickFilter(label="Not reviewed yet", method="only_waiting")

    def only_waiting(self, rows: EmergencyLookUpQuerySet, name: str, value: bool | None) -> QuerySet[EmergencyLookUp]:  # noqa: ARG002
        """Those still to be reviewed."""
        return rows.unreviewed() if value else rows


class UnusualFilter(ListFilter):
    """Which unusual accesses to show."""

    staff = ModelChoiceFilter(
        field_name="staff_member",
        label="Staff member",
        queryset=lambda request: StaffMember.objects.visible_to(request.user),
        empty_label="Everyone",
    )
    reason = ChoiceFilter(choices=UnusualAccess.Reason.choices, label="Why", empty_label="Any")
    waiting = TickFilter(label="Not reviewed yet", method="only_waiting")

    def only_waiting(self, rows: UnusualAccessQuerySet, name: str, value: bool | None) -> QuerySet[UnusualAccess]:  # noqa: ARG002
        """Those still to be reviewed."""
        return rows.unreviewed() if value else rows


class RecipientFilter(ListFilter):
    """Which recipients of the clinic's list to show."""

    name = CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    kind = ChoiceFilter(choices=Disclosure.RecipientAs.choices, label="Role", empty_label="Any")
    wide = ("name",)

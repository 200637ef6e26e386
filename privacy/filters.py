"""Filters of the access log, of the uses of the emergency form and of the queue of requests."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter

from cases.models.people.client import ClientQuerySet
from privacy import retention
from privacy.models import (
    AskedAbout,
    Breach,
    BreachAssessment,
    ChartAccess,
    Disclosure,
    EmergencyLookUp,
    ListAccess,
    UnusualAccess,
)
from privacy.models.access import numbers_of
from privacy.models.agreement import ServiceAgreementQuerySet
from privacy.models.asked import AskedAboutQuerySet
from privacy.models.look_up import EmergencyLookUpQuerySet
from privacy.models.unusual import UnusualAccessQuerySet
from privacy.thresholds import REQUEST_NOTICE_DAYS
from staff.access import Permission, roles_with
from staff.filters import DateFilter, KeyFilter, ListFilter, SinceFilter, TickFilter, UntilFilter, WhichFilter
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


def workers(staff_member: StaffMember) -> QuerySet[StaffMember]:
    """Those of the clinic who work the queue of requests."""
    rows = StaffMember.objects.visible_to(staff_member)
    return rows.filter(is_active=True, role__in=roles_with(Permission.REQUESTS_WORK))


class RequestFilter(ListFilter):
    """Which requests of the queue to show; by default all that wait, the one due first at the top."""

    about = CharFilter(field_name="about", lookup_expr="icontains", label="About, or who asks", method="named")
    kind = ChoiceFilter(choices=AskedAbout.Kind.choices, label="What", empty_label="Any")
    relation = ChoiceFilter(choices=AskedAbout.Relation.choices, label="Who", empty_label="Anyone")
    stands = WhichFilter(
        which="that_stand",
        choices=[
            ("overdue", "Overdue"),
            ("soon", "Due soon"),
            ("unowned", "No one’s yet"),
            ("closed", "Closed"),
            ("all", "All, questions included"),
        ],
        label="Status",
        empty_label="Waiting",
    )
    owner = ModelChoiceFilter(
        field_name="owner_id",
        label="Whose",
        queryset=lambda request: workers(request.user),
        empty_label="Anyone’s",
        method="owned_by",
    )
    since = SinceFilter("asked_at", label="From")
    until = UntilFilter("asked_at", label="To")
    wide = ("about",)

    def filter_queryset(self, queryset: Any) -> QuerySet[AskedAbout]:
        """As every list; the standing is read once, before the filters that ask about it."""
        return super().filter_queryset(queryset.with_standing())

    def named(self, rows: AskedAboutQuerySet, name: str, value: str) -> AskedAboutQuerySet:  # noqa: ARG002
        """By the name they gave, or their own."""
        return rows.filter(Q(about__icontains=value) | Q(asked_by__icontains=value)) if value else rows

    def owned_by(self, rows: AskedAboutQuerySet, name: str, value: StaffMember | None) -> AskedAboutQuerySet:  # noqa: ARG002
        """Those that this person took last."""
        return rows.filter(Q(owner_id=value.pk)) if value else rows

    def that_stand(self, rows: AskedAboutQuerySet, value: str) -> AskedAboutQuerySet:
        """Waiting ones, or the part that was chosen."""
        if value == "all":
            return rows
        if value == "closed":
            return rows.filter(Q(waits=False)).exclude(kind=AskedAbout.Kind.QUESTION)
        clinic = self.request.user.clinic
        today = timezone.localdate(timezone=clinic.zone)
        if value == "overdue":
            return rows.overdue(today)
        if value == "soon":
            soon = today + datetime.timedelta(days=REQUEST_NOTICE_DAYS.for_clinic(clinic))
            return rows.waiting().filter(Q(due_on__range=(today, soon)))
        return rows.waiting().filter(Q(owner_id=None)) if value == "unowned" else rows.waiting()


class BreachFilter(ListFilter):
    """Which entries of the breach register to show."""

    decision = ChoiceFilter(choices=BreachAssessment.Decision.choices, label="Decision", empty_label="Any")
    since = DateFilter("discovered_on", "gte", label="Discovered from")
    until = DateFilter("discovered_on", "lte", label="To")
    waiting = TickFilter(label="Not assessed yet", method="only_waiting")

    def only_waiting(self, rows: Any, name: str, value: bool | None) -> QuerySet[Breach]:  # noqa: ARG002
        """Those that are presumed a breach since no one has assessed them."""
        found: QuerySet[Breach] = rows.filter(decision=None, entered_in_error=False) if value else rows
        return found


class ServiceAgreementFilter(ListFilter):
    """Which agreements with qualified service organizations to show."""

    name = CharFilter(field_name="name", lookup_expr="icontains", label="Organization")
    current = TickFilter(label="Current only", method="only_current")
    wide = ("name",)

    def only_current(self, rows: ServiceAgreementQuerySet, name: str, value: bool | None) -> Any:  # noqa: ARG002
        """Those in effect today."""
        today = timezone.localdate(timezone=self.request.user.clinic.zone)
        return rows.current_on(today) if value else rows


class RetentionFilter(ListFilter):
    """Whose records: past retention, or on legal hold."""

    show = WhichFilter(
        label="Show", choices=(("held", "On legal hold"),), empty_label="Past retention", which="as_chosen"
    )
    client = KeyFilter("pk", label="Client no.")

    def as_chosen(self, rows: ClientQuerySet, show: str) -> Any:
        """Its rows are those the reader may see; each list narrows them."""
        today = timezone.localdate(timezone=self.request.user.clinic.zone)
        return (
            retention.held(rows, by=self.request.user) if show else retention.past(rows, by=self.request.user, on=today)
        )


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

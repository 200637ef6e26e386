"""Filters of the front desk's list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import Filter, ModelChoiceFilter

from appointments.codes import CANCELLED, Step
from appointments.models import Appointment
from staff.days import beginning_of, end_of
from staff.filters import ListFilter, WhichFilter
from staff.models import StaffMember
from staff.typed_fields import DayField


def _clinicians(request: Any) -> QuerySet[StaffMember]:
    return StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name")


class _OnDay(Filter):
    """The chosen day, or today."""

    field_class = DayField

    def filter(self, qs: Any, value: Any) -> QuerySet[Appointment]:
        """The rows of that day, on the clinic's calendar."""
        zone = self.parent.request.user.clinic.zone
        day = value or timezone.localdate(timezone=zone)
        rows: QuerySet[Appointment] = qs.between(beginning_of(day, zone), end_of(day, zone))
        return rows


class FrontDeskFilter(ListFilter):
    """Who comes on a day; its rows have `step` (`Appointment.objects.with_step`)."""

    SHOW = (("open", "Coming up or here"), ("waiting", "Waiting"), ("ended", "Done"), ("canceled", "Canceled"))
    STEPS: dict[str, tuple[Step, ...]] = {
        "open": (Step.BOOKED, Step.CONFIRMED, Step.REOPENED, Step.ARRIVED),
        "waiting": (Step.ARRIVED,),
        "ended": (Step.KEPT, Step.NO_SHOW),
        "canceled": CANCELLED,
    }

    day = _OnDay(label="Day")
    staff = ModelChoiceFilter(field_name="staff_member", label="With", queryset=_clinicians, empty_label="Everyone")
    state = WhichFilter(label="Show", choices=SHOW, empty_label="All", which="in_state")

    def in_state(self, rows: Any, state: str) -> QuerySet[Appointment]:
        """Those in a state; a moved appointment is where it was moved to."""
        return rows.filter(step__in=self.STEPS[state]) if state else rows.exclude(step=Step.MOVED)

"""A caller's appointments on the page of their call, and what is to be done after one that they missed."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from appointments import addresses, calendar, no_show_steps
from appointments.codes import Step
from appointments.models import Appointment
from cases.models import Inquiry
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

SHOWN = 6


@reads
def panel(*, inquiry: Inquiry, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """The appointments that were booked in this call, the latest first; None without any, or without the permission."""
    if not can(staff_member, Permission.APPOINTMENT_VIEW):
        return None
    found = yield from rows(query(_booked, by=staff_member, inquiry=inquiry))
    if not found:
        return None
    today = timezone.localdate(now, staff_member.clinic.zone)
    missed = [each for each in found if each.step == Step.NO_SHOW]  # type: ignore[attr-defined]  # annotated
    protocols = yield from no_show_steps.protocols.part(missed[:1], clinic=staff_member.clinic, on=today)
    latest = {protocol.appointment.pk: protocol for protocol in protocols}
    lines = [_line(each, latest.get(each.pk)) for each in found]
    return ChartPanel(title="Appointments", template="appointments/_caller_panel.html", context={"lines": lines})


def _line(appointment: Appointment, protocol: no_show_steps.Protocol | None) -> dict[str, object]:
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    tone, icon = calendar.STEP_LOOKS[step]
    return {
        "appointment": appointment,
        "url": addresses.of(appointment),
        "state": Step(step).label,
        "tone": tone,
        "icon": icon,
        "protocol": protocol,
        "no_show_url": addresses.of(appointment, "no_show") if protocol else "",
    }


def _booked(by: Any, inquiry: Any) -> QuerySet[Appointment]:
    own = Appointment.objects.visible_to(by).filter(inquiry=inquiry).not_marked(Step.MOVED)
    return own.select_related("client", "inquiry__client", "staff_member").order_by("-starts_at", "-pk")[:SHOWN]

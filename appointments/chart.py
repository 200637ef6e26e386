"""The chart's panel on appointments: what is next, and what became of the last one."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse

from appointments import addresses, calendar
from appointments.codes import AHEAD, Step
from appointments.models import Appointment
from appointments.models.appointment import AppointmentQuerySet
from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

SHOWN = 3


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """The client's next appointments and the last one, with a button to book."""
    if not can(staff_member, Permission.APPOINTMENT_VIEW):
        return None
    ahead, past = yield from together(
        upcoming.part(client=client, staff_member=staff_member, now=now),
        rows(
            query(
                lambda client, by, now: (
                    _of(client, by).filter(starts_at__lt=now).not_marked(Step.MOVED).order_by("-starts_at", "-pk")[:1]
                ),
                client=client,
                by=staff_member,
                now=now,
            )
        ),
    )
    may_book = can(staff_member, Permission.APPOINTMENT_BOOK)
    return ChartPanel(
        title="Appointments",
        template="appointments/_panel.html",
        context={
            "client": client,
            "upcoming": ahead,
            "last": _line(past[0], staff_member) if past else None,
            "book_url": addresses.to_book(client_id=client.pk) if may_book else "",
        },
        url=reverse("appointments:client_appointments", args=[client.pk]),
        order=15,
    )


@reads
def upcoming(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[dict[str, Any]]]:
    """The client's next appointments, as appointments/_panel.html shows them."""
    found = yield from rows(
        query(
            lambda client, by, now: (
                _of(client, by).marked(*AHEAD).filter(starts_at__gte=now).order_by("starts_at", "pk")[:SHOWN]
            ),
            client=client,
            by=staff_member,
            now=now,
        )
    )
    return [_line(each, staff_member) for each in found]


def _of(client: Any, by: Any) -> AppointmentQuerySet:
    own: AppointmentQuerySet = (
        Appointment.objects.visible_to(by)
        .of_client(client)
        .select_related("client", "inquiry__client", "room", "staff_member")
    )
    return own


def _line(appointment: Appointment, reader: StaffMember) -> dict[str, Any]:
    entry = calendar.of_appointment(appointment, reader=reader, may_move=False)
    return {
        "url": entry.url,
        "starts_at": entry.starts_at,
        "detail": entry.detail,
        "with_whom": appointment.staff_member,
        "state": entry.state,
    }

"""Appointments in time off or on a holiday that came after them: nobody has moved them, so a person has to.

They stand on Today of whoever they are with, and of whoever manages schedules while that person is away. No message
invites a client to one: it is held, and a task says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from appointments import addresses, calendar
from appointments.models import Appointment, Holiday, TimeOff
from reminders.models import Reminder
from staff.access import Permission, can
from staff.days import end_of
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

MOST = 6  # one by one
SOON = datetime.timedelta(days=14)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """A line for each that is ahead, until it is moved or canceled."""
    zone = staff_member.clinic.zone
    tomorrow = end_of(timezone.localdate(now, zone), zone)
    found = yield from rows(query(_booked, by=staff_member, now=now, tomorrow=tomorrow))
    return [_need(each, staff_member, now) for each in found[:MOST]] + _more(found[MOST:], now)


def holidays(clinic_id: int) -> QuerySet[Holiday, datetime.date]:
    """The days on which a clinic is closed, for every clock that counts business days (settings.CLOSED_DAYS)."""
    return Holiday.objects.filter(clinic=clinic_id).values_list("day", flat=True)


@reads
def held(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which messages invite to one of these, with the reason, asked just before sending; one query."""
    numbers = {each.context.get("appointment_id") for each in reminders} - {None}
    asked = Appointment.objects.with_closed().select_related("staff_member").filter(pk__in=numbers)
    why = {each.pk: _why_held(each) for each in (yield from rows(asked))} if numbers else {}
    return {each.pk: reason for each in reminders if (reason := why.get(each.context.get("appointment_id", 0)))}


def _why_held(appointment: Appointment) -> str:
    holiday: str | None = appointment.holiday  # type: ignore[attr-defined]  # annotated
    if holiday is not None:
        return f"the clinic is closed that day ({holiday})"
    is_off: bool = appointment.is_off  # type: ignore[attr-defined]  # annotated
    return f"{appointment.staff_member} is off at that time" if is_off else ""


def _need(appointment: Appointment, staff_member: StaffMember, now: datetime.datetime) -> Need:
    start = timezone.localtime(appointment.starts_at, staff_member.clinic.zone)
    holiday: str | None = appointment.holiday  # type: ignore[attr-defined]  # annotated
    if holiday is not None:
        why = f"The clinic is closed: {holiday}."
    else:
        is_own = appointment.staff_member_id == staff_member.pk
        why = "You are off." if is_own else f"{appointment.staff_member} is off."
    return Need(
        urgency=_urgency(appointment, now),
        title="Move an appointment",
        detail=f"{appointment.get_purpose_display()}, {start:%a, %b} {start.day}, {start:%-I:%M %p}. {why}",
        url=addresses.of(appointment, "move"),
        button="Move",
        icon="calendar-x",
        due=appointment.starts_at,
        client_name=calendar.name_of(appointment, reader=staff_member),
        kind="Appointments",
    )


def _more(appointments: list[Appointment], now: datetime.datetime) -> list[Need]:
    """One line for those that are not shown one by one, the earliest first."""
    if not appointments:
        return []
    number = len(appointments)
    return [
        Need(
            urgency=_urgency(appointments[0], now),
            title=f"{number} more appointment{'' if number == 1 else 's'} to move",
            detail="During time off or on a holiday. Open each in the calendar and choose Move.",
            url=reverse("appointments:calendar"),
            button="Open calendar",
            icon="calendar-x",
            due=appointments[0].starts_at,
            kind="Appointments",
        )
    ]


def _urgency(appointment: Appointment, now: datetime.datetime) -> Urgency:
    return Urgency.TODAY if appointment.starts_at < now + SOON else Urgency.SOON


def _booked(by: Any, now: Any, tomorrow: Any) -> QuerySet[Appointment]:
    """The person's own, and with the permission for schedules those of whoever is off today."""
    whose = Q(staff_member=by)
    if can(by, Permission.SCHEDULE_MANAGE):
        away = TimeOff.objects.visible_to(by).filter(starts_at__lt=tomorrow, ends_at__gt=now)
        whose |= Q(staff_member__in=away.order_by().values("staff_member"))
    found = Appointment.objects.visible_to(by).of_the_living().filter(whose, starts_at__gt=now).ahead().with_closed()
    found = found.filter(Q(holiday__isnull=False) | Q(is_off=True))
    return found.select_related("client", "inquiry__client", "staff_member").order_by("starts_at", "pk")

"""The appointments ahead of somebody who leaves the clinic (settings.LEAVING_*)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from appointments import booking
from appointments.models import Appointment
from appointments.models.appointment import AppointmentQuerySet
from staff.access import Permission, can
from staff.leaving import Held
from staff.models import StaffMember
from staff.refusals import Refusal


def still_open(staff_member: StaffMember) -> list[Held]:
    """Appointments that are still with them."""
    return [Held("Appointments ahead", _ahead(staff_member), "Move each to someone else or another time.")]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:
    """Those for which the colleague works and is free then move to them, at the same time; their clients are told.

    The others stay for somebody to move. After the caseload: the colleague books for their own clients.
    """
    if not can(to, Permission.NOTE_WRITE):
        return
    about = ("clinic", "client__clinic", "inquiry__client", "room", "program", "staff_member", "series")
    for appointment in _ahead(staff_member).select_related(*about):
        if not can(to, Permission.APPOINTMENT_VIEW, appointment):
            continue
        who = by if can(by, Permission.APPOINTMENT_BOOK, appointment) else to
        try:
            with transaction.atomic():
                booking.move(
                    appointment=appointment, starts_at=appointment.starts_at, staff_member=to, room=appointment.room,
                    reason=f"{staff_member} no longer works here", by=who,
                )  # fmt: skip
        except Refusal:
            continue  # it stays on the checklist


def _ahead(staff_member: StaffMember) -> AppointmentQuerySet:
    return Appointment.objects.filter(staff_member=staff_member, starts_at__gt=timezone.now()).ahead()

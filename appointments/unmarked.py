"""Appointments that are over, and nobody said what became of them: neither kept nor missed, so nothing follows."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from appointments import addresses, calendar
from appointments.codes import NEXT, OPEN, Step
from appointments.models import Appointment
from appointments.thresholds import UNMARKED_HOURS
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Press, Urgency
from staff.reading import Reading, query, reads, rows

LOOKS_BACK = datetime.timedelta(days=30)
LONGEST = datetime.timedelta(minutes=480)
MOST = 6  # one by one
BUTTONS = ((Step.KEPT, "Kept"), (Step.NO_SHOW, "No-show"))


def may_be_kept(appointment: Appointment, by: StaffMember, now: datetime.datetime) -> bool:
    """Whether the person may say now that they met: it is over, and nobody said otherwise. Give it `with_step`."""
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    return step in OPEN and appointment.ends_at <= now and can(by, Permission.APPOINTMENT_BOOK)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """A line for each own appointment that is over for a while, with buttons that say what became of it."""
    until = now - datetime.timedelta(hours=UNMARKED_HOURS.for_clinic(staff_member.clinic))
    found = yield from rows(query(_over, by=staff_member, since=now - LOOKS_BACK - LONGEST, until=until))
    over = [each for each in found if each.ends_at <= until]
    return [_need(each, staff_member) for each in over[:MOST]] + _more(over[MOST:])


def _need(appointment: Appointment, staff_member: StaffMember) -> Need:
    start = timezone.localtime(appointment.starts_at, staff_member.clinic.zone)
    following = NEXT[appointment.step]  # type: ignore[attr-defined]  # annotated
    return Need(
        urgency=Urgency.TODAY,
        title="What happened?",
        detail=f"{appointment.get_purpose_display()}, {start:%a, %b} {start.day}, {start:%-I:%M %p}",
        url=addresses.of(appointment),
        button="Open",
        icon="circle-question-mark",
        due=appointment.ends_at,
        client_name=calendar.name_of(appointment, reader=staff_member),
        kind="Appointments",
        press=tuple(
            Press(addresses.of(appointment, "step"), "step", step.value, label)
            for step, label in BUTTONS
            if step in following
        ),
    )


def _more(appointments: list[Appointment]) -> list[Need]:
    """One line for those that are not shown one by one, the earliest first."""
    if not appointments:
        return []
    number = len(appointments)
    return [
        Need(
            urgency=Urgency.TODAY,
            title=f"{number} more past appointment{'' if number == 1 else 's'} not marked",
            detail="Mark each one Kept or No-show.",
            url=reverse("appointments:calendar"),
            button="Open calendar",
            icon="circle-question-mark",
            due=appointments[0].ends_at,
            kind="Appointments",
        )
    ]


def _over(by: Any, since: Any, until: Any) -> QuerySet[Appointment]:
    """The person's own that began in this time and are booked, confirmed or arrived; of nobody who died."""
    found = Appointment.objects.visible_to(by).of_the_living().filter(staff_member=by)
    found = found.filter(starts_at__gt=since, starts_at__lt=until).open()
    return found.select_related("client", "inquiry__client").order_by("starts_at", "pk")

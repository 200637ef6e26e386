"""Messages about appointments: the day before at the same hour, shortly before, and after a missed one."""

from __future__ import annotations

import datetime

from django.utils import timezone

from appointments import no_shows
from appointments.codes import AHEAD, Step
from appointments.models import Appointment, AppointmentStep
from appointments.thresholds import MISSED_MESSAGE_HOURS, REMIND_DAYS_BEFORE, REMIND_HOURS_BEFORE
from reminders import outbox
from reminders.hours import next_opening
from reminders.models import Reminder
from reminders.models.reminder import Kind
from staff import phones
from staff.models import StaffMember

_OF_USE = datetime.timedelta(days=1)


def schedule(appointment: Appointment, *, booked: AppointmentStep, by: StaffMember | None) -> list[Reminder]:
    """Put its reminders into the outbox, in the booking's transaction. A caller who is not a client yet gets none.

    The day before means the same time on the client's own clock, also across a clock change. What would be due already
    is left out. Whether a message may go at all is checked when it is due. Each booking of it (`booked`) has its own
    messages, so that what was canceled once is not sent by mistake, and what is booked again is.
    """
    client = appointment.client
    if client is None:
        return []
    local = appointment.starts_at.astimezone(client.zone)
    days = REMIND_DAYS_BEFORE.for_clinic(appointment.clinic)
    hours = REMIND_HOURS_BEFORE.for_clinic(appointment.clinic)
    wanted = {
        "days-before": outbox.wall_clock(appointment.starts_at, zone=client.zone, days=-days) if days else None,
        "hours-before": appointment.starts_at - datetime.timedelta(hours=hours) if hours else None,
    }
    shortly = wanted["hours-before"]
    if shortly is not None and next_opening(shortly, client.zone) != shortly:
        wanted["hours-before"] = None  # nobody is written to at 6 AM
    made = Reminder.objects.filter(dedupe_key__startswith=f"{_stem(appointment)}{booked.pk}:").count()
    return [
        outbox.schedule(
            kind=Kind.CLIENT_APPOINTMENT,
            client_or_staff=client,
            due_at=due_at,
            not_after=appointment.starts_at,
            dedupe_key=f"{_stem(appointment)}{booked.pk}:{made}:{offset}",
            context={
                "day": f"{local:%A, %b} {local.day}",
                "time": f"{local:%-I:%M %p}",
                "number": phones.spoken(appointment.clinic.phone),
                "appointment_id": appointment.pk,
            },
            by=by,
        )
        for offset, due_at in wanted.items()
        if due_at is not None and due_at > timezone.now()
    ]


def schedule_missed(appointment: Appointment, *, missed: AppointmentStep, by: StaffMember | None) -> Reminder | None:
    """Ask a client to call, some hours after an appointment that they missed; within a day or not at all.

    The message is neutral. Staff call, too: whoever is reached first makes it needless (`gone`).
    """
    hours = MISSED_MESSAGE_HOURS.for_clinic(appointment.clinic)
    if appointment.client is None or not hours:
        return None
    due_at = appointment.ends_at + datetime.timedelta(hours=hours)
    if due_at + _OF_USE < timezone.now():
        return None  # recorded long after
    return outbox.schedule(
        kind=Kind.CLIENT_MISSED_APPOINTMENT,
        client_or_staff=appointment.client,
        due_at=due_at,
        not_after=due_at + _OF_USE,
        dedupe_key=f"{_stem(appointment)}{missed.pk}:missed",
        context={"number": phones.spoken(appointment.clinic.phone), "appointment_id": appointment.pk},
        by=by,
    )


def cancel(appointment: Appointment, reason: str, *, by: StaffMember | None) -> None:
    """Cancel those that still wait."""
    own = Reminder.objects.filter(dedupe_key__startswith=_stem(appointment))
    for key in own.waiting().values_list("dedupe_key", flat=True):
        outbox.cancel(dedupe_key=key, reason=reason, by=by)


def gone(reminder: Reminder) -> str:
    """Why it is no longer needed, asked just before sending; empty if the appointment is still ahead."""
    number = reminder.context.get("appointment_id")
    if number is None:
        return ""
    appointment = Appointment.objects.with_step().select_related("clinic").filter(pk=number).first()
    if appointment is None:
        return "the appointment no longer exists"
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    if reminder.kind == Kind.CLIENT_MISSED_APPOINTMENT:
        return _needless(appointment, step)
    return "" if step in AHEAD else f"the appointment is marked “{Step(step).label}”"


def _needless(appointment: Appointment, step: str) -> str:
    """Why a client who missed an appointment need not be written to any more."""
    if step != Step.NO_SHOW:
        return f"the appointment is marked “{Step(step).label}”"
    found = no_shows.protocol(appointment, timezone.localdate(timezone=appointment.clinic.zone))
    return found.ended if found is not None else ""


def _stem(appointment: Appointment) -> str:
    return f"appointment:{appointment.pk}:"

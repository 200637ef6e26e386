"""Answers of clients to messages about their appointments: confirmed, another time, cannot come."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from appointments import booking, openings
from appointments.codes import AHEAD, Mode, Step
from appointments.models import Appointment, AppointmentAnswer
from appointments.openings import Opening
from reminders import staff_tasks
from reminders.meaning import Answer
from reminders.models import DeliveryAttempt, StaffTask
from reminders.models.reminder import Kind
from staff.acts import act
from staff.days import moment_in_words
from staff.models import Clinic
from staff.refusals import Refusal

LOOKS_BACK = datetime.timedelta(days=15)
OFFERED = 3
ABOUT = (Kind.CLIENT_APPOINTMENT, Kind.CLIENT_BOOKED, Kind.CLIENT_MOVED)
LOOKS_AHEAD = datetime.timedelta(days=21)


def receive(
    *, clinic: Clinic, contact_value: str, answer: Answer, at: datetime.datetime, reminder_id: int | None = None
) -> bool:
    """Do what an answer asks for, about the appointment of the last message there. Returns whether there is one.

    A mere yes counts if the last message there was about an appointment.

    `reminder_id` is the message that is answered, where its reply address says so: then that one counts alone.

    If messages there were about several appointments that are still ahead, of one client or of several who share the
    number, nobody can know which one is meant: a person reads the answer. So it is with one that was moved or canceled.
    """
    if answer == Answer.YES:
        if reminder_id is None and not _is_last(clinic, contact_value, at):
            return False  # yes to something else
        answer = Answer.CONFIRM
    appointment = _asked_about(clinic, contact_value, at, reminder_id)
    if appointment is None:
        return False
    try:
        with transaction.atomic():
            _do(appointment, clinic, answer, at)
    except Refusal:  # it changed a moment ago: a person reads the reply
        return False
    return True


def _do(appointment: Appointment, clinic: Clinic, answer: Answer, at: datetime.datetime) -> None:
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    when = moment_in_words(appointment.starts_at, clinic.zone)
    if answer == Answer.CONFIRM:
        if step != Step.CONFIRMED:
            booking.confirm(appointment=appointment, by=None, at=at)
        _keep(appointment, answer, at)
        return
    if answer == Answer.CANNOT_COME:
        booking.cancel(appointment=appointment, by=None, by_client=True, reason="Answered a message", at=at)
        said = f"The client can’t come on {when} and the appointment is canceled."
    else:
        said = f"The client asks for another time than {when}."
    offered = _openings(appointment, at)
    task = staff_tasks.add(
        clinic=clinic,
        client=appointment.client,
        sentence=f"{said} {_in_words(offered, clinic)}",
        at=at,
        kind=StaffTask.Kind.REPLY,
    )
    _keep(appointment, answer, at, task=task, offered=[each.starts_at for each in offered])


def _keep(
    appointment: Appointment,
    answer: Answer,
    at: datetime.datetime,
    *,
    task: StaffTask | None = None,
    offered: Sequence[datetime.datetime] = (),
) -> None:
    """What was answered stands with the appointment, and with it what was left to a person."""
    with act("appointments.answered", by=None, client=appointment.client, clinic=appointment.clinic) as entry:
        kept = AppointmentAnswer.objects.create(
            appointment=appointment, answer=answer.value, at=at, task=task, offered=list(offered)
        )
        entry.about(kept, answer=answer.value)


def _is_last(clinic: Clinic, contact_value: str, at: datetime.datetime) -> bool:
    """Whether the last message that went there was about an appointment."""
    sent = DeliveryAttempt.objects.filter(
        contact_value=contact_value, outcome=DeliveryAttempt.Outcome.SENT, reminder__clinic=clinic, started_at__lt=at
    )
    last = sent.order_by("-started_at", "-pk").values_list("reminder__kind", flat=True).first()
    return last in ABOUT


def _asked_about(
    clinic: Clinic, contact_value: str, at: datetime.datetime, reminder_id: int | None
) -> Appointment | None:
    """The one appointment ahead that messages there were about; None if there is none, or more than one."""
    sent = DeliveryAttempt.objects.filter(
        contact_value=contact_value,
        started_at__gt=at - LOOKS_BACK,
        outcome=DeliveryAttempt.Outcome.SENT,
        reminder__clinic=clinic,
        reminder__kind__in=ABOUT,
    )
    if reminder_id is not None:
        sent = sent.filter(reminder=reminder_id)
    contexts = sent.order_by().values_list("reminder__context", flat=True)
    numbers = {context.get("appointment_id") for context in contexts} - {None}
    told = Appointment.objects.filter(pk__in=numbers, starts_at__gt=at).marked(*AHEAD)
    found = list(told.select_related("clinic", "client", "staff_member__clinic")[:2])
    return found[0] if len(found) == 1 else None


def _openings(appointment: Appointment, at: datetime.datetime) -> list[Opening]:
    today = timezone.localdate(at, appointment.clinic.zone)
    return openings.find(
        staff=appointment.staff_member,
        minutes=appointment.minutes,
        between=(today + datetime.timedelta(days=1), today + LOOKS_AHEAD),
        now=at,
        in_a_room=appointment.mode == Mode.IN_PERSON and appointment.room_id is not None,
        most=OFFERED,
    )


def _in_words(offered: Sequence[Opening], clinic: Clinic) -> str:
    if not offered:
        return "No opening in the next three weeks. Call the client."
    times = "; ".join(moment_in_words(each.starts_at, clinic.zone) for each in offered)
    return f"Call and offer: {times}."

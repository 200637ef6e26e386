"""Messages about appointments: the day before at the same hour, shortly before, and after a missed one."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.utils import timezone

from appointments import no_show_steps
from appointments.codes import AHEAD, CANCELLED, Step
from appointments.models import Appointment, AppointmentStep
from appointments.thresholds import MISSED_MESSAGE_HOURS, REMIND_DAYS_BEFORE, REMIND_HOURS_BEFORE
from reminders import moments, outbox, staff_tasks, standing
from reminders.hours import next_opening
from reminders.models import Reminder, StaffTask
from reminders.models.reminder import Kind
from staff import phones
from staff.days import day_in_words, later
from staff.models import StaffMember
from staff.reading import Reading, reads, rows
from staff.reading import each as each_of

_OF_USE = datetime.timedelta(days=1)
_DAYS_NAMED = 12  # a task is a few lines; the client’s list of appointments has them all


def schedule(
    appointment: Appointment, *, booked: AppointmentStep, by: StaffMember | None, tell: Kind | None = None
) -> list[Reminder]:
    """Put its reminders into the outbox, in the booking's transaction. A caller who is not a client yet gets none.

    With `tell` the client is told at once, too, that it was booked or moved; that it was booked only if no reminder of
    it goes out within a day.

    The day before means the same time on the client's own clock, also across a clock change. What would be due already
    is left out. Whether a message may go at all is checked when it is due. Each booking of it (`booked`) has its own
    messages, so that what was canceled once is not sent by mistake, and what is booked again is.
    """
    client = appointment.client
    if client is None:
        return []
    days = REMIND_DAYS_BEFORE.for_clinic(appointment.clinic)
    hours = REMIND_HOURS_BEFORE.for_clinic(appointment.clinic)
    wanted = {
        "days-before": outbox.wall_clock(appointment.starts_at, zone=client.zone, days=-days) if days else None,
        "hours-before": later(appointment.starts_at, datetime.timedelta(hours=-hours)) if hours else None,
    }
    shortly = wanted["hours-before"]
    if shortly is not None and next_opening(shortly, client.zone) != shortly:
        wanted["hours-before"] = None  # nobody is written to at 6 AM
    made = Reminder.objects.filter(dedupe_key__startswith=f"{_stem(appointment)}{booked.pk}:").count()
    now = timezone.now()
    due = {offset: due_at for offset, due_at in wanted.items() if due_at is not None and due_at > now}
    told = []
    if tell is not None and (tell != Kind.CLIENT_BOOKED or not any(at < now + _OF_USE for at in due.values())):
        told = _tell(appointment, tell, taken=booked, by=by)
    return told + [
        outbox.schedule(
            kind=Kind.CLIENT_APPOINTMENT,
            client_or_staff=client,
            due_at=due_at,
            not_after=appointment.starts_at,
            dedupe_key=f"{_stem(appointment)}{booked.pk}:{made}:{offset}",
            context=_context(appointment),
            by=by,
        )
        for offset, due_at in due.items()
    ]


def tell_canceled(appointment: Appointment, *, canceled: AppointmentStep, by: StaffMember | None) -> list[Reminder]:
    """Tell the client that the clinic canceled an appointment that is still ahead, in the same transaction."""
    return _tell(appointment, Kind.CLIENT_CANCELED, taken=canceled, by=by)


def leave_to_tell(first: Appointment, others: Sequence[Appointment]) -> StaffTask | None:
    """Leave it to a person to tell the client that these are canceled, too: the message names the first one only."""
    client = first.client
    if client is None or standing.died(client):
        return None
    days = [each.local_date for each in others]
    named = ", ".join(f"{day:%b} {day.day}" for day in days[:_DAYS_NAMED])
    if len(days) > _DAYS_NAMED:
        named += f", and {len(days) - _DAYS_NAMED} more, the last on {day_in_words(days[-1])}"
    return staff_tasks.add(
        clinic=first.clinic,
        client=client,
        sentence=(
            f"A series was canceled. Any message to the client is about {day_in_words(first.local_date)} only. "
            f"Tell them these are canceled, too: {named}."
        ),
        at=timezone.now(),
        kind=StaffTask.Kind.TELL,
    )


def _tell(appointment: Appointment, kind: Kind, *, taken: AppointmentStep, by: StaffMember | None) -> list[Reminder]:
    """A message now about what was just done; none about the past, and none to a caller."""
    now = timezone.now()
    if appointment.client is None or appointment.starts_at <= now:
        return []
    message = outbox.schedule(
        kind=kind,
        client_or_staff=appointment.client,
        due_at=now,
        not_after=appointment.starts_at,
        dedupe_key=f"{_stem(appointment)}{taken.pk}:{kind.removeprefix('client_')}",
        context=_context(appointment),
        by=by,
    )
    return [message]


def _context(appointment: Appointment) -> dict[str, object]:
    return {
        "at": moments.kept(appointment.starts_at),
        "number": phones.spoken(appointment.clinic.phone),
        "appointment_id": appointment.pk,
    }


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


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which are no longer needed, with the reason, asked just before sending; a few queries for each clinic."""
    numbers = {each.context.get("appointment_id") for each in reminders} - {None}
    asked = Appointment.objects.with_step().select_related("clinic").filter(pk__in=numbers)
    appointments = {each.pk: each for each in (yield from rows(asked))}
    missed = yield from _needless(
        [
            appointments[number]
            for each in reminders
            if each.kind == Kind.CLIENT_MISSED_APPOINTMENT
            and (number := each.context.get("appointment_id")) in appointments
        ]
    )
    found = {}
    for each in reminders:
        number = each.context.get("appointment_id")
        if number is not None and (why := _why_gone(each, appointments.get(number), missed)):
            found[each.pk] = why
    return found


def _why_gone(reminder: Reminder, appointment: Appointment | None, missed: dict[int, str]) -> str:
    if appointment is None:
        return "the appointment no longer exists"
    step = Step(appointment.step)  # type: ignore[attr-defined]  # annotated
    if reminder.kind == Kind.CLIENT_MISSED_APPOINTMENT and step == Step.NO_SHOW:
        return missed.get(appointment.pk, "")
    fitting = {Kind.CLIENT_MISSED_APPOINTMENT: (), Kind.CLIENT_CANCELED: CANCELLED}.get(Kind(reminder.kind), AHEAD)
    return "" if step in fitting else f"the appointment is marked “{step.label}”"


def _needless(appointments: Sequence[Appointment]) -> Reading[dict[int, str]]:
    """Why clients who missed these appointments need not be written to any more."""
    by_clinic: dict[int, list[Appointment]] = defaultdict(list)
    for each in appointments:
        by_clinic[each.clinic_id].append(each)
    asked = [
        no_show_steps.protocols.part(own, clinic=own[0].clinic, on=timezone.localdate(timezone=own[0].clinic.zone))
        for own in by_clinic.values()
    ]
    answers = yield from each_of(asked)
    return {protocol.appointment.pk: protocol.ended for found in answers for protocol in found}


def _stem(appointment: Appointment) -> str:
    return f"appointment:{appointment.pk}:"


@reads
def clients(appointments: Collection[int]) -> Reading[dict[int, int]]:
    """Whose appointments these are, by id. A caller's are nobody's yet."""
    booked = Appointment.objects.filter(pk__in=appointments, client__isnull=False)
    return dict((yield from rows(booked.values_list("pk", "client"))))

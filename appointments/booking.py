"""Booking, moving, and what became of an appointment. The latest step of an appointment counts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from appointments import availability, reminding, spans
from appointments.codes import FREES, NEXT, Mode, Purpose, Step
from appointments.models import Appointment, AppointmentStep, Room, Series
from appointments.spans import Taken
from appointments.thresholds import LATE_CANCEL_HOURS
from cases.models import Client, Inquiry
from reminders import standing
from reminders.models.reminder import Kind
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import Clinic, Program, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import PLANS, check_days, check_moments, wall_clock_or_next

LONGEST_SERIES = datetime.timedelta(days=366)


class NotAvailable(Refusal):
    """Outside working hours, in time off, or on a holiday."""


class NotPossibleNow(Refusal):
    """The appointment has ended in another way, or its time is still ahead."""


class NoRoomNeeded(Refusal):
    """A room for a call."""

    sentence = "A phone or video appointment has no room. Clear the room, or choose “In person”."


class AnotherPersonsCall(Refusal):
    """The call is about someone else."""

    sentence = "This call isn’t linked to that client. Link it first, or book from the chart."


class NobodyToMeet(Refusal):
    """Neither a client nor a caller."""

    sentence = "Choose whom the appointment is with."


class ReasonNeeded(Refusal):
    """The clinic owes a reason."""

    sentence = "Enter a reason."


@dataclass(frozen=True)
class SeriesBooked:
    """A series with its appointments, and the days that were left out, each with the reason."""

    series: Series
    appointments: list[Appointment] = field(default_factory=list)
    left_out: list[tuple[datetime.date, str]] = field(default_factory=list)


def book(
    *,
    client: Client | None = None,
    inquiry: Inquiry | None = None,
    staff_member: StaffMember,
    purpose: str = Purpose.INDIVIDUAL,
    starts_at: datetime.datetime,
    by: StaffMember,
    minutes: int = 50,
    mode: str = Mode.IN_PERSON,
    room: Room | None = None,
    link: str = "",
    program: Program | None = None,
    outside_hours_reason: str = "",
    overlap_reason: str = "",
    tell: bool = True,
) -> Appointment:
    """Book an appointment with a client, or with a caller who is not a client yet (`inquiry`).

    It may be in the past: people come without an appointment. With `outside_hours_reason` it may lie outside working
    hours, in time off or on a holiday; with `overlap_reason` it may overlap something else. Neither stands for the
    other, and one that was not needed is not kept. The client's reminders are scheduled with it, and with `tell` a
    message that it is booked, unless a reminder goes out within a day. Raises NotPermitted, NobodyToMeet,
    NoRoomNeeded, NotAvailable, Taken, Refusal for a client whose death is on record, LongPast, FarAhead.
    """
    _check_whom(client, inquiry, staff_member, room, program, by=by)
    clinic = by.clinic
    with act("appointments.book", by=by, client=client, clinic=clinic) as entry:
        appointment = _place(
            Appointment(
                clinic=clinic,
                client=client,
                inquiry=inquiry,
                staff_member=staff_member,
                purpose=purpose,
                starts_at=starts_at,
                minutes=minutes,
                mode=mode,
                room=room,
                link=link,
                program=program,
                outside_hours_reason=outside_hours_reason.strip(),
                overlap_reason=overlap_reason.strip(),
            ),
            by=by,
            tell=Kind.CLIENT_BOOKED if tell else None,
        )
        entry.about(appointment, purpose=purpose)
    return appointment


def book_series(
    *,
    client: Client,
    staff_member: StaffMember,
    first_day: datetime.date,
    last_day: datetime.date,
    time: datetime.time,
    by: StaffMember,
    purpose: str = Purpose.INDIVIDUAL,
    minutes: int = 50,
    every_weeks: int = 1,
    mode: str = Mode.IN_PERSON,
    room: Room | None = None,
    link: str = "",
    program: Program | None = None,
    tell: bool = True,
) -> SeriesBooked:
    """Book the same time of the clinic's clock every week, or every few, for at most a year.

    Holidays, time off, and times that are taken are left out and named, never booked over. Raises as `book` does, and
    NotAvailable if no day is left.
    """
    _check_whom(client, None, staff_member, room, program, by=by)
    check_days(first_day, last_day)
    if last_day < first_day:
        raise Refusal("The last day can’t be before the first.")
    if last_day - first_day > LONGEST_SERIES:
        raise Refusal("Book at most a year ahead.")
    with act("appointments.book_series", by=by, client=client, whole=True) as entry:
        series = Series.objects.create(
            client=client,
            staff_member=staff_member,
            purpose=purpose,
            first_day=first_day,
            last_day=last_day,
            time=time,
            minutes=minutes,
            every_weeks=every_weeks,
            booked_by=by,
        )
        booked = SeriesBooked(series)
        known = availability.between(clinic=client.clinic, staff=[staff_member], first=first_day, last=last_day)
        for day in days_of_series(first_day, last_day, every_weeks):
            starts_at = wall_clock_or_next(day, time, client.clinic.zone)
            if day in known.holidays:
                booked.left_out.append((day, str(known.holidays[day])))
                continue
            one = Appointment(
                clinic=client.clinic,
                client=client,
                staff_member=staff_member,
                purpose=purpose,
                starts_at=starts_at,
                minutes=minutes,
                mode=mode,
                room=room,
                link=link,
                program=program,
                series=series,
            )
            try:
                with transaction.atomic():  # nothing of a day that is left out stays
                    say = Kind.CLIENT_BOOKED if tell and not booked.appointments else None  # one message for all
                    booked.appointments.append(_place(one, by=by, known=known, tell=say))
            except (NotAvailable, Taken) as refusal:
                booked.left_out.append((day, refusal.sentence))
        if not booked.appointments:
            raise NotAvailable(f"No day is free at that time. {booked.left_out[0][1]}")
        entry.about(series, booked=len(booked.appointments), left_out=len(booked.left_out))
    return booked


def days_of_series(first_day: datetime.date, last_day: datetime.date, every_weeks: int) -> Iterator[datetime.date]:
    """The days of a series, whatever of them is left out."""
    day = first_day
    while day <= last_day:
        yield day
        day += datetime.timedelta(weeks=every_weeks)


def move(
    *,
    appointment: Appointment,
    starts_at: datetime.datetime,
    by: StaffMember,
    staff_member: StaffMember | None = None,
    minutes: int | None = None,
    room: Room | None = None,
    mode: str | None = None,
    link: str | None = None,
    reason: str = "",
    outside_hours_reason: str = "",
    overlap_reason: str = "",
) -> Appointment:
    """Move an appointment: it ends, a new one takes its place, and its reminders move with it. Returns the new one.

    What is not given stays, except the room, which is named anew. Raises as `book` does, and NotPossibleNow.
    """
    demand(by, Permission.APPOINTMENT_BOOK, appointment)
    new_staff, new_mode = staff_member or appointment.staff_member, mode or appointment.mode
    _check_whom(appointment.client, appointment.inquiry, new_staff, room, appointment.program, by=by, known=True)
    with act("appointments.move", by=by, client=appointment.client, clinic=appointment.clinic, whole=True) as entry:
        locked = _locked(appointment)
        _take_step(locked, Step.MOVED, by=by, reason=reason)
        moved = _place(
            Appointment(
                clinic=locked.clinic,
                client=locked.client,
                inquiry=locked.inquiry,
                staff_member=new_staff,
                purpose=locked.purpose,
                starts_at=starts_at,
                minutes=minutes or locked.minutes,
                mode=new_mode,
                room=room,
                link=(locked.link if link is None else link) if new_mode == Mode.VIDEO else "",
                program=locked.program,
                series=locked.series,
                outside_hours_reason=outside_hours_reason.strip(),
                overlap_reason=overlap_reason.strip(),
            ),
            by=by,
            tell=Kind.CLIENT_MOVED,
        )
        locked.moved_to = moved
        locked.save(update_fields=["moved_to"])
        entry.about(moved, moved_from=locked.pk)
    appointment.moved_to = moved
    return moved


def confirm(*, appointment: Appointment, by: StaffMember | None, at: datetime.datetime | None = None) -> Appointment:
    """The client says that they will come; `by=None`: in answer to a message. Raises NotPermitted, NotPossibleNow."""
    return _end(appointment, Step.CONFIRMED, by=by, at=at)


def arrive(*, appointment: Appointment, by: StaffMember, at: datetime.datetime | None = None) -> Appointment:
    """The client is here and waits. Raises NotPermitted, NotPossibleNow."""
    _check_day_has_come(appointment)
    return _end(appointment, Step.ARRIVED, by=by, at=at)


def keep(*, appointment: Appointment, by: StaffMember, at: datetime.datetime | None = None) -> Appointment:
    """They met. Raises NotPermitted, NotPossibleNow, also before the day of the appointment."""
    _check_day_has_come(appointment)
    return _end(appointment, Step.KEPT, by=by, at=at)


def no_show(*, appointment: Appointment, by: StaffMember, at: datetime.datetime | None = None) -> Appointment:
    """Nobody came. Raises NotPermitted, NotPossibleNow, also before the appointment begins."""
    if appointment.starts_at > timezone.now():
        raise NotPossibleNow("This appointment hasn’t begun yet. Wait, or cancel it.")
    return _end(appointment, Step.NO_SHOW, by=by, at=at)


def cancel(
    *,
    appointment: Appointment,
    by: StaffMember | None,
    by_client: bool,
    reason: str = "",
    at: datetime.datetime | None = None,
    tell: bool = True,
) -> Appointment:
    """Cancel it, for the client or for the clinic; the time is free again and its reminders are canceled.

    If the clinic cancels, the client is written to, unless someone told them (`tell`).

    A client's cancellation is late within some hours of the start (a threshold), which is a fact and no penalty. The
    clinic gives a reason. `by=None`: the client answered a message. Raises NotPermitted, NotPossibleNow, ReasonNeeded.
    """
    if not by_client:
        if not reason.strip():
            raise ReasonNeeded
        return _end(appointment, Step.CANCELLED_BY_CLINIC, by=by, at=at, reason=reason, tell=tell)
    notice = datetime.timedelta(hours=LATE_CANCEL_HOURS.for_clinic(appointment.clinic))
    late = (at or timezone.now()) > appointment.starts_at - notice
    step = Step.LATE_CANCEL if late else Step.CANCELLED_BY_CLIENT
    return _end(appointment, step, by=by, at=at, reason=reason)


def reopen(*, appointment: Appointment, reason: str, by: StaffMember) -> Appointment:
    """Take back what was recorded by mistake: it is booked again, if its time is still free.

    Raises NotPermitted, NotPossibleNow, ReasonNeeded, Taken.
    """
    if not reason.strip():
        raise ReasonNeeded
    return _end(appointment, Step.REOPENED, by=by, at=None, reason=reason)


def cancel_series(*, series: Series, reason: str, by: StaffMember, by_client: bool = False) -> int:
    """Cancel all appointments of a series that are still ahead. Returns how many. Raises NotPermitted, ReasonNeeded.

    If the clinic cancels, a message tells the client of the first, and of the others a person does: that is a task.
    """
    demand(by, Permission.APPOINTMENT_BOOK, series)
    with act("appointments.cancel_series", by=by, client=series.client, whole=True) as entry:
        still = Appointment.objects.filter(series=series, starts_at__gt=timezone.now()).ahead()
        ahead = list(still.select_related("clinic", "client__clinic"))
        for number, appointment in enumerate(ahead):  # a message a day at most, so one for all
            cancel(appointment=appointment, by=by, by_client=by_client, reason=reason, tell=number == 0)
        if not by_client and len(ahead) > 1:
            reminding.leave_to_tell(ahead[0], ahead[1:])
        entry.about(series, canceled=len(ahead))
    return len(ahead)


def _end(
    appointment: Appointment,
    step: Step,
    *,
    by: StaffMember | None,
    at: datetime.datetime | None,
    reason: str = "",
    tell: bool = False,
) -> Appointment:
    if by is not None:
        demand(by, Permission.APPOINTMENT_BOOK, appointment)
    name = f"appointments.{step.value}"
    with act(name, by=by, client=appointment.client, clinic=appointment.clinic) as entry:
        locked = _locked(appointment)
        taken = _take_step(locked, step, by=by, at=at, reason=reason)
        if tell:
            reminding.tell_canceled(locked, canceled=taken, by=by)
        entry.about(locked)
    return appointment


def _take_step(
    locked: Appointment, step: Step, *, by: StaffMember | None, at: datetime.datetime | None = None, reason: str = ""
) -> AppointmentStep:
    """Record a step of a locked appointment, with what follows from it."""
    now = timezone.now()
    check_moments(at)
    steps = AppointmentStep.objects.filter(appointment=locked)
    before = Step(steps.order_by("-pk").values_list("step", flat=True)[0])
    if step not in NEXT[before]:
        raise NotPossibleNow(f"This appointment is already marked “{before.label}”. Open it to change that.")
    taken = AppointmentStep.objects.create(
        appointment=locked, step=step, at=at or now, by=by, reason=reason.strip()[:200]
    )
    if step in FREES:
        spans.free(held_by=spans.HeldBy.APPOINTMENT, holder_ids=[locked.pk])
        reminding.cancel(locked, f"the appointment was {'moved' if step == Step.MOVED else 'canceled'}", by=by)
    elif step == Step.NO_SHOW:
        reminding.schedule_missed(locked, missed=taken, by=by)
    elif step == Step.REOPENED:
        if before in FREES:
            _hold(locked)  # a reason to overlap was about what was there when it was booked, not about what came since
        if before in FREES or before == Step.NO_SHOW:
            reminding.schedule(locked, booked=taken, by=by)
    return taken


def _place(
    appointment: Appointment,
    *,
    by: StaffMember,
    known: availability.Availability | None = None,
    tell: Kind | None,
) -> Appointment:
    """Save a new appointment with its time, its first step and its reminders; `tell` says what the client is told."""
    check_moments(appointment.starts_at)
    day = appointment.local_date
    check_days(day, ahead=PLANS, today=timezone.localdate(timezone=appointment.clinic.zone))
    if appointment.room is not None and appointment.mode != Mode.IN_PERSON:
        raise NoRoomNeeded
    known = known or availability.between(
        clinic=appointment.clinic, staff=[appointment.staff_member], first=day, last=day
    )
    why_not = known.why_not(appointment.staff_member, appointment.starts_at, appointment.ends_at)
    if why_not and not appointment.outside_hours_reason:
        raise NotAvailable(f"{why_not} Choose another time, or say why it has to be then.")
    if not why_not:
        appointment.outside_hours_reason = ""
    if appointment.overlap_reason and not _overlaps(appointment):
        appointment.overlap_reason = ""  # it says what is so; and it takes no time out of the database's exclusion
    appointment.save()
    _hold(appointment, overlap_reason=appointment.overlap_reason)
    booked = AppointmentStep.objects.create(appointment=appointment, step=Step.BOOKED, at=timezone.now(), by=by)
    reminding.schedule(appointment, booked=booked, by=by, tell=tell)
    return appointment


def _overlaps(appointment: Appointment) -> bool:
    """Whether its person or its room has something else then."""
    (taken,) = spans.why_taken(
        clinic=appointment.clinic,
        times=[(appointment.starts_at, appointment.ends_at)],
        staff=[appointment.staff_member],
        room=appointment.room,
    )
    return bool(taken)


def _hold(appointment: Appointment, *, overlap_reason: str = "") -> None:
    spans.hold(
        clinic=appointment.clinic,
        held_by=spans.HeldBy.APPOINTMENT,
        times={appointment.pk: (appointment.starts_at, appointment.ends_at)},
        staff=[appointment.staff_member],
        room=appointment.room,
        overlap_reason=overlap_reason,
    )


def _locked(appointment: Appointment) -> Appointment:
    found = Appointment.objects.select_for_update(no_key=True, of=("self",))
    rows = found.select_related("clinic", "client__clinic", "inquiry", "staff_member").filter(pk=appointment.pk)
    (locked,) = rows  # a series locks one after the other
    return locked


def _check_whom(
    client: Client | None,
    inquiry: Inquiry | None,
    staff_member: StaffMember,
    room: Room | None,
    program: Program | None,
    *,
    by: StaffMember,
    known: bool = False,
) -> None:
    """Whether `by` may book these together; `known` if they may see the appointment already."""
    if client is None and inquiry is None:
        raise NobodyToMeet
    if client is not None and inquiry is not None and inquiry.client_id != client.pk:
        raise AnotherPersonsCall
    demand(by, Permission.APPOINTMENT_BOOK)
    if not known:
        for whom in (client, inquiry):
            if whom is not None and not type(whom)._default_manager.visible_to(by).filter(pk=whom.pk).exists():
                raise NotPermitted
    theirs: list[Clinic | int] = [staff_member.clinic_id, *(each.clinic_id for each in (room, program) if each)]
    if any(each != by.clinic_id for each in theirs):
        raise NotPermitted
    if not staff_member.is_active:
        raise Refusal(f"{staff_member} no longer works here. Choose someone else.")
    if client is not None and standing.died(client):
        raise Refusal("The client’s death is on record. Nothing can be booked.")


def _check_day_has_come(appointment: Appointment) -> None:
    today = timezone.localdate(timezone=appointment.clinic.zone)
    if appointment.local_date > today:
        raise NotPossibleNow(
            f"This appointment is on {day_in_words(appointment.local_date)}. If they came today, move it first."
        )

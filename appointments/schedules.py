"""Working hours, time off, and days on which the clinic is closed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from appointments.models import Appointment, Holiday, Room, TimeOff, WorkingHours
from staff import thresholds
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import PLANS, check_days, check_moments

DAY = datetime.timedelta(days=1)
Hours = tuple[int, datetime.time, datetime.time]


class EndBeforeStart(Refusal):
    """Time off that ends before it begins."""

    sentence = "The end must be after the start."


class AlreadyThere(Refusal):
    """A holiday or a room of the same name or day."""


def may_set(by: StaffMember, of: StaffMember) -> bool:
    """Whether a person may set someone's hours: their own, or a colleague's with the permission for schedules."""
    if of.clinic_id != by.clinic_id:
        return False
    return can(by, Permission.SCHEDULE_MANAGE) or (of.pk == by.pk and can(by, Permission.APPOINTMENT_BOOK))


def set_hours(
    *, staff_member: StaffMember, stretches: Sequence[Hours], starts_on: datetime.date, by: StaffMember
) -> list[WorkingHours]:
    """Someone's week from a day on: weekday, from, to. What was in force ends the day before; the past stays.

    Appointments already booked stay, too. With no stretch at all the hours of the clinic's office count again. Raises
    NotPermitted, LongPast, FarAhead, Refusal for hours that overlap.
    """
    _check(by, staff_member)
    check_days(starts_on, ahead=PLANS, today=timezone.localdate(timezone=staff_member.clinic.zone))
    with act("appointments.set_hours", by=by, clinic=staff_member.clinic) as entry:
        own = WorkingHours.objects.select_for_update(no_key=True).filter(staff_member=staff_member)
        own.filter(first_day__gte=starts_on).delete()
        for each in own.filter(last_day=None) | own.filter(last_day__gte=starts_on):
            each.last_day = starts_on - DAY
            each.save(update_fields=["last_day"])
        made = []
        try:
            with transaction.atomic():
                for weekday, opens_at, closes_at in stretches:
                    made.append(
                        WorkingHours.objects.create(
                            staff_member=staff_member,
                            weekday=weekday,
                            opens_at=opens_at,
                            closes_at=closes_at,
                            first_day=starts_on,
                        )
                    )
        except IntegrityError:
            raise Refusal("These hours overlap, or end before they begin. Check each weekday.") from None
        entry.about(staff_member, stretches=len(made), starts_on=starts_on.isoformat())
    return made


def take_time_off(
    *,
    staff_member: StaffMember,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    by: StaffMember,
    words: str = "",
) -> tuple[TimeOff, list[Appointment]]:
    """Keep time free of bookings. Returns it with the appointments that are booked within: somebody has to move them.

    Raises NotPermitted, EndBeforeStart, LongPast, FarAhead.
    """
    _check(by, staff_member)
    check_moments(starts_at, ends_at)
    if ends_at <= starts_at:
        raise EndBeforeStart
    with act("appointments.take_time_off", by=by, clinic=staff_member.clinic) as entry:
        off = TimeOff.objects.create(
            staff_member=staff_member, starts_at=starts_at, ends_at=ends_at, words=words.strip()[:60]
        )
        entry.about(off)
    return off, within(off)


def within(off: TimeOff) -> list[Appointment]:
    """Appointments still ahead that lie within somebody's time off."""
    rows = Appointment.objects.filter(staff_member=off.staff_member_id).open()
    around = rows.between(off.starts_at - DAY, off.ends_at).select_related("client", "inquiry__client", "clinic")
    return [each for each in around if each.ends_at > off.starts_at]


def remove_time_off(*, off: TimeOff, by: StaffMember) -> None:
    """Take time off back. Raises NotPermitted."""
    _check(by, off.staff_member)
    with act("appointments.remove_time_off", by=by, clinic=off.staff_member.clinic) as entry:
        entry.about(off.staff_member, since=off.starts_at.isoformat(), until=off.ends_at.isoformat())
        off.delete()


def add_holiday(*, day: datetime.date, name: str, by: StaffMember) -> tuple[Holiday, list[Appointment]]:
    """A day on which the clinic is closed. Returns it with the appointments of that day: somebody has to move them.

    Raises NotPermitted, AlreadyThere, LongPast, FarAhead.
    """
    demand(by, Permission.SCHEDULE_MANAGE)
    check_days(day, ahead=PLANS, today=timezone.localdate(timezone=by.clinic.zone))
    with act("appointments.add_holiday", by=by, clinic=by.clinic) as entry:
        if Holiday.objects.filter(clinic=by.clinic, day=day).exists():
            raise AlreadyThere("This day is already a holiday.")
        holiday = Holiday.objects.create(clinic=by.clinic, day=day, name=name.strip()[:60])
        entry.about(holiday)
    thresholds.forget()
    zone = by.clinic.zone
    ahead = Appointment.objects.filter(clinic=by.clinic).open().between(beginning_of(day, zone), end_of(day, zone))
    return holiday, list(ahead)


def remove_holiday(*, holiday: Holiday, by: StaffMember) -> None:
    """The clinic is open after all. Raises NotPermitted."""
    demand(by, Permission.SCHEDULE_MANAGE)
    if holiday.clinic_id != by.clinic_id:
        raise NotPermitted
    with act("appointments.remove_holiday", by=by, clinic=holiday.clinic) as entry:
        entry.about(by.clinic, day=holiday.day.isoformat())
        holiday.delete()
    thresholds.forget()


def save_room(*, room: Room | None, name: str, seats: int, is_in_use: bool, by: StaffMember) -> Room:
    """Add a room or change one. A room that is no longer in use keeps its appointments. Raises as `add_holiday`.

    Whoever knows a room by its name (settings.ROOM_NAMED) learns it in the same transaction, and refuses a name that
    would put two things into one room (spans.RoomTaken).
    """
    demand(by, Permission.SCHEDULE_MANAGE)
    if room is not None and room.clinic_id != by.clinic_id:
        raise NotPermitted
    with act("appointments.save_room", by=by, clinic=by.clinic) as entry:
        others = Room.objects.filter(clinic=by.clinic, name=name)
        if (others.exclude(pk=room.pk) if room else others).exists():
            raise AlreadyThere("The clinic already has a room with this name.")
        made = room or Room(clinic=by.clinic)
        # the row in the database: a form may have changed the one in memory
        old_name = Room.objects.select_for_update(no_key=True).get(pk=room.pk).name if room else ""
        made.name, made.seats, made.is_in_use = name, seats, is_in_use
        made.save()
        if name != old_name:
            for path in settings.ROOM_NAMED:
                import_string(path)(room=made, old_name=old_name, by=by)
        entry.about(made, in_use=is_in_use)
    return made


def _check(by: StaffMember, of: StaffMember) -> None:
    if not may_set(by, of):
        raise NotPermitted

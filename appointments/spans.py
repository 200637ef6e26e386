"""Holding and freeing time of people and rooms: appointments and group sessions do it here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from appointments.models import BookedSpan, Room
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

HeldBy = BookedSpan.HeldBy


class Taken(Refusal):
    """A person or a room has something at that time."""

    sentence = "Someone else was faster: that time was just taken. Choose another time."


class StaffTaken(Taken):
    """The staff member has something at that time."""


class RoomTaken(Taken):
    """The room is in use at that time."""


def hold(
    *,
    clinic: Clinic,
    held_by: str,
    holder_id: int,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    staff: Iterable[StaffMember] = (),
    room: Room | None = None,
    overlap_reason: str = "",
) -> None:
    """Take this time, in the transaction of its cause. What the same holder took before is freed.

    With a reason it may overlap. Raises StaffTaken or RoomTaken, which say what is there; Taken for a race with another
    writer, which the database decides.
    """
    free(held_by=held_by, holder_id=holder_id)
    staff, reason = list(staff), overlap_reason.strip()
    during = DateTimeTZRange(starts_at, ends_at, "[)")
    if not reason:
        _check(clinic, during, staff, room)
    spans = [
        BookedSpan(
            clinic=clinic,
            held_by=held_by,
            holder_id=holder_id,
            during=during,
            staff_member=staff_member,
            room=taken_room,
            overlap_reason=reason,
        )
        for staff_member, taken_room in (*((each, None) for each in staff), *(((None, room),) if room else ()))
    ]
    try:
        with transaction.atomic():
            BookedSpan.objects.bulk_create(spans)
    except IntegrityError as error:
        # exclusion_violation: another writer took the time since it was looked up
        if getattr(error.__cause__, "sqlstate", "") != "23P01":
            raise
        raise Taken from None


def free(*, held_by: str, holder_id: int) -> None:
    """Give back what this holder took."""
    BookedSpan.objects.filter(held_by=held_by, holder_id=holder_id).delete()


def overlapping(
    clinic: Clinic, during: DateTimeTZRange, *, staff: Iterable[StaffMember] = (), room: Room | None = None
) -> list[BookedSpan]:
    """What these people and this room have at that time, the deliberate overlaps included."""
    who = Q(staff_member__in=list(staff))
    found = BookedSpan.objects.filter(who | Q(room=room) if room else who, clinic=clinic, during__overlap=during)
    return list(found.select_related("staff_member", "room").order_by("during", "pk"))


def _check(clinic: Clinic, during: DateTimeTZRange, staff: list[StaffMember], room: Room | None) -> None:
    for span in overlapping(clinic, during, staff=staff, room=room):
        begins, ends = (moment.astimezone(clinic.zone) for moment in (span.during.lower, span.during.upper))
        when = f"from {begins:%-I:%M} to {ends:%-I:%M %p}"
        if span.room is not None:
            raise RoomTaken(f"{span.room} is taken {when}. Choose another room or time.")
        raise StaffTaken(f"{span.staff_member} has something {when}. Choose another time, or say why both are needed.")

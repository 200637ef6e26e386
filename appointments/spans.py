"""Holding and freeing time of people and rooms: appointments and group sessions do it here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from appointments.models import BookedSpan, Room
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

HeldBy = BookedSpan.HeldBy


class Taken(Refusal):
    """A person or a room has something at that time."""

    sentence = "That time was just taken. Choose another time."


class StaffTaken(Taken):
    """The staff member has something at that time."""


class RoomTaken(Taken):
    """The room is in use at that time."""


Stretch = tuple[datetime.datetime, datetime.datetime]


def hold(
    *,
    clinic: Clinic,
    held_by: str,
    times: Mapping[int, Stretch],
    staff: Iterable[StaffMember] = (),
    room: Room | None = None,
    overlap_reason: str = "",
) -> None:
    """Take people and a room for each of these times, in the transaction of their cause. Keys are the holders' ids.

    What the same holders took before is freed. With a reason they may overlap what is there; what overlaps nothing
    keeps its time to itself all the same. Raises StaffTaken or RoomTaken, which say what is there; Taken for a race
    with a writer that came by another way, which the database decides.
    """
    people, reason = list(staff), overlap_reason.strip()
    _take_turns(people, room)
    free(held_by=held_by, holder_ids=times)
    if not reason:
        _refuse(clinic, list(times.values()), people, room)
    reasons = dict.fromkeys(times, reason) if reason else {}
    _write(clinic, held_by, times, people, room, reasons)


def change_room(*, clinic: Clinic, held_by: str, times: Mapping[int, Stretch], room: Room | None) -> None:
    """Another room for these holders, or none, in the transaction of their cause; what they hold of people stays.

    The room has to be free, whatever the holders overlap otherwise. Raises RoomTaken, Taken.
    """
    _take_turns([], room)
    own = BookedSpan.objects.filter(held_by=held_by, holder_id__in=list(times))
    reasons = dict(own.exclude(overlap_reason="").values_list("holder_id", "overlap_reason"))
    own.exclude(room=None).delete()
    if room is not None:
        _refuse(clinic, list(times.values()), [], room)
        _write(clinic, held_by, times, [], room, reasons)


def _take_turns(people: Sequence[StaffMember], room: Room | None) -> None:
    """Let writers of one person or room take turns, before they look. The locks end with the transaction.

    The database's exclusion knows nothing of spans with a reason: the next writer has to see them. In one order, so
    that two writers never wait for each other.
    """
    keys = [f"person-{each.pk}" for each in people] + ([f"room-{room.pk}"] if room else [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('appointments.spans'), key) "
            "FROM (SELECT DISTINCT hashtext(value) AS key FROM unnest(%s::text[]) value ORDER BY key) keys",
            [keys],
        )


def _write(
    clinic: Clinic,
    held_by: str,
    times: Mapping[int, Stretch],
    people: Sequence[StaffMember],
    room: Room | None,
    reasons: Mapping[int, str],
) -> None:
    there = _there(clinic, list(times.values()), people, room) if reasons else []
    spans: list[BookedSpan] = []
    for holder_id, stretch in times.items():
        for staff_member, taken_room in (*((each, None) for each in people), *(((None, room),) if room else ())):
            span = BookedSpan(
                clinic=clinic,
                held_by=held_by,
                holder_id=holder_id,
                during=DateTimeTZRange(*stretch, "[)"),
                staff_member=staff_member,
                room=taken_room,
            )
            if any(_same_taken(span, other) and _overlap(other, stretch) for other in (*there, *spans)):
                span.overlap_reason = reasons.get(holder_id, "")  # only this leaves the database's exclusion
            spans.append(span)
    try:
        with transaction.atomic():
            BookedSpan.objects.bulk_create(spans)
    except IntegrityError as error:
        # exclusion_violation: another writer took the time since it was looked up
        if getattr(error.__cause__, "sqlstate", "") != "23P01":
            raise
        raise Taken from None


def free(*, held_by: str, holder_ids: Iterable[int]) -> None:
    """Give back what these holders took."""
    BookedSpan.objects.filter(held_by=held_by, holder_id__in=list(holder_ids)).delete()


def why_taken(
    *, clinic: Clinic, times: Sequence[Stretch], staff: Iterable[StaffMember] = (), room: Room | None = None
) -> list[str]:
    """For each time, why these people or this room can't be taken then, as a sentence; empty where they can.

    Deliberate overlaps count, too. One query for all times.
    """
    return [str(refusal or "") for refusal in _refusals(clinic, times, list(staff), room)]


def _refuse(clinic: Clinic, times: Sequence[Stretch], staff: list[StaffMember], room: Room | None) -> None:
    for refusal in _refusals(clinic, times, staff, room):
        if refusal is not None:
            raise refusal


def _refusals(
    clinic: Clinic, times: Sequence[Stretch], staff: list[StaffMember], room: Room | None
) -> list[Taken | None]:
    there = _there(clinic, times, staff, room)
    return [_refusal([span for span in there if _overlap(span, stretch)]) for stretch in times]


def _there(
    clinic: Clinic, times: Sequence[Stretch], staff: Sequence[StaffMember], room: Room | None
) -> list[BookedSpan]:
    """What these people and this room have around these times."""
    if not times:
        return []
    around = DateTimeTZRange(min(begins for begins, _ in times), max(ends for _, ends in times), "[)")
    who = Q(staff_member__in=staff)
    found = BookedSpan.objects.filter(who | Q(room=room) if room else who, clinic=clinic, during__overlap=around)
    return list(found.select_related("staff_member", "room", "clinic").order_by("during", "pk"))


def _same_taken(one: BookedSpan, other: BookedSpan) -> bool:
    return (one.staff_member_id, one.room_id) == (other.staff_member_id, other.room_id)


def _overlap(span: BookedSpan, stretch: Stretch) -> bool:
    return bool(span.during.lower < stretch[1] and stretch[0] < span.during.upper)


def _refusal(spans: Sequence[BookedSpan]) -> Taken | None:
    """What is there, of a person and of a room the first: whoever says why it may overlap has read of both."""
    person = next((span for span in spans if span.room is None), None)
    room = next((span for span in spans if span.room is not None), None)
    in_room = f"{room.room} is taken {_when(room)}." if room else ""
    if person is None:
        return RoomTaken(f"{in_room} Choose another room or time.") if room else None
    has = f"{person.staff_member} has something {_when(person)}."
    return StaffTaken(f"{has}{' ' if room else ''}{in_room} Choose another time, or say why both are needed.")


def _when(span: BookedSpan) -> str:
    begins, ends = (moment.astimezone(span.clinic.zone) for moment in (span.during.lower, span.during.upper))
    return f"from {begins:%-I:%M} to {ends:%-I:%M %p}"

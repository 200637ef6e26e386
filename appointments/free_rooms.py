"""Which room is free."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.models import BookedSpan, Room
from staff.days import later


def first(rooms: Sequence[Room], *, moments: Sequence[datetime.datetime], minutes: int) -> Room | None:
    """Of these rooms, the first that is free at the first of these moments; of a series, where most others are free."""
    length = datetime.timedelta(minutes=minutes)
    stretches = [(at, later(at, length)) for at in moments]
    whole = DateTimeTZRange(min(at for at, _ in stretches), max(over for _, over in stretches), "[)")
    taken: dict[int, list[tuple[datetime.datetime, datetime.datetime]]] = {room.pk: [] for room in rooms}
    for span in BookedSpan.objects.filter(room__in=list(taken), during__overlap=whole):
        taken[span.room_id or 0].append((span.during.lower, span.during.upper))

    def in_the_way(room: Room, at: datetime.datetime, over: datetime.datetime) -> bool:
        return any(begins < over and at < ends for begins, ends in taken[room.pk])

    free = [room for room in rooms if not in_the_way(room, *stretches[0])]
    return min(free, key=lambda room: sum(in_the_way(room, *each) for each in stretches), default=None)

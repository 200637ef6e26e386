"""Openings: when somebody can come, the soonest first."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils import timezone

from appointments import availability
from appointments.availability import Availability, Stretch
from appointments.models import BookedSpan, Room
from appointments.thresholds import OPENING_STEP_MINUTES
from staff import outside
from staff.models import Clinic, Program, StaffMember
from staff.reading import Reading, reads, rows, together
from staff.reading import known as no_questions
from staff.typed_days import LATEST_DAY, check_days, wall_clock_or_next

MOST = 60
LATEST = 7_000_000_000  # in 2191: seconds since 1970
FARTHEST = datetime.timedelta(days=92)


@dataclass(frozen=True)
class Opening:
    """A free time of one staff member, in a room if one was asked for."""

    staff_member: StaffMember
    starts_at: datetime.datetime
    minutes: int
    room: Room | None = None

    @property
    def ends_at(self) -> datetime.datetime:
        """When it would be over."""
        return self.starts_at + datetime.timedelta(minutes=self.minutes)

    @property
    def value(self) -> str:
        """The start as a form or an address carries it."""
        return value_of(self.starts_at)

    @property
    def local_start(self) -> datetime.datetime:
        """The start on the clinic's clock."""
        return timezone.localtime(self.starts_at, self.staff_member.clinic.zone)


def value_of(moment: datetime.datetime) -> str:
    """When an opening is, as a form or an address carries it: in seconds, so exact also where an hour comes twice."""
    return str(int(moment.timestamp()))


def moment_of(value: str) -> datetime.datetime | None:
    """When the opening is that such a value names; None if it names none."""
    seconds = outside.number(value, highest=LATEST)
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC)


@reads
def find(
    *,
    staff: StaffMember | Sequence[StaffMember],
    program: Program | None = None,
    minutes: int,
    between: tuple[datetime.date, datetime.date],
    now: datetime.datetime | None = None,
    in_a_room: bool | Room = False,
    most: int = MOST,
) -> Reading[list[Opening]]:
    """When any of these people of one clinic is free for so many minutes, from one day to another, both included.

    With a program, only those of them who work in it. Working hours, time off, holidays and all that is booked count,
    on the clinic's wall clock; with `in_a_room` a room is free, too (any, or the one that is named), if the clinic has
    rooms. Nothing before `now` (default: this moment). The soonest comes first, at most `most`, looking three months
    ahead.
    """
    people = [staff] if isinstance(staff, StaffMember) else list(staff)
    if program is not None:
        theirs = set((yield from rows(program.staff_members.values_list("pk", flat=True))))
        people = [each for each in people if each.pk in theirs]
    if not people or minutes <= 0:
        return []
    check_days(*between)
    clinic, now = people[0].clinic, now or timezone.now()
    first = max(between[0], timezone.localdate(now, clinic.zone))
    last = min(between[1], first + FARTHEST, LATEST_DAY - datetime.timedelta(days=1))
    if last < first:
        return []
    known, taken, rooms = yield from together(
        availability.between.part(clinic=clinic, staff=people, first=first, last=last),
        rows(_taken(clinic, first, last)),
        rows(Room.objects.filter(clinic=clinic).in_use()) if in_a_room is True else no_questions([]),
    )
    if isinstance(in_a_room, Room):
        rooms = [in_a_room]
    found = _all(people, known, taken, rooms or None, minutes, (first, last), now)
    return [opening for opening, _ in zip(found, range(most), strict=False)]


def _taken(clinic: Clinic, first: datetime.date, last: datetime.date) -> QuerySet[BookedSpan]:
    begin = wall_clock_or_next(first, datetime.time(), clinic.zone)
    end = wall_clock_or_next(last + datetime.timedelta(days=1), datetime.time(), clinic.zone)
    return BookedSpan.objects.filter(clinic=clinic, during__overlap=DateTimeTZRange(begin, end, "[)")).order_by(
        "during"
    )


def _all(
    people: list[StaffMember],
    known: Availability,
    taken: list[BookedSpan],
    rooms: list[Room] | None,
    minutes: int,
    days: tuple[datetime.date, datetime.date],
    now: datetime.datetime,
) -> Iterator[Opening]:
    step = datetime.timedelta(minutes=OPENING_STEP_MINUTES.for_clinic(known.clinic))
    of_staff: dict[int, list[Stretch]] = defaultdict(list)
    of_rooms: dict[int, list[Stretch]] = defaultdict(list)
    for span in taken:
        stretch = (span.during.lower, span.during.upper)
        if span.staff_member_id is not None:
            of_staff[span.staff_member_id].append(stretch)
        elif span.room_id is not None:
            of_rooms[span.room_id].append(stretch)
    day = days[0]
    while day <= days[1]:
        of_day = [
            (starts_at, place, person)
            for place, person in enumerate(people)
            for starts_at in _starts(known, person, day, of_staff[person.pk], minutes, step, now)
        ]
        for starts_at, _, person in sorted(of_day, key=lambda each: each[:2]):
            room = _free_room(rooms or [], of_rooms, starts_at, minutes)
            if rooms is None or room is not None:
                yield Opening(person, starts_at, minutes, room)
        day += datetime.timedelta(days=1)


def _starts(
    known: Availability,
    person: StaffMember,
    day: datetime.date,
    taken: list[Stretch],
    minutes: int,
    step: datetime.timedelta,
    now: datetime.datetime,
) -> Iterator[datetime.datetime]:
    """Starts on the grid of the person's own hours, as far as the whole length is free."""
    length = datetime.timedelta(minutes=minutes)
    free = known.free_stretches(person, day)
    for stretch in taken:
        free = availability.without(free, stretch)
    for grid, ends in known.stretches(person, day):
        while grid + length <= ends:
            if grid >= now and any(start <= grid and grid + length <= end for start, end in free):
                yield grid
            grid += step


def _free_room(
    rooms: list[Room], taken: dict[int, list[Stretch]], starts_at: datetime.datetime, minutes: int
) -> Room | None:
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    return next(
        (room for room in rooms if not any(begins < ends_at and starts_at < ends for begins, ends in taken[room.pk])),
        None,
    )

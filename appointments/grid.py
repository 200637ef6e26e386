"""A calendar as columns of hours: where each block, shade and the present moment stand, on the clinic's wall clock."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from appointments.availability import Availability, Stretch
from appointments.calendar import Entry
from appointments.models import TimeOff
from staff.models import StaffMember
from staff.typed_days import wall_clock_or_next

OPENS, CLOSES = 8, 18  # a grid shows at least these hours
STEP = 5  # minutes: what a block's place is rounded to
MOST_LANES = 6
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Place:
    """Where something stands in a column, in minutes of the wall clock since midnight."""

    begins: int
    ends: int

    @property
    def classes(self) -> str:
        """The classes of static/css/appointments.css that put it there."""
        length = max(self.ends - self.begins, STEP)
        return f"at-h-{self.begins // 60} at-m-{self.begins % 60} for-h-{length // 60} for-m-{length % 60}"


@dataclass(frozen=True)
class Block:
    """An entry in its place; `lane` of `lanes` side by side."""

    entry: Entry
    begins: datetime.datetime  # on the clinic's clock
    ends: datetime.datetime
    place: Place
    lane: int = 0
    lanes: int = 1

    @property
    def classes(self) -> str:
        """Place and lane."""
        length = self.place.ends - self.place.begins
        size = " is-short" if length < 35 else " is-tall" if length >= 75 else ""
        return f"{self.place.classes} lane-{self.lane} lanes-{self.lanes}{size}"


@dataclass(frozen=True)
class Shade:
    """Time that cannot be booked; with words, somebody is off."""

    place: Place
    words: str = ""


@dataclass(frozen=True)
class Free:
    """A free time that can be booked from here."""

    place: Place
    begins: datetime.datetime  # on the clinic's clock
    url: str


@dataclass
class Column:
    """One day of one person or room."""

    key: str
    day: datetime.date
    heading: str
    sub: str = ""
    url: str = ""
    staff_id: int | None = None
    closed: str = ""  # the holiday's name
    is_today: bool = False
    is_free_day: bool = False
    now: Place | None = None
    blocks: list[Block] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)


@dataclass
class Grid:
    """Columns that share their hours."""

    columns: list[Column]
    first_hour: int = OPENS
    last_hour: int = CLOSES

    @property
    def classes(self) -> str:
        """The hours it shows."""
        return f"from-h-{self.first_hour} hours-{self.last_hour - self.first_hour}"

    @property
    def hours(self) -> list[tuple[int, str]]:
        """Each hour with its label."""
        return [(hour, f"{datetime.time(hour):%-I %p}") for hour in range(self.first_hour, self.last_hour)]

    @property
    def is_empty(self) -> bool:
        """Nothing is booked."""
        return not any(column.blocks for column in self.columns)


def draw(columns: Iterable[Column]) -> Grid:
    """Columns with their hours: from the office's on, wider where something lies outside."""
    grid = Grid(list(columns))
    for shade in (shade for column in grid.columns if not column.closed for shade in column.shades):
        if shade.words or (shade.place.begins == 0 and shade.place.ends == DAY_MINUTES):
            continue  # time off, or a day on which nobody works
        if shade.place.begins == 0:
            grid.first_hour = min(grid.first_hour, shade.place.ends // 60)
        elif shade.place.ends == DAY_MINUTES:
            grid.last_hour = max(grid.last_hour, -(-shade.place.begins // 60))
    places = [block.place for column in grid.columns for block in column.blocks]
    if places:
        grid.first_hour = min(grid.first_hour, *(place.begins // 60 for place in places))
        grid.last_hour = max(grid.last_hour, *(-(-place.ends // 60) for place in places))
    grid.last_hour = min(grid.last_hour, 24)
    for column in grid.columns:
        lowest, highest = grid.first_hour * 60, grid.last_hour * 60
        column.shades = [
            Shade(Place(max(shade.place.begins, lowest), min(shade.place.ends, highest)), shade.words)
            for shade in column.shades
            if shade.place.begins < highest and shade.place.ends > lowest
        ]
        if column.now and not lowest <= column.now.begins < highest:
            column.now = None
    return grid


def column(
    *,
    key: str,
    day: datetime.date,
    heading: str,
    own: Sequence[Entry],
    zone: datetime.tzinfo,
    now: datetime.datetime,
    sub: str = "",
    url: str = "",
    known: Availability | None = None,
    person: StaffMember | None = None,
) -> Column:
    """A column of one day with what begins in it."""
    local_now = now.astimezone(zone)
    holiday = known.holidays.get(day) if known else None
    made = Column(
        key=key,
        day=day,
        heading=heading,
        sub=sub,
        url=url,
        staff_id=person.pk if person else None,
        closed=holiday.name if holiday else "",
        is_today=local_now.date() == day,
        blocks=lanes([entry for entry in own if entry.starts_at.astimezone(zone).date() == day], zone),
    )
    if made.is_today:
        minute = local_now.hour * 60 + local_now.minute
        made.now = Place(minute - minute % STEP, minute - minute % STEP + STEP)
    if holiday:
        made.shades = [Shade(Place(0, DAY_MINUTES))]
    elif known and person:
        open_hours = known.stretches(person, day)
        made.is_free_day = not open_hours
        made.shades = [*_outside(open_hours, zone), *_off(known.time_off.get(person.pk, []), day, zone)]
    return made


def free(begins: datetime.datetime, minutes: int, url: str) -> Free:
    """A free time in its place, which leaves a line between it and the next one."""
    start = _rounded(begins.hour * 60 + begins.minute)
    return Free(Place(start, min(start + minutes - STEP, DAY_MINUTES)), begins, url)


def lanes(own: Sequence[Entry], zone: datetime.tzinfo) -> list[Block]:
    """Entries of one day as blocks; those that overlap stand side by side."""
    found: list[Block] = []
    crowd: list[tuple[Entry, Place, int]] = []
    ends_of_lanes: list[int] = []

    def close() -> None:
        count = min(len(ends_of_lanes), MOST_LANES)
        for entry, place, lane in crowd:
            begins, ends = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
            found.append(Block(entry, begins, ends, place, min(lane, count - 1), count))
        crowd.clear()
        ends_of_lanes.clear()

    for entry in sorted(own, key=lambda each: (each.starts_at, -each.minutes)):
        place = _place(entry, zone)
        if crowd and place.begins >= max(ends_of_lanes):
            close()
        lane = next((number for number, end in enumerate(ends_of_lanes) if end <= place.begins), len(ends_of_lanes))
        if lane == len(ends_of_lanes):
            ends_of_lanes.append(place.ends)
        else:
            ends_of_lanes[lane] = place.ends
        crowd.append((entry, place, lane))
    if crowd:
        close()
    return found


def _place(entry: Entry, zone: datetime.tzinfo) -> Place:
    """Where the wall clock shows its start; its length is real time, cut off at midnight."""
    start = entry.starts_at.astimezone(zone)
    begins = _rounded(start.hour * 60 + start.minute)
    length = max(-(-entry.minutes // STEP) * STEP, 3 * STEP)
    return Place(min(begins, DAY_MINUTES - 3 * STEP), min(begins + length, DAY_MINUTES))


def _outside(open_hours: Sequence[Stretch], zone: datetime.tzinfo) -> list[Shade]:
    """What is not among someone's hours of a day."""
    edge, found = 0, []
    for begins, ends in open_hours:
        start = _minute(begins, zone)
        if start > edge:
            found.append(Shade(Place(edge, start)))
        edge = max(edge, _minute(ends, zone) or DAY_MINUTES)
    if edge < DAY_MINUTES:
        found.append(Shade(Place(edge, DAY_MINUTES)))
    return found


def _off(time_off: Iterable[TimeOff], day: datetime.date, zone: datetime.tzinfo) -> list[Shade]:
    begin = wall_clock_or_next(day, datetime.time(), zone)
    end = wall_clock_or_next(day + datetime.timedelta(days=1), datetime.time(), zone)
    return [
        Shade(
            Place(
                0 if off.starts_at <= begin else _minute(off.starts_at, zone),
                DAY_MINUTES if off.ends_at >= end else _minute(off.ends_at, zone),
            ),
            str(off),
        )
        for off in time_off
        if off.starts_at < end and off.ends_at > begin
    ]


def _minute(moment: datetime.datetime, zone: datetime.tzinfo) -> int:
    local = moment.astimezone(zone)
    return _rounded(local.hour * 60 + local.minute)


def _rounded(minute: int) -> int:
    return minute - minute % STEP

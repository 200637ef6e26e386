"""Appointments of the past two weeks and the next three, with rooms, working hours, time off and holidays."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from appointments import booking, schedules
from appointments.codes import Mode, Purpose
from appointments.models import Appointment, Room
from cases.models import Inquiry
from counseling.codes import Modality
from counseling.models import SessionNote
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import wall_clock_or_next

from .lives import DAY, Life
from .records import Team

ROOMS = [("Room 1", 4), ("Room 2", 3), ("Room 3", 12), ("Quiet room", 2)]
EARLY, LATE = datetime.time(9), datetime.time(17)
LUNCH = (datetime.time(12), datetime.time(13))
STARTS = [datetime.time(hour) for hour in (9, 10, 11, 13, 14, 15)]
KINDS = [
    (Purpose.INDIVIDUAL, 50, Mode.IN_PERSON), (Purpose.INDIVIDUAL, 50, Mode.IN_PERSON),
    (Purpose.INDIVIDUAL, 50, Mode.VIDEO), (Purpose.CALL, 20, Mode.PHONE), (Purpose.FAMILY, 60, Mode.IN_PERSON),
    (Purpose.INDIVIDUAL, 50, Mode.IN_PERSON), (Purpose.CHECKUP, 30, Mode.PHONE),
]  # fmt: skip
PAST, AHEAD = 14, 21
KEPT = 0.78  # of past appointments


def open_the_clinic(*, team: Team, medical: StaffMember, today: datetime.date) -> None:
    """Rooms, the hours of those who see people, two holidays and some time off."""
    by = team.supervisor
    for name, seats in ROOMS:
        schedules.save_room(room=None, name=name, seats=seats, is_in_use=True, by=by)
    for number, person in enumerate([*team.counselors, team.supervisor, medical]):
        free = 4 if number % 3 == 2 else None  # some don't work on Fridays
        week = [
            stretch
            for weekday in range(5)
            if weekday != free
            for stretch in ((weekday, EARLY, LUNCH[0]), (weekday, LUNCH[1], LATE))
        ]
        schedules.set_hours(staff_member=person, stretches=week, starts_on=today - DAY * PAST * 4, by=by)
    for holiday, name in _holidays(today):
        schedules.add_holiday(day=holiday, name=name, by=by)
    zone = by.clinic.zone
    monday = _monday(today) + DAY * 7
    schedules.take_time_off(
        staff_member=team.counselors[0],
        starts_at=wall_clock_or_next(monday + DAY * 2, datetime.time(13), zone),
        ends_at=wall_clock_or_next(monday + DAY * 2, datetime.time(17), zone),
        words="Training",
        by=team.counselors[0],
    )
    starts_at, ends_at = vacation_of(team.counselors[-1], today=today)
    schedules.take_time_off(
        staff_member=team.counselors[-1],
        starts_at=starts_at,
        ends_at=ends_at,
        words="Vacation",
        by=team.counselors[-1],
    )


def vacation_of(person: StaffMember, *, today: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """From when until when the one counselor who takes one is on vacation: the whole of next week's workdays."""
    monday, midnight, zone = _monday(today) + DAY * 7, datetime.time(0), person.clinic.zone
    return wall_clock_or_next(monday, midnight, zone), wall_clock_or_next(monday + DAY * 5, midnight, zone)


def fill(
    *, team: Team, lives: Sequence[Life], medical: StaffMember, now: datetime.datetime, chance: random.Random
) -> int:
    """Appointments of each counselor's own clients; returns how many there are."""
    zone = team.supervisor.clinic.zone
    today = now.astimezone(zone).date()
    rooms = itertools.cycle(Room.objects.filter(clinic=team.supervisor.clinic).exclude(name="Room 3"))
    own: dict[int, list[Life]] = defaultdict(list)
    for life in lives:
        if life.open_episode:
            own[life.counselor.pk].append(life)
    made: list[Appointment] = [
        appointment
        for number, counselor in enumerate(team.counselors)
        if own[counselor.pk]
        for appointment in _of_counselor(counselor, number, own[counselor.pk], rooms, today, chance)
    ]
    made += _weekly(team, own, today)
    made += _with_medical(team, own, medical, today)
    for appointment in sorted(made, key=lambda each: each.starts_at):
        _became(appointment, now, chance)
    made += _first_assessments(team, today)
    made += _of_notes(team, now)
    return len(made)


def _of_counselor(
    counselor: StaffMember,
    number: int,
    lives: Sequence[Life],
    rooms: Iterator[Room],
    today: datetime.date,
    chance: random.Random,
) -> Iterator[Appointment]:
    """What is ahead, and what was missed or canceled: the sessions that took place are those of the notes."""
    zone = counselor.clinic.zone
    clients = itertools.cycle(lives)
    kinds = itertools.cycle(KINDS[number % len(KINDS) :] + KINDS[: number % len(KINDS)])
    for place in range(-PAST, AHEAD):
        day = today + DAY * place
        if day.weekday() > 4:
            continue
        for start in STARTS[(place + number) % 3 :: 3 if place < 6 else 6]:
            purpose, minutes, mode = next(kinds)
            if place < 0 and chance.random() < KEPT:
                continue
            made = _book(
                client=next(clients).client,
                staff_member=counselor,
                purpose=purpose,
                minutes=minutes,
                mode=mode,
                room=next(rooms) if mode == Mode.IN_PERSON else None,
                starts_at=wall_clock_or_next(day, start, zone),
                by=counselor,
            )
            if made is not None:
                yield made


def _weekly(team: Team, own: dict[int, list[Life]], today: datetime.date) -> list[Appointment]:
    """The first counselor's standing hour with one client."""
    counselor = team.counselors[0]
    if not own[counselor.pk]:
        return []
    monday = _monday(today)
    try:
        return booking.book_series(
            client=own[counselor.pk][0].client,
            staff_member=counselor,
            first_day=monday + DAY * 8,
            last_day=monday + DAY * 43,
            time=datetime.time(16),
            by=counselor,
        ).appointments
    except Refusal:
        return []


def _with_medical(
    team: Team, own: dict[int, list[Life]], medical: StaffMember, today: datetime.date
) -> list[Appointment]:
    everyone = itertools.cycle([life for counselor in team.counselors for life in own[counselor.pk][1:3]] or [None])
    made = []
    for place in range(-PAST, AHEAD):
        life, day = next(everyone), today + DAY * place
        if life is not None and day.weekday() < 5 and (place < 6 or place % 3 == 0):
            for start, purpose, minutes in ((10, Purpose.MEDICAL, 30), (14, Purpose.SPECIMEN, 15)):
                if place < 0 and purpose == Purpose.MEDICAL:
                    continue
                made.append(
                    _book(
                        client=life.client,
                        staff_member=medical,
                        purpose=purpose,
                        minutes=minutes,
                        starts_at=wall_clock_or_next(day, datetime.time(start), medical.clinic.zone),
                        by=medical,
                    )
                )
    return [each for each in made if each is not None]


def _first_assessments(team: Team, today: datetime.date) -> list[Appointment]:
    """Two callers who are not clients yet come for an assessment."""
    calls = Inquiry.objects.filter(
        clinic=team.supervisor.clinic, client=None, stage__in=Inquiry.QUEUE_STAGES, is_draft=False
    ).order_by("-taken_at")[:2]
    made = []
    for number, inquiry in enumerate(calls):
        made.append(
            _book(
                inquiry=inquiry,
                staff_member=team.supervisor,
                purpose=Purpose.ASSESSMENT,
                minutes=90,
                starts_at=wall_clock_or_next(
                    _workday(today + DAY * (2 + number)), datetime.time(13), team.supervisor.clinic.zone
                ),
                by=team.intake,
            )
        )
    return [each for each in made if each is not None]


def _of_notes(team: Team, now: datetime.datetime) -> list[Appointment]:
    """The kept appointments of which the notes of the past two weeks tell."""
    told = SessionNote.objects.filter(
        author__in=team.counselors, session_started_at__gt=now - DAY * PAST, session_started_at__lt=now - DAY / 4
    )
    made = []
    for note in told.select_related("client__clinic", "author__clinic").order_by("session_started_at", "pk"):
        ends_at = note.session_ended_at or note.session_started_at + datetime.timedelta(minutes=50)
        kept = _book(
            client=note.client,
            staff_member=note.author,
            purpose=Purpose.FAMILY if note.modality == Modality.FAMILY else Purpose.INDIVIDUAL,
            minutes=max(5, int((ends_at - note.session_started_at).total_seconds() // 60)),
            starts_at=note.session_started_at,
            by=note.author,
        )
        if kept is None:  # a session in the evening, or two at once
            continue
        made.append(booking.keep(appointment=kept, by=note.author, at=ends_at))
    return made


def _became(appointment: Appointment, now: datetime.datetime, chance: random.Random) -> None:
    """What became of it: missed, canceled too late, a specimen given; and some of the next days are confirmed."""
    luck, by = chance.random(), appointment.staff_member
    if appointment.ends_at < now:
        if appointment.purpose == Purpose.SPECIMEN:
            booking.keep(appointment=appointment, by=by, at=appointment.ends_at)
        elif luck < 0.55:
            at = appointment.starts_at + datetime.timedelta(minutes=20)
            booking.no_show(appointment=appointment, by=by, at=at)
        else:
            booking.cancel(
                appointment=appointment,
                by=by,
                by_client=True,
                reason="Could not leave work" if luck < 0.8 else "Child was sick",
                at=appointment.starts_at - datetime.timedelta(hours=3),
            )
    elif appointment.starts_at < now + DAY * 3 and luck < 0.5:
        booking.confirm(appointment=appointment, by=by)


def _book(**facts: object) -> Appointment | None:
    """Booked, if the time is free: demo people have holidays, groups and each other, too."""
    try:
        return booking.book(**facts, tell=False)  # type: ignore[arg-type]
    except Refusal:
        return None


def _holidays(today: datetime.date) -> list[tuple[datetime.date, str]]:
    """The next two days on which the clinic is closed."""
    found = []
    for year in (today.year, today.year + 1):
        found += [
            (datetime.date(year, 1, 1), "New Year’s Day"),
            (datetime.date(year, 7, 4), "Independence Day"),
            (_nth(year, 9, 0, 1), "Labor Day"),
            (_nth(year, 11, 3, 4), "Thanksgiving Day"),
            (datetime.date(year, 12, 25), "Christmas Day"),
        ]
    return [each for each in sorted(found) if each[0] > today][:3]


def _nth(year: int, month: int, weekday: int, number: int) -> datetime.date:
    first = datetime.date(year, month, 1)
    return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (number - 1))


def _monday(day: datetime.date) -> datetime.date:
    return day - DAY * day.weekday()


def _workday(day: datetime.date) -> datetime.date:
    return day if day.weekday() < 5 else day + DAY * (7 - day.weekday())

"""My week, a colleague's week, and the clinic's day."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from appointments import addresses, availability, calendar, grid, openings, printing
from appointments.models import Room
from appointments.openings import Opening
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.days import beginning_of, end_of, sunday_of
from staff.models import StaffMember
from staff.reading import answer, known, rows, together
from staff.typed_days import day_in_address

DAY = datetime.timedelta(days=1)
SLOT = 50  # minutes of a free time
MOST_OPENINGS = 1000  # a week has fewer, even every five minutes
VIEWS = (("day", "Day"), ("week", "Week"), ("agenda", "Agenda"))
FIRST, LAST = datetime.date(1901, 1, 1), datetime.date(2198, 12, 31)  # a week before and after can be shown, too


@requires(Permission.APPOINTMENT_VIEW)
def week(request: StaffRequest) -> HttpResponse:
    """One person's week, day or agenda; the reader's own unless `?staff=` names a colleague."""
    now = timezone.now()
    zone = request.user.clinic.zone
    today = timezone.localdate(now, zone)
    chosen = request.GET.get("view", "")
    view = chosen if chosen in dict(VIEWS) else "week"
    day = _day(request.GET.get("week", ""), today)
    first = day if view == "day" else sunday_of(day)
    last = day if view == "day" else first + 6 * DAY
    sought = request.GET.get("staff", "")
    colleagues = list(StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name"))
    person = _person(request, sought, colleagues)
    may_book = can(request.user, Permission.APPOINTMENT_BOOK)
    books_here = may_book and not printing.is_asked(request) and any(person == each for each in colleagues)
    found, hours, free = answer(
        together(
            calendar.entries.part(
                clinic=request.user.clinic,
                reader=request.user,
                since=beginning_of(first, zone),
                until=end_of(last, zone),
                staff=[person],
            ),
            availability.between.part(clinic=request.user.clinic, staff=[person], first=first, last=last),
            openings.find.part(
                staff=person, minutes=SLOT, between=(first, last), now=now, in_a_room=True, most=MOST_OPENINGS
            )
            if books_here
            else known([]),
        )
    )
    whose = {"staff": person.pk} if person.pk != request.user.pk else {}

    def address(to: datetime.date, of: str = view) -> str:
        about: dict[str, Any] = {**whose, "week": to.isoformat()} | ({} if of == "week" else {"view": of})
        return f"{reverse('appointments:calendar')}?{urlencode(about)}"

    columns = [
        grid.column(
            key=each.isoformat(),
            day=each,
            heading=f"{each:%a}",
            sub=f"{each:%b %-d}",
            url=address(each, "day"),
            own=found,
            zone=zone,
            now=now,
            known=hours,
            person=person,
        )
        for each in (first + number * DAY for number in range((last - first).days + 1))
    ]
    _put_free(columns, free, back=address(day))
    step = DAY if view == "day" else 7 * DAY
    context = {
        "grid": grid.draw(columns),
        "view": view,
        "views": [(name, label, address(day, name)) for name, label in VIEWS],
        "person": person,
        "is_own": person.pk == request.user.pk,
        "colleagues": colleagues,
        "day": day,
        "first": first,
        "last": last,
        "previous_url": address(day - step),
        "next_url": address(day + step),
        "today_url": address(today),
        "clinic_url": f"{reverse('appointments:clinic_day')}?day={day.isoformat()}",
        "count": sum(len(each.blocks) for each in columns),
        "may_book": may_book,
        "book_url": addresses.to_book(staff=person.pk, next=address(day)) if books_here else "",
    }
    return render(request, "appointments/week.html", context | printing.context(request))


@requires(Permission.APPOINTMENT_VIEW)
def clinic_day(request: StaffRequest) -> HttpResponse:
    """The clinic's day: a column for each clinician, or for each room."""
    now = timezone.now()
    clinic = request.user.clinic
    today = timezone.localdate(now, clinic.zone)
    day = _day(request.GET.get("day", ""), today)
    by_rooms = request.GET.get("by") == "rooms"
    people = list(StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name"))
    found, hours, rooms = answer(
        together(
            calendar.entries.part(
                clinic=clinic, reader=request.user, since=beginning_of(day, clinic.zone), until=end_of(day, clinic.zone)
            ),
            availability.between.part(clinic=clinic, staff=people, first=day, last=day),
            rows(Room.objects.visible_to(request.user).in_use()) if by_rooms else known([]),
        )
    )
    common: dict[str, Any] = {"day": day, "zone": clinic.zone, "now": now, "known": hours}
    if by_rooms:
        columns = _by_rooms(rooms, found, common)
    else:
        columns = [
            grid.column(
                key=f"staff-{person.pk}",
                heading=str(person),
                url=f"{reverse('appointments:calendar')}?{urlencode({'staff': person.pk, 'week': day.isoformat()})}",
                own=[entry for entry in found if person.pk in entry.staff],
                person=person,
                **common,
            )
            for person in people
        ]

    def address(to: datetime.date, rooms: bool = by_rooms) -> str:
        about = {"day": to.isoformat()} | ({"by": "rooms"} if rooms else {})
        return f"{reverse('appointments:clinic_day')}?{urlencode(about)}"

    context = {
        "grid": grid.draw(columns),
        "day": day,
        "is_today": day == today,
        "holiday": hours.holidays.get(day),
        "by_rooms": by_rooms,
        "by_people_url": address(day, False),
        "by_rooms_url": address(day, True),
        "previous_url": address(day - DAY),
        "next_url": address(day + DAY),
        "today_url": address(today),
    }
    return render(request, "appointments/clinic_day.html", context | printing.context(request))


def _put_free(columns: list[grid.Column], free: list[Opening], *, back: str) -> None:
    """One after the other, each day's free times that do not overlap, with the page that books them."""
    by_day = {column.day: column for column in columns}
    ends: datetime.datetime | None = None
    for opening in free:
        if ends is not None and opening.starts_at < ends:
            continue
        ends = opening.ends_at
        url = addresses.to_book(
            staff=opening.staff_member.pk,
            opening=opening.value,
            minutes=opening.minutes,
            next=back,
        )
        begins = opening.local_start
        by_day[begins.date()].free.append(grid.free(begins, opening.minutes, url))


def _by_rooms(rooms: list[Room], found: list[calendar.Entry], common: dict[str, Any]) -> list[grid.Column]:
    """The clinic's rooms, then those that only a group's plan names."""
    by_name: dict[str, list[calendar.Entry]] = {room.name.casefold(): [] for room in rooms}
    names = {room.name.casefold(): room.name for room in rooms}
    in_person_ways = {"", "phone", "video"}
    for entry in found:
        if (name := entry.room.casefold()) not in in_person_ways:
            names.setdefault(name, entry.room)
            by_name.setdefault(name, []).append(entry)
    return [
        grid.column(key=f"room-{number}", heading=names[name], own=own, **common)
        for number, (name, own) in enumerate(by_name.items())
    ]


def _person(request: StaffRequest, sought: str, colleagues: list[StaffMember]) -> StaffMember:
    """Whose week it is: a colleague in the reader's own clinic, or the reader."""
    key = outside.number(sought)
    if not sought or key == request.user.pk:
        return request.user
    person = next((each for each in colleagues if each.pk == key), None)
    if person is None:
        raise Http404
    return person


def _day(text: str, today: datetime.date) -> datetime.date:
    day = day_in_address(text)
    return day if day and FIRST <= day <= LAST else today

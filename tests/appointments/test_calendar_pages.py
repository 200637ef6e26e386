"""The week and the clinic's day: what stands where, what others may not read, and what it costs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking, grid
from appointments.calendar import Entry
from appointments.models import Holiday, Room, TimeOff, WorkingHours
from cases.models import Client
from groups import sessions
from groups.models import GroupFacilitator, GroupSession
from staff.models import Clinic, StaffMember
from tests import factories

pytestmark = pytest.mark.usefixtures("today")
MOST = 12


def entry(starts_at: datetime.datetime, minutes: int = 60, title: str = "Somebody") -> Entry:
    moment = starts_at.astimezone(datetime.UTC)
    return Entry(moment, moment + datetime.timedelta(minutes=minutes), title)


def week(browser: Any, **asked: Any) -> str:
    answer = browser.get(reverse("appointments:calendar"), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_my_week_shows_my_clients_by_name(book: Any, counselor: StaffMember, signed_in: Any) -> None:
    made = book()
    page = week(signed_in(counselor))
    assert "Robin Sample" in page
    assert reverse("appointments:appointment", args=[made.client_id, made.pk]) in page
    assert f'data-move="{reverse("appointments:move", args=[made.client_id, made.pk])}"' in page
    assert "March 1 to March 7, 2026" in " ".join(page.split())


def test_a_colleagues_time_is_busy_and_nothing_else(
    book: Any, make_staff: Any, signed_in: Any, counselor: StaffMember
) -> None:
    made = book()
    colleague = make_staff()
    page = week(signed_in(colleague), staff=counselor.pk)
    assert "Busy" in page
    assert "Robin" not in page
    assert "Individual session" not in page
    assert reverse("appointments:appointment", args=[made.client_id, made.pk]) not in page


def test_whoever_covers_sees_who_comes_to_them(
    book: Any, make_staff: Any, supervisor: StaffMember, signed_in: Any, client_record: Client
) -> None:
    cover = make_staff(given_name="Cora", family_name="Cover")
    made = book(staff_member=cover, by=supervisor)
    browser = signed_in(cover)
    assert "Robin Sample" in week(browser)
    page = browser.get(reverse("appointments:appointment", args=[client_record.pk, made.pk]))
    assert page.status_code == 200
    assert "Robin Sample" in page.content.decode()
    assert "born" not in page.content.decode()  # the chart's head is for those who may see the chart
    assert browser.get(reverse("appointments:client_appointments", args=[client_record.pk])).status_code == 404


def test_a_supervisor_reads_the_names_in_a_colleagues_week(
    book: Any, supervisor: StaffMember, signed_in: Any, counselor: StaffMember
) -> None:
    book()
    assert "Robin Sample" in week(signed_in(supervisor), staff=counselor.pk)


def test_another_clinics_calendar_is_not_there(
    other_clinic: Clinic, make_staff: Any, book: Any, signed_in: Any, counselor: StaffMember
) -> None:
    book()
    stranger = make_staff(clinic=other_clinic)
    browser = signed_in(stranger)
    assert browser.get(reverse("appointments:calendar"), {"staff": counselor.pk}).status_code == 404
    day = browser.get(reverse("appointments:clinic_day"), {"day": "2026-03-03"}).content.decode()
    assert "Robin" not in day
    assert "Busy" not in day
    assert str(counselor) not in day


def test_what_was_canceled_or_moved_takes_no_time(book: Any, counselor: StaffMember, signed_in: Any, at: Any) -> None:
    booking.cancel(appointment=book(), by=counselor, by_client=True)
    booking.move(appointment=book(starts_at=at(4, 10)), starts_at=at(12, 10), by=counselor)
    browser = signed_in(counselor)
    assert "Robin Sample" not in week(browser)
    assert "Robin Sample" in week(browser, week="2026-03-12")


def test_sessions_that_a_person_leads_are_in_their_week(
    clinic: Clinic, counselor: StaffMember, intake: StaffMember, make_staff: Any, signed_in: Any, at: Any
) -> None:
    group = factories.GroupFactory(clinic=clinic, name="Evening skills", room="Room 9")
    GroupFacilitator.objects.create(group=group, staff_member=counselor)
    GroupSession.objects.create(group=group, starts_at=at(5, 18), minutes=90)
    GroupSession.objects.create(
        group=group, starts_at=at(6, 18), minutes=90, cancelled_at=at(1, 8), cancelled_by=counselor
    )
    page = week(signed_in(counselor))
    assert page.count("Evening skills") == 1
    assert "Evening skills" not in week(signed_in(make_staff()))
    rooms = signed_in(counselor).get(reverse("appointments:clinic_day"), {"day": "2026-03-05", "by": "rooms"})
    assert "Room 9" in rooms.content.decode()
    seen_by_intake = week(signed_in(intake), staff=counselor.pk)
    assert "Busy" in seen_by_intake
    assert "Evening skills" not in seen_by_intake


def test_days_off_and_holidays_say_so(counselor: StaffMember, clinic: Clinic, signed_in: Any, at: Any) -> None:
    Holiday.objects.create(clinic=clinic, day=datetime.date(2026, 3, 6), name="Founders Day")
    TimeOff.objects.create(staff_member=counselor, starts_at=at(4, 13), ends_at=at(4, 17), words="Training")
    page = week(signed_in(counselor))
    assert "Closed: Founders Day" in page
    assert "Training" in page


def test_day_and_agenda_and_the_ways_between(book: Any, counselor: StaffMember, signed_in: Any) -> None:
    book()
    browser = signed_in(counselor)
    day = week(browser, view="day", week="2026-03-03")
    assert "Tuesday, March 3, 2026" in day
    assert "view=day" in day
    assert "week=2026-03-04" in day
    assert "cal--agenda" in week(browser, view="agenda")
    assert "March 1 to March 7" in week(browser, week="no day", view="nonsense", staff="")
    assert "2026-02-22" in week(browser, week="2026-03-01")


@pytest.mark.parametrize("asked", [{"week": "9999-12-31"}, {"week": "0001-01-01"}, {"staff": "x"}, {"staff": "9" * 40}])
def test_nonsense_in_the_address_is_no_error(counselor: StaffMember, signed_in: Any, asked: dict[str, str]) -> None:
    assert signed_in(counselor).get(reverse("appointments:calendar"), asked).status_code in {200, 404}


def test_the_clinics_day_has_people_and_rooms_side_by_side(
    book: Any, room: Room, supervisor: StaffMember, counselor: StaffMember, signed_in: Any
) -> None:
    book(room=room)
    browser = signed_in(supervisor)
    people = browser.get(reverse("appointments:clinic_day"), {"day": "2026-03-03"}).content.decode()
    assert str(counselor) in people
    assert str(supervisor) in people
    assert "Robin Sample" in people
    rooms = browser.get(reverse("appointments:clinic_day"), {"day": "2026-03-03", "by": "rooms"}).content.decode()
    assert "Room 1" in rooms
    assert "Robin Sample" in rooms


WEEK, DAY = {"week": "2026-03-03"}, {"day": "2026-03-03"}


ASKED = [
    ("calendar", WEEK),
    ("calendar", WEEK | {"view": "agenda", "print": "on"}),
    ("clinic_day", DAY),
    ("clinic_day", DAY | {"by": "rooms"}),
    ("clinic_day", DAY | {"by": "rooms", "print": "on"}),
    ("front_desk", DAY),
    ("front_desk", DAY | {"print": "on"}),
]


def test_a_full_calendar_costs_what_an_empty_one_does(
    counselor: StaffMember,
    supervisor: StaffMember,
    clinic: Clinic,
    signed_in: Any,
    room: Room,
    at: Any,
) -> None:
    browser = signed_in(supervisor)

    def fill(number: int) -> None:
        for place in range(number):
            booking.book(
                client=factories.ClientFactory(clinic=clinic, counselor=counselor),
                staff_member=counselor,
                starts_at=at(3, 8) + datetime.timedelta(minutes=10 * place),
                minutes=10,
                room=room if place % 2 else None,
                outside_hours_reason="A full day",
                overlap_reason="A full day",
                by=supervisor,
            )
        for place in range(number // 3):
            group = factories.GroupFactory(clinic=clinic, room=f"Place {number} {place}")
            sessions.plan(
                group=group, starts_at=at(3, 9), by=supervisor, facilitators=[counselor], overlap_reason="A full day"
            )

    def cost(page: str, asked: dict[str, str]) -> int:
        asked = asked | ({"staff": str(counselor.pk)} if page == "calendar" else {})
        browser.get(reverse(f"appointments:{page}"), asked)
        with CaptureQueriesContext(connection) as asked_of_it:
            answer = browser.get(reverse(f"appointments:{page}"), asked)
        assert answer.status_code == 200
        return len(asked_of_it)

    fill(3)
    few = [cost(*each) for each in ASKED]
    fill(57)
    many = [cost(*each) for each in ASKED]
    assert many == few
    assert max(many) <= MOST


def test_what_overlaps_stands_side_by_side(clinic: Clinic, at: Any) -> None:
    blocks = grid.lanes(
        [entry(at(3, 9)), entry(at(3, 9, 30)), entry(at(3, 10)), entry(at(3, 12), title="Alone")], clinic.zone
    )
    assert [(block.lane, block.lanes) for block in blocks] == [(0, 2), (1, 2), (0, 2), (0, 1)]


@pytest.mark.parametrize(("month", "day"), [(3, 8), (11, 1)])
def test_weeks_in_which_the_clocks_change(
    month: int, day: int, counselor: StaffMember, book: Any, signed_in: Any, clinic: Clinic
) -> None:
    """10 AM stands at 10 AM before, on and after the day, and the hours around the change have their place."""
    zone = clinic.zone
    WorkingHours.objects.bulk_create(
        WorkingHours(
            staff_member=counselor,
            weekday=weekday,
            opens_at=datetime.time(9),
            closes_at=datetime.time(17),
            first_day=datetime.date(2026, 1, 1),
        )
        for weekday in range(7)
    )
    sunday = datetime.date(2026, month, day)
    for place in (-1, 0, 1):
        on = sunday + datetime.timedelta(days=place)
        book(starts_at=datetime.datetime.combine(on, datetime.time(10), zone))
    page = week(signed_in(counselor), week=sunday.isoformat())
    assert page.count("at-h-10 at-m-0 for-h-0 for-m-50") == 2
    assert page.count('class="cal__shade at-h-8 at-m-0 for-h-1 for-m-0"') == 7  # before nine, every day
    assert page.count("<section") == 7
    before = week(signed_in(counselor), week=(sunday - datetime.timedelta(days=1)).isoformat())
    assert before.count("at-h-10 at-m-0 for-h-0 for-m-50") == 1


def test_the_hour_that_occurs_twice_stands_once(clinic: Clinic) -> None:
    twice = datetime.datetime(2026, 11, 1, 1, 30, tzinfo=clinic.zone)
    (block,) = grid.lanes([entry(twice, 120)], clinic.zone)
    assert block.classes.startswith("at-h-1 at-m-30 for-h-2 for-m-0")
    assert f"{block.ends:%-I:%M}" == "2:30"


def test_a_role_without_appointments_has_no_calendar(privacy_officer: StaffMember, signed_in: Any) -> None:
    for page in ("calendar", "clinic_day", "front_desk", "hours", "holidays"):
        assert signed_in(privacy_officer).get(reverse(f"appointments:{page}")).status_code == 403


def test_today_has_my_day(book: Any, counselor: StaffMember, make_staff: Any, signed_in: Any, at: Any) -> None:
    book(starts_at=at(2, 15))
    book(starts_at=at(3, 15))
    page = signed_in(counselor).get("/").content.decode()
    assert "My day" in page
    assert page.count('class="my-day__row') == 1
    assert "My day" not in signed_in(make_staff()).get("/").content.decode()

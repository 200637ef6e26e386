"""Working hours, time off, holidays and rooms: who may set them, and what follows."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.urls import reverse

from appointments import booking, schedules
from appointments.models import Appointment, Holiday, Room, TimeOff, WorkingHours
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal

pytestmark = pytest.mark.usefixtures("today")
TEN, NOON, ONE, FIVE = (datetime.time(hour) for hour in (10, 12, 13, 17))
D = datetime.date


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_new_hours_end_the_old_ones_the_day_before(counselor: StaffMember, today: datetime.date) -> None:
    schedules.set_hours(staff_member=counselor, stretches=[(0, TEN, FIVE)], starts_on=D(2026, 2, 1), by=counselor)
    schedules.set_hours(
        staff_member=counselor, stretches=[(0, TEN, NOON), (0, ONE, FIVE)], starts_on=D(2026, 3, 9), by=counselor
    )
    rows = WorkingHours.objects.filter(staff_member=counselor).order_by("first_day", "opens_at")
    assert [(each.opens_at, each.first_day, each.last_day) for each in rows] == [
        (TEN, D(2026, 2, 1), D(2026, 3, 8)),
        (TEN, D(2026, 3, 9), None),
        (ONE, D(2026, 3, 9), None),
    ]
    assert AuditEntry.objects.filter(act="appointments.set_hours", staff_member=counselor).count() == 2


def test_hours_that_are_set_again_for_the_same_day_replace_each_other(counselor: StaffMember) -> None:
    for stretches in ([(0, TEN, FIVE)], [(1, TEN, FIVE)], []):
        schedules.set_hours(staff_member=counselor, stretches=stretches, starts_on=D(2026, 3, 2), by=counselor)
        assert WorkingHours.objects.filter(staff_member=counselor).count() == len(stretches)


def test_hours_that_overlap_are_refused(counselor: StaffMember) -> None:
    with pytest.raises(Refusal, match="overlap"):
        schedules.set_hours(
            staff_member=counselor, stretches=[(0, TEN, FIVE), (0, NOON, ONE)], starts_on=D(2026, 3, 2), by=counselor
        )
    assert not WorkingHours.objects.exists()


def test_hours_decide_what_can_be_booked(book: Any, counselor: StaffMember) -> None:
    schedules.set_hours(staff_member=counselor, stretches=[(1, NOON, FIVE)], starts_on=D(2026, 3, 2), by=counselor)
    with pytest.raises(booking.NotAvailable, match="outside"):
        book()


def test_time_off_lists_what_is_booked_in_it_and_cancels_nothing(book: Any, counselor: StaffMember, at: Any) -> None:
    made = book()
    book(starts_at=at(4, 10))
    _, booked = schedules.take_time_off(
        staff_member=counselor, starts_at=at(3, 10, 30), ends_at=at(3, 17), words="Training", by=counselor
    )
    assert booked == [made]
    assert Appointment.objects.open().count() == 2
    with pytest.raises(schedules.EndBeforeStart):
        schedules.take_time_off(staff_member=counselor, starts_at=at(3, 10), ends_at=at(3, 10), by=counselor)


def test_only_their_own_or_with_the_permission(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, other_clinic: Clinic, at: Any
) -> None:
    colleague, foreign = make_staff(), make_staff("supervisor", clinic=other_clinic)
    for by in (colleague, foreign):
        with pytest.raises(NotPermitted):
            schedules.set_hours(staff_member=counselor, stretches=[], starts_on=D(2026, 3, 2), by=by)
        with pytest.raises(NotPermitted):
            schedules.take_time_off(staff_member=counselor, starts_at=at(3, 10), ends_at=at(3, 11), by=by)
    off, _ = schedules.take_time_off(staff_member=counselor, starts_at=at(3, 10), ends_at=at(3, 11), by=supervisor)
    with pytest.raises(NotPermitted):
        schedules.remove_time_off(off=off, by=colleague)
    schedules.remove_time_off(off=off, by=counselor)
    assert not TimeOff.objects.exists()


def test_holidays_and_rooms_are_the_schedulers(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, other_clinic: Clinic, book: Any
) -> None:
    made = book()
    holiday, booked = schedules.add_holiday(day=D(2026, 3, 3), name="Founders Day", by=supervisor)
    assert booked == [made]
    with pytest.raises(schedules.AlreadyThere):
        schedules.add_holiday(day=D(2026, 3, 3), name="Again", by=supervisor)
    with pytest.raises(NotPermitted):
        schedules.add_holiday(day=D(2026, 3, 4), name="Mine", by=counselor)
    foreign = make_staff("supervisor", clinic=other_clinic)
    with pytest.raises(NotPermitted):
        schedules.remove_holiday(holiday=holiday, by=foreign)
    room = schedules.save_room(room=None, name="Room 1", seats=3, is_in_use=True, by=supervisor)
    with pytest.raises(schedules.AlreadyThere):
        schedules.save_room(room=None, name="Room 1", seats=3, is_in_use=True, by=supervisor)
    with pytest.raises(NotPermitted):
        schedules.save_room(room=room, name="Theirs", seats=3, is_in_use=True, by=foreign)
    schedules.remove_holiday(holiday=holiday, by=supervisor)
    assert not Holiday.objects.exists()


def test_a_week_is_set_on_one_page(counselor: StaffMember, signed_in: Any) -> None:
    browser, address = signed_in(counselor), reverse("appointments:hours")
    assert "office hours count" in words(browser.get(address))
    sent = {
        "starts_on": "2026-03-02",
        "opens_0": "09:00",
        "closes_0": "17:00",
        "pause_0": "12:00",
        "resumes_0": "13:00",
    }
    browser.post(address, sent | {"opens_3": "10:00", "closes_3": "14:00"})
    assert WorkingHours.objects.filter(staff_member=counselor).count() == 3
    page = words(browser.get(address))
    assert 'value="12:00"' in page
    assert 'value="10:00"' in page


def test_the_page_shows_the_week_in_force_today_and_names_the_next(counselor: StaffMember, signed_in: Any) -> None:
    browser, address = signed_in(counselor), reverse("appointments:hours")
    schedules.set_hours(staff_member=counselor, stretches=[(0, ONE, FIVE)], starts_on=D(2026, 3, 9), by=counselor)
    answer = browser.get(address)
    assert answer.context["form"].initial == {}
    assert "office hours count." in words(answer).partition("<table")[0]
    assert "Other hours begin on Mar 9, 2026" in words(answer)
    WorkingHours.objects.create(
        staff_member=counselor, weekday=0, opens_at=TEN, closes_at=NOON, first_day=D(2026, 2, 1), last_day=D(2026, 3, 8)
    )
    assert browser.get(address).context["form"].initial == {"opens_0": TEN, "closes_0": NOON}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"opens_0": "09:00"}, "closes_0"),
        ({"opens_0": "17:00", "closes_0": "09:00"}, "closes_0"),
        ({"opens_0": "09:00", "closes_0": "17:00", "pause_0": "18:00", "resumes_0": "19:00"}, "pause_0"),
        ({"pause_0": "12:00"}, "resumes_0"),
        ({"opens_0": "soon", "closes_0": "09:00"}, "opens_0"),
    ],
)
def test_a_week_that_cannot_be_is_refused_beside_its_field(
    sent: dict[str, str], field: str, counselor: StaffMember, signed_in: Any
) -> None:
    answer = signed_in(counselor).post(reverse("appointments:hours"), {"starts_on": "2026-03-02"} | sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not WorkingHours.objects.exists()


def test_time_off_through_the_page_says_what_is_booked(book: Any, counselor: StaffMember, signed_in: Any) -> None:
    book()
    browser = signed_in(counselor)
    sent = {"starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T17:00", "words": "Training"}
    page = words(browser.post(reverse("appointments:take_time_off"), sent, follow=True))
    assert "1 appointment is already booked then, beginning with Mar 3, 10:00 AM" in page
    off = TimeOff.objects.get()
    browser.post(reverse("appointments:remove_time_off", args=[off.pk]))
    assert not TimeOff.objects.exists()
    backward = browser.post(reverse("appointments:take_time_off"), sent | {"ends_at": "2026-03-03T08:00"})
    assert backward.status_code == 422


def test_a_colleagues_hours_are_for_those_who_schedule(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, other_clinic: Clinic, signed_in: Any, at: Any
) -> None:
    off, _ = schedules.take_time_off(staff_member=counselor, starts_at=at(3, 10), ends_at=at(3, 11), by=counselor)
    address = reverse("appointments:hours")
    assert str(counselor) in words(signed_in(supervisor).get(address, {"staff": counselor.pk}))
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(stranger)
        assert browser.get(address, {"staff": counselor.pk}).status_code == 404
        assert browser.post(address, {"staff": counselor.pk, "starts_on": "2026-03-02"}).status_code == 404
        assert browser.post(reverse("appointments:remove_time_off", args=[off.pk])).status_code == 404
    assert TimeOff.objects.exists()


def test_holidays_and_rooms_have_a_page(
    supervisor: StaffMember, administrator: StaffMember, counselor: StaffMember, other_clinic: Clinic, signed_in: Any
) -> None:
    address = reverse("appointments:holidays")
    browser = signed_in(administrator)
    browser.post(address, {"day": "2026-07-03", "name": "Independence Day (observed)"})
    browser.post(address, {"name": "Room 1", "seats": "4", "is_in_use": "on"})
    page = words(browser.get(address))
    assert "Independence Day (observed)" in page
    assert "Room 1" in page
    assert browser.post(address, {"day": "2026-07-03", "name": "Again"}).status_code == 422
    assert browser.post(address, {"name": "Room 1", "seats": "4"}).status_code == 422
    room, holiday = Room.objects.get(), Holiday.objects.get()
    browser.post(reverse("appointments:room", args=[room.pk]), {"name": "Blue room", "seats": "4"})
    room.refresh_from_db()
    assert (room.name, room.is_in_use) == ("Blue room", False)
    theirs = Room.objects.create(clinic=other_clinic, name="Theirs")
    assert browser.get(reverse("appointments:room", args=[theirs.pk])).status_code == 404
    assert signed_in(counselor).get(address).status_code == 403
    signed_in(supervisor).post(reverse("appointments:remove_holiday", args=[holiday.pk]))
    assert not Holiday.objects.exists()

"""Group sessions take the time of their facilitators and of their room, as appointments do."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking, schedules, spans
from appointments.models import BookedSpan, Room
from groups import organizing, sessions
from groups.models import Group
from staff.models import Clinic, StaffMember
from tests import factories


@pytest.fixture(autouse=True)
def monday() -> Any:
    """Monday, March 2, 2026, 7 AM in the clinic (New York)."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def at(group: Group) -> Any:
    def moment(day: int, hour: int, minute: int = 0) -> datetime.datetime:
        return datetime.datetime(2026, 3, day, hour, minute, tzinfo=group.clinic.zone)

    return moment


def test_who_leads_a_session_cannot_be_booked(group: Group, facilitator: StaffMember, at: Any) -> None:
    sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    client = factories.ClientFactory(clinic=group.clinic, counselor=facilitator)
    with pytest.raises(spans.StaffTaken, match=r"from 10:00 to 11:30 AM"):
        booking.book(client=client, staff_member=facilitator, starts_at=at(3, 11), by=facilitator)


def test_a_session_is_not_planned_over_an_appointment_unless_somebody_says_why(
    group: Group, facilitator: StaffMember, at: Any
) -> None:
    client = factories.ClientFactory(clinic=group.clinic, counselor=facilitator)
    booking.book(client=client, staff_member=facilitator, starts_at=at(3, 11), by=facilitator)
    with pytest.raises(spans.StaffTaken):
        sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    assert not group.sessions.exists()
    sessions.plan(group=group, starts_at=at(3, 10), by=facilitator, overlap_reason="The client joins the group")
    assert BookedSpan.objects.filter(held_by="group_session").get().overlap_reason == "The client joins the group"


def test_the_reason_is_asked_for_once_the_time_was_refused_and_counts_for_that_time(
    group: Group, facilitator: StaffMember, at: Any, signed_in: Any
) -> None:
    client = factories.ClientFactory(clinic=group.clinic, counselor=facilitator)
    for hour in (11, 15):
        booking.book(client=client, staff_member=facilitator, starts_at=at(3, hour), by=facilitator)
    browser = signed_in(facilitator)
    page, send = (reverse(f"groups:{name}", args=[group.pk]) for name in ("sessions", "plan"))
    assert "Why both are needed" not in browser.get(page).content.decode()
    typed = {"starts_at": "2026-03-03T10:00", "minutes": 90, "topic": "", "method": ""}
    refused = browser.post(send, typed | {"overlap_reason": "Unasked"}).content.decode()
    assert "Why both are needed" in refused
    shown = refused.split('name="overlap_shown" value="')[1].split('"')[0]
    reason = {"overlap_reason": "The client joins the group", "overlap_shown": shown}
    assert (
        "Why both are needed" in browser.post(send, typed | reason | {"starts_at": "2026-03-03T14:30"}).content.decode()
    )
    assert not group.sessions.exists()
    assert browser.post(send, typed | reason).status_code == 302
    assert BookedSpan.objects.filter(held_by="group_session").get().overlap_reason == "The client joins the group"


def test_two_groups_do_not_meet_in_one_room(group: Group, facilitator: StaffMember, make_staff: Any, at: Any) -> None:
    Room.objects.create(clinic=group.clinic, name="room 2")  # the group's place, however it is written
    sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    other = factories.GroupFactory(clinic=group.clinic, room="Room 2")
    with pytest.raises(spans.RoomTaken, match="room 2 is taken"):
        sessions.plan(group=other, starts_at=at(3, 11), by=make_staff("supervisor"))


def test_a_canceled_session_gives_the_time_back(group: Group, facilitator: StaffMember, at: Any) -> None:
    session = sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    sessions.cancel(session=session, by=facilitator)
    assert not BookedSpan.objects.exists()


def test_weeks_in_which_the_time_is_taken_are_left_out_and_named(
    group: Group, facilitator: StaffMember, signed_in: Any, at: Any
) -> None:
    client = factories.ClientFactory(clinic=group.clinic, counselor=facilitator)
    booking.book(
        client=client,
        staff_member=facilitator,
        starts_at=at(10, 18),
        by=facilitator,
        outside_hours_reason="after hours",
    )
    page = signed_in(facilitator).post(
        reverse("groups:generate", args=[group.pk]), {"until": "2026-03-24"}, follow=True
    )
    assert [each.local_date.day for each in group.sessions.order_by("starts_at")] == [3, 17, 24]
    assert "3 sessions added." in page.content.decode()
    assert "Left out Mar 10, 2026" in page.content.decode()


def test_what_is_over_takes_nobodys_time(group: Group, facilitator: StaffMember, at: Any) -> None:
    sessions.plan(group=group, starts_at=at(1, 10), by=facilitator)
    assert not BookedSpan.objects.exists()


def rooms_taken() -> set[tuple[int, str]]:
    return set(BookedSpan.objects.exclude(room=None).values_list("holder_id", "room__name"))


def test_another_room_is_taken_for_the_sessions_ahead(
    group: Group, facilitator: StaffMember, supervisor: StaffMember, make_staff: Any, at: Any
) -> None:
    for name in ("Room 2", "Room 3"):
        Room.objects.create(clinic=group.clinic, name=name)
    over = sessions.plan(group=group, starts_at=at(1, 10), by=facilitator)
    led_by = make_staff()
    ahead = sessions.plan(group=group, starts_at=at(3, 10), by=facilitator, facilitators=[led_by])
    canceled = sessions.plan(group=group, starts_at=at(4, 10), by=facilitator)
    sessions.cancel(session=canceled, by=facilitator)
    client = factories.ClientFactory(clinic=group.clinic, counselor=led_by)
    booking.book(client=client, staff_member=led_by, starts_at=at(3, 11), by=led_by, overlap_reason="Brief visit")
    organizing.change(group=group, facilitators=[facilitator], by=supervisor, room="room 3")
    assert rooms_taken() == {(ahead.pk, "Room 3")}
    assert not BookedSpan.objects.filter(holder_id=over.pk, held_by="group_session").exists()
    assert BookedSpan.objects.filter(held_by="group_session", staff_member=led_by).get().holder_id == ahead.pk
    organizing.change(group=group, facilitators=[facilitator], by=supervisor, room="By video")
    assert rooms_taken() == set()
    assert BookedSpan.objects.filter(held_by="group_session", staff_member=led_by).exists()


def test_a_room_that_is_taken_then_is_refused(
    group: Group, facilitator: StaffMember, supervisor: StaffMember, make_staff: Any, at: Any
) -> None:
    for name in ("Room 2", "Room 3"):
        Room.objects.create(clinic=group.clinic, name=name)
    session = sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    other = factories.GroupFactory(clinic=group.clinic, room="Room 3")
    theirs = sessions.plan(group=other, starts_at=at(3, 11), by=make_staff("supervisor"))
    with pytest.raises(spans.RoomTaken, match="Room 3 is taken"):
        organizing.change(group=group, facilitators=[facilitator], by=supervisor, room="Room 3")
    group.refresh_from_db()
    assert group.room == "Room 2"
    assert rooms_taken() == {(session.pk, "Room 2"), (theirs.pk, "Room 3")}


def test_a_group_follows_a_room_that_is_renamed(
    group: Group, facilitator: StaffMember, administrator: StaffMember, other_clinic: Clinic, at: Any, signed_in: Any
) -> None:
    room = Room.objects.create(clinic=group.clinic, name="room 2")
    first = sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    elsewhere = factories.GroupFactory(clinic=other_clinic, room="Room 2")
    beside = factories.GroupFactory(clinic=group.clinic, room="Room 22")
    address = reverse("appointments:room", args=[room.pk])
    signed_in(administrator).post(address, {"name": "Blue room", "seats": "4", "is_in_use": "on"})
    for each in (group, elsewhere, beside):
        each.refresh_from_db()
    assert (group.room, elsewhere.room, beside.room) == ("Blue room", "Room 2", "Room 22")
    second = sessions.plan(group=group, starts_at=at(4, 10), by=facilitator)
    assert rooms_taken() == {(first.pk, "Blue room"), (second.pk, "Blue room")}


def test_a_room_that_gets_the_name_of_their_place_is_taken_for_sessions_ahead(
    group: Group, facilitator: StaffMember, supervisor: StaffMember, other_clinic: Clinic, at: Any
) -> None:
    over = sessions.plan(group=group, starts_at=at(1, 10), by=facilitator)
    ahead = sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    canceled = sessions.plan(group=group, starts_at=at(4, 10), by=facilitator)
    sessions.cancel(session=canceled, by=facilitator)
    elsewhere = factories.GroupFactory(clinic=other_clinic, room="Room 2")
    theirs = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    sessions.plan(group=elsewhere, starts_at=at(3, 10), by=theirs)
    assert rooms_taken() == set()
    added = schedules.save_room(room=None, name="ROOM 2", seats=8, is_in_use=True, by=supervisor)
    assert rooms_taken() == {(ahead.pk, "ROOM 2")}
    client = factories.ClientFactory(clinic=group.clinic, counselor=supervisor)
    with pytest.raises(spans.RoomTaken):
        booking.book(client=client, staff_member=supervisor, starts_at=at(3, 10), room=added, by=supervisor)
    schedules.save_room(room=added, name="Blue room", seats=8, is_in_use=True, by=supervisor)
    group.refresh_from_db()
    assert group.room == "Blue room"
    assert rooms_taken() == {(ahead.pk, "Blue room")}
    assert over.pk not in {pk for pk, _ in rooms_taken()}


def test_a_name_that_puts_two_things_into_one_room_is_refused_with_the_sessions(
    group: Group, facilitator: StaffMember, supervisor: StaffMember, make_staff: Any, at: Any, signed_in: Any
) -> None:
    room = Room.objects.create(clinic=group.clinic, name="Room 9")
    client = factories.ClientFactory(clinic=group.clinic, counselor=supervisor)
    booking.book(client=client, staff_member=supervisor, starts_at=at(3, 10, 30), room=room, by=supervisor)
    sessions.plan(group=group, starts_at=at(3, 10), by=facilitator)
    free = sessions.plan(group=group, starts_at=at(4, 10), by=facilitator)
    with pytest.raises(spans.RoomTaken) as refused:
        schedules.save_room(room=room, name="Room 2", seats=3, is_in_use=True, by=supervisor)
    assert f"{group}, Mar 3, 2026, 10:00 AM. Move these" in str(refused.value)
    assert "Mar 4" not in str(refused.value)
    room.refresh_from_db()
    assert room.name == "Room 9"
    page = signed_in(supervisor).post(
        reverse("appointments:room", args=[room.pk]), {"name": "Room 2", "seats": "3", "is_in_use": "on"}
    )
    assert "already meet in “Room 2”" in page.content.decode()

    other = factories.GroupFactory(clinic=group.clinic, room="Room 2")
    theirs = make_staff("supervisor")
    sessions.plan(group=other, starts_at=at(4, 10, 30), by=theirs)
    with pytest.raises(spans.RoomTaken) as refused:
        schedules.save_room(room=None, name="Room 2", seats=3, is_in_use=True, by=supervisor)
    assert f"{group}, Mar 4, 2026, 10:00 AM; {other}, Mar 4, 2026, 10:30 AM." in str(refused.value)
    assert not Room.objects.filter(name="Room 2").exists()
    assert free.pk not in {pk for pk, _ in rooms_taken()}


def test_a_night_session_takes_its_minutes_when_the_clocks_change(
    group: Group, facilitator: StaffMember, clinic: Clinic
) -> None:
    """Sunday, November 1, 2026: 90 minutes from 0:45 end at 1:15 for the second time, and no later."""
    begins = datetime.datetime(2026, 11, 1, 0, 45, tzinfo=clinic.zone)
    over = datetime.datetime(2026, 11, 1, 6, 15, tzinfo=datetime.UTC)
    session = sessions.plan(group=group, starts_at=begins, by=facilitator)
    assert session.ends_at == over
    assert {span.during.upper for span in BookedSpan.objects.all()} == {over}
    sessions.cancel(session=session, reason="Moved", by=facilitator)
    Group.objects.filter(pk=group.pk).update(weekday=6, starts_at=datetime.time(0, 45))
    group.refresh_from_db()
    client = factories.ClientFactory(clinic=group.clinic, counselor=facilitator)
    booking.book(
        client=client,
        staff_member=facilitator,
        starts_at=over,
        minutes=30,
        by=facilitator,
        outside_hours_reason="Night watch",
    )
    planned = sessions.generate(
        group=group, first=datetime.date(2026, 10, 31), until=datetime.date(2026, 11, 2), by=facilitator
    )
    assert planned.left_out == []

"""In person, booking offers times with a free room and takes one; calls and video need none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from appointments import booking
from appointments.models import Appointment, Room
from appointments.openings import value_of
from cases.models import Client
from staff.models import Program, StaffMember
from tests import factories

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def address(client_record: Client) -> str:
    return reverse("appointments:book", args=[client_record.pk])


@pytest.fixture
def typed(counselor: StaffMember, at: Any) -> dict[str, Any]:
    return {
        "purpose": "individual", "staff_member": counselor.pk, "minutes": 50, "mode": "in_person", "room": "any",
        "opening": value_of(at(3, 10)),
    }  # fmt: skip


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def taken(room: Room, staff_member: StaffMember, starts_at: Any, **facts: Any) -> Appointment:
    """The room is in use: a colleague meets someone else."""
    person = factories.ClientFactory(clinic=staff_member.clinic, counselor=staff_member)
    return booking.book(
        client=person, staff_member=staff_member, by=staff_member, starts_at=starts_at, room=room, tell=False, **facts
    )


def test_times_without_a_free_room_are_not_offered_in_person(
    room: Room, address: str, typed: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    taken(room, supervisor, at(2, 9), minutes=60)
    browser, value = signed_in(counselor), f'value="{value_of(at(2, 9))}"'
    page = words(browser.get(address))
    assert value not in page
    assert f'value="{value_of(at(2, 8))}"' in page
    assert "50 minutes, with a free room" in page
    assert '<option value="any" selected>First free room</option>' in page
    for without in ({"mode": "video"}, {"mode": "phone"}, {"room": ""}, {"purpose": "call"}):
        sent = {
            "purpose": "individual",
            "staff_member": counselor.pk,
            "minutes": 50,
            "mode": "in_person",
            "room": "any",
        }
        assert value in words(browser.post(address, sent | without | {"look": "1"})), without


def test_with_a_room_that_was_chosen_only_its_free_times_are_offered(
    room: Room, address: str, typed: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    other = Room.objects.create(clinic=counselor.clinic, name="Room 2")
    taken(other, supervisor, at(2, 9), minutes=60)
    browser, value = signed_in(counselor), f'value="{value_of(at(2, 9))}"'
    assert value in words(browser.get(address))
    page = words(browser.post(address, typed | {"room": other.pk, "look": "1"}))
    assert value not in page
    assert "50 minutes, with Room 2" in page


def test_the_first_free_room_is_taken(
    room: Room, address: str, typed: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    other = Room.objects.create(clinic=counselor.clinic, name="Room 2")
    taken(room, supervisor, at(3, 9, 30))
    signed_in(counselor).post(address, typed)
    assert Appointment.objects.latest("pk").room == other


def test_a_series_takes_the_room_that_is_free_on_most_days(
    room: Room, address: str, typed: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    other = Room.objects.create(clinic=counselor.clinic, name="Room 2")
    taken(room, supervisor, at(10, 10))
    signed_in(counselor).post(address, typed | {"every_weeks": "1", "until": "2026-03-24"})
    made = Appointment.objects.filter(series__isnull=False)
    assert made.count() == 4
    assert {each.room for each in made} == {other}


def test_where_no_room_is_free_the_refusal_stands_beside_the_room(
    room: Room, address: str, typed: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any, at: Any
) -> None:
    taken(room, supervisor, at(3, 10))
    browser = signed_in(counselor)
    answer = browser.post(address, typed)
    assert answer.status_code == 422
    assert "No room is free at that time." in words(answer)
    [shown] = re.findall(r'name="overlap_shown" value="([^"]+)"', answer.content.decode())
    browser.post(address, typed | {"overlap_reason": "They came early", "overlap_shown": shown})
    assert Appointment.objects.latest("pk").room is None


@pytest.mark.parametrize(
    "facts", [{"mode": "phone"}, {"mode": "video", "link": "https://v.example/1"}, {"purpose": "call"}]
)
def test_a_call_or_video_takes_no_room(
    room: Room, address: str, typed: Any, counselor: StaffMember, signed_in: Any, facts: dict[str, str]
) -> None:
    signed_in(counselor).post(address, typed | facts)
    assert Appointment.objects.get().room is None


def test_a_clinic_without_rooms_offers_its_times_as_before(
    address: str, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    page = words(signed_in(counselor).get(address))
    assert f'value="{value_of(at(2, 8))}"' in page
    assert "First free room" not in page


def test_the_program_comes_from_the_open_episode(
    address: str, typed: Any, client_record: Client, program: Program, counselor: StaffMember, signed_in: Any
) -> None:
    factories.TreatmentEpisodeFactory(client=client_record, program=program)
    signed_in(counselor).post(address, typed | {"room": ""})
    assert Appointment.objects.get().program == program


def test_a_sooner_time_of_a_colleague_in_the_program_is_offered(
    address: str, client_record: Client, program: Program, counselor: StaffMember, make_staff: Any, book: Any,
    signed_in: Any, at: Any,
) -> None:  # fmt: skip
    colleague, elsewhere = make_staff("counselor"), make_staff("counselor")
    program.staff_members.add(counselor, colleague)
    factories.TreatmentEpisodeFactory(client=client_record, program=program)
    book(starts_at=at(2, 8), minutes=240)
    browser = signed_in(counselor)
    page = browser.get(address)
    assert f"Sooner in {program}:" in words(page)
    assert f"?staff={colleague.pk}&amp;opening={value_of(at(2, 8))}" in page.content.decode()
    assert f"?staff={elsewhere.pk}&amp;" not in page.content.decode()
    led = browser.get(f"{address}?staff={colleague.pk}&opening={value_of(at(2, 8))}")
    assert f"First openings of {colleague}" in words(led)

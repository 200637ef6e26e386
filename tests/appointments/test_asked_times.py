"""A task “wants another time” leads to the page that gives one, with each time that was offered."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from appointments import asked_times, booking
from appointments.models import Appointment
from appointments.openings import value_of
from reminders.models import StaffTask
from staff.models import Clinic, StaffMember
from tests.appointments.replying import reply, told

__all__ = ["told"]

pytestmark = pytest.mark.usefixtures("today")
PAGES = ("reminders:tasks", "reminders:reminders", "reminders:client_reminders")


def links(page: Any, part: str) -> list[str]:
    return [unescape(each.split('"')[0]) for each in page.content.decode().split('href="')[1:] if part in each[:200]]


@pytest.mark.parametrize("name", PAGES)
def test_each_offered_time_leads_to_the_page_that_moves_it_there(
    told: Appointment, clinic: Clinic, counselor: StaffMember, signed_in: Any, at: Any, name: str
) -> None:
    reply(clinic, "R")
    browser = signed_in(counselor)
    here = reverse(name, args=[told.client_id] if "client" in name else [])
    move = reverse("appointments:move", args=[told.client_id, told.pk])
    offered = [one for one in links(browser.get(here), move) if "opening=" in one]
    assert len(offered) == 3
    assert f"opening={value_of(at(5, 8))}" in offered[0]
    page = browser.get(offered[0]).content.decode()
    opening = page.split(f'value="{value_of(at(5, 8))}"')[1]
    assert opening.split(">")[0].strip() == "checked"
    sent = {
        "staff_member": counselor.pk, "minutes": 50, "mode": "in_person", "room": "",
        "opening": value_of(at(5, 8)),
    }  # fmt: skip
    answer = browser.post(offered[0], sent)
    assert answer.url == here
    assert Appointment.objects.latest("pk").starts_at == at(5, 8)
    assert not StaffTask.objects.open().exists()
    assert StaffTask.objects.get().done_by == counselor


def test_a_time_that_was_taken_since_is_said(
    told: Appointment, book: Any, clinic: Clinic, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    reply(clinic, "R")
    book(starts_at=at(5, 8))
    address = reverse("appointments:move", args=[told.client_id, told.pk])
    page = signed_in(counselor).get(f"{address}?opening={value_of(at(5, 8))}").content.decode()
    assert "That time is no longer free." in page
    assert f'value="{value_of(at(5, 8))}"' not in page


def test_who_cannot_come_is_booked_anew_and_the_task_is_done(
    told: Appointment, clinic: Clinic, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    reply(clinic, "X")
    browser = signed_in(counselor)
    book = reverse("appointments:book", args=[told.client_id])
    first = links(browser.get(reverse("reminders:tasks")), book)[0]
    assert f"instead_of={told.pk}" in first
    sent = {
        "purpose": "individual", "staff_member": counselor.pk, "minutes": 50, "mode": "in_person",
        "opening": value_of(at(6, 9)),
    }  # fmt: skip
    browser.post(first, sent)
    assert Appointment.objects.latest("pk").starts_at == at(6, 9)
    assert not StaffTask.objects.open().exists()


def test_an_appointment_that_was_moved_since_has_no_links(
    told: Appointment, clinic: Clinic, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    reply(clinic, "R")
    booking.move(appointment=told, starts_at=at(6, 11), by=counselor)
    page = signed_in(counselor).get(reverse("reminders:tasks"))
    assert not links(page, f"/appointments/{told.pk}/move/")


@pytest.mark.parametrize("name", PAGES[:2])
def test_a_colleague_off_the_care_team_gets_no_link(
    told: Appointment, clinic: Clinic, make_staff: Any, signed_in: Any, name: str
) -> None:
    """Neither the name nor the appointment's number leaves with the list of tasks."""
    reply(clinic, "R")
    assert told.client is not None
    page = signed_in(make_staff("counselor")).get(reverse(name)).content.decode()
    assert f"/appointments/{told.pk}/" not in page
    assert told.client.full_name not in page


def test_who_may_not_book_gets_no_link(told: Appointment, clinic: Clinic, make_staff: Any) -> None:
    reply(clinic, "R")
    about = {"tasks": StaffTask.objects.values("pk"), "back": "/"}
    assert asked_times.links(staff_member=make_staff("administrator"), **about) == {}
    assert asked_times.links(staff_member=make_staff("supervisor"), **about)

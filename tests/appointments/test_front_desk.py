"""The front desk: who comes today, who waits since when, and one button for what happened."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking
from appointments.codes import Step
from staff.models import Clinic, StaffMember
from tests import factories

pytestmark = pytest.mark.usefixtures("today")
DESK = "/front-desk/"


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_todays_people_in_order_and_nobody_elses(
    book: Any, intake: StaffMember, supervisor: StaffMember, clinic: Clinic, counselor: StaffMember, signed_in: Any,
    at: Any,
) -> None:  # fmt: skip
    later = factories.ClientFactory(clinic=clinic, counselor=counselor, given_name="Lee", family_name="Later")
    book(client=later, starts_at=at(2, 14))
    book(starts_at=at(2, 9))
    book(starts_at=at(3, 9))
    page = words(signed_in(intake).get(DESK))
    assert page.count("<tr") == 1 + 2
    assert page.index("Robin Sample") < page.index("Lee Later")


def test_somebody_arrives_waits_and_is_seen(
    book: Any, intake: StaffMember, signed_in: Any, at: Any, counselor: StaffMember
) -> None:
    made = book(starts_at=at(2, 9))
    step = reverse("appointments:step", args=[made.client_id, made.pk])
    with time_machine.travel(at(2, 8, 50), tick=False):
        browser = signed_in(intake)
        answer = browser.post(step, {"step": "arrived", "back": DESK})
        assert answer["Location"] == DESK
    with time_machine.travel(at(2, 9, 5), tick=False):
        browser = signed_in(intake)
        page = words(browser.get(DESK))
        assert "waiting for 15 min" in page
        assert "1 waiting." in page
        browser.post(step, {"step": "kept", "back": DESK})
        assert "waiting for" not in words(browser.get(DESK))
    assert list(made.steps.order_by("pk").values_list("step", flat=True)) == [Step.BOOKED, Step.ARRIVED, Step.KEPT]


def test_buttons_are_there_when_they_can_be_pressed(book: Any, intake: StaffMember, signed_in: Any, at: Any) -> None:
    book(starts_at=at(2, 9))
    browser = signed_in(intake)
    before = words(browser.get(DESK))
    assert 'value="arrived"' in before
    assert 'value="no_show"' not in before
    with time_machine.travel(at(2, 9, 20), tick=False):
        after = words(signed_in(intake).get(DESK))
        assert 'value="no_show"' in after
        assert "not here yet" in after
    assert 'value="arrived"' not in words(browser.get(DESK, {"day": "2026-03-03"}))


def test_the_list_is_narrowed_by_person_state_and_day(
    book: Any, intake: StaffMember, supervisor: StaffMember, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    book(starts_at=at(2, 9))
    booking.cancel(appointment=book(starts_at=at(2, 11)), by=counselor, by_client=True)
    booking.move(appointment=book(starts_at=at(2, 13)), starts_at=at(3, 13), by=counselor)
    browser = signed_in(intake)

    def rows(**asked: Any) -> int:
        return words(browser.get(DESK, asked)).count("<tr") - 1

    assert rows() == 2  # what was moved is where it was moved to
    assert rows(state="canceled") == 1
    assert rows(state="open") == 1
    assert rows(day="2026-03-03") == 1
    assert rows(staff=counselor.pk) == 2
    assert "No matching appointments" in words(browser.get(DESK, {"staff": supervisor.pk}))
    assert rows(day="nonsense", staff="x") == 2


def test_a_counselor_sees_their_own_clients_only(
    book: Any, make_staff: Any, other_clinic: Clinic, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    book(starts_at=at(2, 9))
    assert "Robin Sample" in words(signed_in(counselor).get(DESK))
    for stranger in (make_staff(), make_staff("intake", clinic=other_clinic)):
        assert "Robin" not in words(signed_in(stranger).get(DESK))


def test_the_day_is_the_clinics(book: Any, intake: StaffMember, signed_in: Any, at: Any) -> None:
    """11 PM in New York is the next day in UTC."""
    book(starts_at=at(2, 9))
    with time_machine.travel(at(2, 23) + datetime.timedelta(minutes=30), tick=False):
        assert "Robin Sample" in words(signed_in(intake).get(DESK))

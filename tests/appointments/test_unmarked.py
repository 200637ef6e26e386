"""An appointment that is over, and of which nobody said what became of it, is asked about on Today."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking, unmarked
from appointments.codes import Step
from appointments.models import Appointment
from cases.intake import inquiries
from cases.models import Client
from staff.models import Clinic, ClinicThreshold, StaffMember
from tests import factories
from tests.appointments.stories import discharged

pytestmark = pytest.mark.django_db
ASKED = "What happened?"


@pytest.fixture
def clock() -> Any:
    """Monday, March 2, 2026, 7 AM in the clinic, and later by `move_to`."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


def today(signed_in: Any, reader: StaffMember) -> str:
    return " ".join(signed_in(reader).get(reverse("desk:today")).content.decode().split())


def asked(reader: StaffMember) -> list[str]:
    found = unmarked.needs(staff_member=reader, now=datetime.datetime.now(datetime.UTC))
    return [need.client_name for need in found if need.title == ASKED]


def last_step(appointment: Appointment) -> str:
    return str(appointment.steps.order_by("-pk").values_list("step", flat=True)[0])


def test_it_is_asked_an_hour_after_its_end_and_a_button_answers(
    clock: Any, book: Any, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    appointment = book(starts_at=at(2, 10))
    clock.move_to(at(2, 11, 49))
    assert ASKED not in today(signed_in, counselor)
    clock.move_to(at(2, 11, 50))
    page = today(signed_in, counselor)
    assert ASKED in page
    step_url = reverse("appointments:step", args=[appointment.client_id, appointment.pk])
    assert f'<form method="post" action="{step_url}">' in page
    assert re.findall(r'name="step" value="(\w+)"', page) == ["kept", "no_show"]
    answer = signed_in(counselor).post(step_url, {"step": "no_show", "back": reverse("desk:today")})
    assert answer.url == reverse("desk:today")
    assert last_step(appointment) == Step.NO_SHOW
    page = today(signed_in, counselor)
    assert ASKED not in page
    assert "Call about a missed appointment" in page


def test_who_arrived_can_only_have_stayed(clock: Any, book: Any, counselor: StaffMember, at: Any) -> None:
    """Without “Kept” nobody asks for the note."""
    appointment = book(starts_at=at(2, 10))
    clock.move_to(at(2, 10))
    booking.arrive(appointment=appointment, by=counselor)
    clock.move_to(at(2, 12))
    (need,) = unmarked.needs(staff_member=counselor, now=at(2, 12))
    assert [press.value for press in need.press] == ["kept"]


def test_only_ones_own_and_nothing_that_was_marked(
    clock: Any, book: Any, counselor: StaffMember, supervisor: StaffMember, at: Any
) -> None:
    mine = book(starts_at=at(2, 8))
    canceled, kept = book(starts_at=at(2, 9)), book(starts_at=at(2, 10))
    booking.cancel(appointment=canceled, by=counselor, by_client=True)
    booking.keep(appointment=kept, by=counselor)
    clock.move_to(at(2, 15))
    assert asked(counselor) == [mine.client.full_name]
    assert asked(supervisor) == []


def test_a_callers_appointment_is_asked_about_too(
    clock: Any, counselor: StaffMember, intake: StaffMember, signed_in: Any, at: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Casey", family_name="Sampleton", call_back_phone="(518) 555-0130")
    appointment = booking.book(inquiry=call, staff_member=counselor, starts_at=at(2, 10), by=intake)
    clock.move_to(at(2, 15))
    assert reverse("appointments:inquiry_step", args=[call.pk, appointment.pk]) in today(signed_in, counselor)


def test_nobody_is_asked_about_who_died(
    clock: Any, book: Any, client_record: Client, counselor: StaffMember, at: Any
) -> None:
    book(starts_at=at(3, 10))
    discharged(client_record, datetime.date(2026, 3, 2), reason="died")
    clock.move_to(at(3, 15))
    assert asked(counselor) == []


def test_the_clinic_says_how_long_it_waits(
    clock: Any, book: Any, clinic: Clinic, counselor: StaffMember, at: Any
) -> None:
    book(starts_at=at(2, 10))
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.unmarked_hours", value=24)
    clock.move_to(at(3, 10))
    assert asked(counselor) == []
    clock.move_to(at(3, 11))
    assert len(asked(counselor)) == 1


def test_many_cost_one_query_and_are_counted(clock: Any, counselor: StaffMember, at: Any) -> None:
    def cost(number: int) -> int:
        for place in range(number):
            client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
            booking.book(
                client=client, staff_member=counselor, starts_at=at(2, 8) + datetime.timedelta(minutes=10 * place),
                minutes=10, by=counselor, overlap_reason="A full day",
            )  # fmt: skip
        unmarked.needs(staff_member=counselor, now=at(2, 20))
        with CaptureQueriesContext(connection) as queries:
            unmarked.needs(staff_member=counselor, now=at(2, 20))
        return len(queries)

    assert cost(2) == cost(9)
    titles = [need.title for need in unmarked.needs(staff_member=counselor, now=at(2, 20))]
    assert titles == [ASKED] * 6 + ["5 more past appointments not marked"]


def test_today_is_the_only_page_beside_the_calendars_that_a_button_returns_to(
    clock: Any, book: Any, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    appointment = book(starts_at=at(2, 10))
    clock.move_to(at(2, 12))
    url = reverse("appointments:step", args=[appointment.client_id, appointment.pk])
    answer = signed_in(counselor).post(url, {"step": "kept", "back": "/privacy/"})
    assert answer.url == reverse("appointments:appointment", args=[appointment.client_id, appointment.pk])

"""Pages whose one purpose is to call show the number, and whether a voicemail may be left."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking, continuing_care
from appointments.models import Appointment
from cases.intake import inquiries
from cases.models import Client, ContactPoint, TreatmentEpisode
from privacy.models import ChartAccess
from staff.models import Clinic, StaffMember
from tests import factories
from tests.appointments.stories import discharged

MAY_1 = datetime.date(2026, 5, 1)
NUMBER = "+15185550130"
LINK = f'href="tel:{NUMBER}"'


@pytest.fixture(autouse=True)
def clock(clinic: Clinic) -> Any:
    """Noon of Friday, May 8, 2026 in the clinic."""
    with time_machine.travel(datetime.datetime(2026, 5, 8, 12, tzinfo=clinic.zone), tick=False):
        yield


@pytest.fixture
def stay(clock: Any, client_record: Client) -> TreatmentEpisode:
    return discharged(client_record, MAY_1)


@pytest.fixture
def missed(clock: Any, client_record: Client, counselor: StaffMember, clinic: Clinic) -> Appointment:
    at = datetime.datetime(2026, 5, 8, 9, tzinfo=clinic.zone)
    made = booking.book(client=client_record, staff_member=counselor, by=counselor, starts_at=at, tell=False)
    return booking.no_show(appointment=made, by=counselor)


@pytest.fixture
def number(client_record: Client) -> ContactPoint:
    """An older number, the preferred one, and an address."""
    common = {"client": client_record, "messages_ok": True}
    ContactPoint.objects.create(
        kind="phone", value="518-555-0111", normalized="+15185550111", voicemail_ok=True, **common
    )
    ContactPoint.objects.create(
        kind="email", value="a@b.example", normalized="a@b.example", is_preferred=True, **common
    )
    return ContactPoint.objects.create(
        kind="phone", value="518.555.0130", normalized=NUMBER, is_preferred=True, label="own cell", **common
    )


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def pages(client: Client, missed: Appointment, stay: TreatmentEpisode, by: StaffMember) -> list[str]:
    call = continuing_care.record_call(episode=stay, outcome="not_reached", by=by)
    return [
        reverse("appointments:follow_up", args=[client.pk]),
        reverse("appointments:follow_up_call", args=[client.pk, call.pk]),
        reverse("appointments:no_show", args=[client.pk, missed.pk]),
        reverse("appointments:follow_ups"),
    ]


def test_the_preferred_number_and_no_voicemail(
    client_record: Client, number: ContactPoint, stay: Any, missed: Any, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    for page in pages(client_record, missed, stay, counselor):
        shown = words(browser.get(page))
        assert LINK in shown, page
        assert "(518) 555-0130" in shown
        assert "<strong>no voicemail</strong>" in shown
        assert "555-0111" not in shown
        with CaptureQueriesContext(connection) as asked:
            browser.get(page)
        assert len(asked) <= 12, page


def test_what_a_voicemail_can_say(
    client_record: Client, number: ContactPoint, stay: Any, missed: Any, counselor: StaffMember, signed_in: Any
) -> None:
    number.voicemail_ok, number.safe_words = True, "The office called"
    number.save()
    Client.objects.filter(pk=client_record.pk).update(must_not_reveal="Not to the landlord")
    for page in pages(client_record, missed, stay, counselor):
        shown = words(signed_in(counselor).get(page))
        assert "voicemail OK: “The office called”" in shown
        assert "Not to the landlord" in shown
        assert "no voicemail" not in shown


def test_without_a_number_it_says_so(
    client_record: Client, stay: Any, missed: Any, counselor: StaffMember, signed_in: Any
) -> None:
    for page in pages(client_record, missed, stay, counselor):
        assert "No number on record." in words(signed_in(counselor).get(page))


def test_a_callers_number(counselor: StaffMember, intake: StaffMember, signed_in: Any, clinic: Clinic) -> None:
    call = inquiries.take(by=intake, given_name="Casey", call_back_phone="(518) 555-0130")
    at = datetime.datetime(2026, 5, 8, 9, tzinfo=clinic.zone)
    made = booking.book(inquiry=call, staff_member=counselor, by=intake, starts_at=at, tell=False)
    booking.no_show(appointment=made, by=intake)
    shown = words(signed_in(intake).get(reverse("appointments:inquiry_no_show", args=[call.pk, made.pk])))
    assert LINK in shown
    assert "<strong>no voicemail</strong>" in shown


def test_each_number_in_the_list_counts_as_a_chart_that_was_opened(
    client_record: Client, number: ContactPoint, stay: Any, counselor: StaffMember, make_staff: Any, signed_in: Any
) -> None:
    elsewhere = factories.ClientFactory(clinic=counselor.clinic, counselor=make_staff())
    discharged(elsewhere, MAY_1)
    ContactPoint.objects.create(client=elsewhere, kind="phone", value="518-555-0188", normalized="+15185550188")
    page = words(signed_in(counselor).get(reverse("appointments:follow_ups")))
    assert LINK in page
    assert "555-0188" not in page
    opened = ChartAccess.objects.filter(view_name="appointments:follow_ups")
    assert list(opened.values_list("client_id", "staff_member_id")) == [(client_record.pk, counselor.pk)]

"""Use told of in a follow-up call: an inquiry begins with what is on record, is linked, and settles Today's line."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import continuing_care
from appointments.models import FollowUpCall
from cases.models import Client, ContactPoint, Inquiry
from privacy.models import ChartAccess
from staff.models import Clinic, StaffMember
from tests import factories
from tests.appointments.stories import discharged

TAKE = reverse("cases:take_inquiry")
SENT = {
    "relation": "self",
    "language": "English",
    "given_name": "Robin",
    "family_name": "Sample",
    "reason": "Used on Friday",
}


@pytest.fixture(autouse=True)
def clock(clinic: Clinic) -> Any:
    with time_machine.travel(datetime.datetime(2026, 5, 8, 12, tzinfo=clinic.zone), tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(clock: Any, client_record: Client, counselor: StaffMember) -> FollowUpCall:
    stay = discharged(client_record, datetime.date(2026, 5, 1))
    return continuing_care.record_call(episode=stay, outcome="reached", said_use="yes", by=counselor)


@pytest.fixture
def known(client_record: Client) -> Client:
    Client.objects.filter(pk=client_record.pk).update(birth_date="1990-02-03", must_not_reveal="Not to the landlord")
    ContactPoint.objects.create(
        client=client_record, kind="phone", value="518-555-0130", normalized="+15185550130", is_preferred=True,
        voicemail_ok=True, safe_words="The office called",
    )  # fmt: skip
    client_record.refresh_from_db()
    return client_record


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_call_leads_to_an_inquiry_that_knows_the_client_and_settles_it(
    call: FollowUpCall, known: Client, counselor: StaffMember, signed_in: Any, clock: Any
) -> None:
    browser = signed_in(counselor)
    assert "Use reported in a follow-up call" in words(browser.get("/"))
    address = f"{TAKE}?client={known.pk}"
    page = words(browser.get(reverse("appointments:follow_up_call", args=[known.pk, call.pk])))
    assert f'href="{address}"' in page
    answer = browser.get(address)
    page = words(answer)
    assert f'name="client" value="{known.pk}"' in page
    form = answer.context["form"]
    assert form["given_name"].value() == known.given_name
    assert str(form["birth_date"].value()) == "1990-02-03"
    assert form["call_back_phone"].value() == "518-555-0130"
    assert form["voicemail_ok"].value() is True
    assert form["voicemail_words"].value() == "The office called"
    assert form["must_not_reveal"].value() == "Not to the landlord"
    opened = ChartAccess.objects.get(view_name="cases:take_inquiry")
    assert (opened.client_id, opened.staff_member) == (known.pk, counselor)
    clock.shift(60)
    browser.post(TAKE, SENT | {"client": known.pk})
    inquiry = Inquiry.objects.get()
    assert inquiry.client == known
    assert not inquiry.is_draft
    assert "Use reported in a follow-up call" not in words(browser.get("/"))


def test_looking_and_what_is_refused_keep_the_client(known: Client, counselor: StaffMember, signed_in: Any) -> None:
    browser = signed_in(counselor)
    for sent in (SENT | {"look": "1"}, SENT | {"birth_date": "nonsense"}):
        assert f'name="client" value="{known.pk}"' in words(browser.post(TAKE, sent | {"client": known.pk}))
    assert not Inquiry.objects.exists()


def test_a_call_that_turns_out_to_be_about_someone_else_is_not_linked(
    known: Client, counselor: StaffMember, signed_in: Any
) -> None:
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    answer = signed_in(counselor).post(TAKE, SENT | {"client": known.pk, "open_with": other.pk})
    assert Inquiry.objects.get().client is None
    assert f"person={other.pk}" in answer.url


def test_the_same_person_chosen_among_the_likely_ones_is_linked(
    known: Client, counselor: StaffMember, signed_in: Any
) -> None:
    signed_in(counselor).post(TAKE, SENT | {"client": known.pk, "open_with": known.pk})
    assert Inquiry.objects.get().client == known


@pytest.mark.parametrize("bad", ["0", "999999999", "x", "9" * 30])
def test_a_client_who_is_not_there(bad: str, counselor: StaffMember, signed_in: Any) -> None:
    browser = signed_in(counselor)
    assert browser.get(f"{TAKE}?client={bad}").status_code == 404
    assert browser.post(TAKE, SENT | {"client": bad}).status_code == 404
    assert not Inquiry.objects.exists()


def test_strangers_learn_nothing_and_link_nothing(
    known: Client, make_staff: Any, other_clinic: Clinic, signed_in: Any
) -> None:
    """Neither name, birth date, number nor what must not be revealed, and no call on a chart that isn't theirs."""
    for stranger in (make_staff("counselor"), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(stranger)
        answers = [browser.get(f"{TAKE}?client={known.pk}"), browser.post(TAKE, SENT | {"client": known.pk})]
        answers.append(browser.post(f"{TAKE}?client={known.pk}", SENT | {"look": "1"}))
        for answer in answers:
            assert answer.status_code == 404
            for secret in (known.full_name, "1990", "555-0130", "landlord"):
                assert secret not in answer.content.decode()
    assert not Inquiry.objects.exists()

"""The search box: every word is a beginning, suggestions while typing, and Enter opens the one person who is found."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Client
from staff.models import Program, StaffMember
from tests import factories

BORN = datetime.date(1988, 5, 14)


@pytest.fixture
def marcus(make_client: object, program: Program, supervisor: StaffMember) -> Client:
    client = make_client(given_name="Marcus", family_name="Fictional", birth_date=BORN)
    factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=supervisor)
    make_client(given_name="Marta", family_name="Elsewhere")
    return client


@pytest.mark.parametrize("text", ["ma", "Marcus Fic", "fic mar", "Fictional, M", "fic", "FICTIONAL 1988", "5/14/1988"])
def test_suggestions_come_from_two_letters_in_any_order(
    marcus: Client, intake: StaffMember, signed_in: object, text: str
) -> None:
    page = signed_in(intake).post(reverse("cases:client_suggest"), {"q": text}).content.decode()
    assert "Marcus Fictional" in page
    assert "born 1988" in page
    assert "Outpatient" in page
    assert reverse("desk:chart", args=[marcus.pk]) in page


@pytest.mark.parametrize("text", ["", " ", "m", "ktional", "Markus Fiktional", "x" * 500, "\x00", "\ud800", "²", "#"])
def test_nothing_is_guessed_while_typing(marcus: Client, intake: StaffMember, signed_in: object, text: str) -> None:
    answer = signed_in(intake).post(reverse("cases:client_suggest"), {"q": text.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200
    assert "Marcus" not in answer.content.decode()


def test_suggestions_hold_only_whom_the_reader_may_see(
    marcus: Client, counselor: StaffMember, other_clinic: object, medical: StaffMember, signed_in: object
) -> None:
    for stranger in (counselor, factories.StaffMemberFactory(clinic=other_clinic, role="intake")):
        answer = signed_in(stranger).post(reverse("cases:client_suggest"), {"q": "marcus"})
        assert answer.content.decode().strip() == ""
    factories.CareTeamMemberFactory(client=marcus, staff_member=counselor)
    assert "Marcus" in signed_in(counselor).post(reverse("cases:client_suggest"), {"q": "marcus"}).content.decode()


def test_names_are_never_asked_for_by_address(marcus: Client, intake: StaffMember, signed_in: object) -> None:
    assert signed_in(intake).get(reverse("cases:client_suggest"), {"q": "marcus"}).status_code == 405


def test_suggestions_cost_the_same_for_one_and_for_many(
    intake: StaffMember, make_client: object, signed_in: object
) -> None:
    desk, counts = signed_in(intake), []
    for number in range(1, 20):
        make_client(given_name="Zora", family_name=f"Many{number}")
        if number in (1, 19):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                desk.post(reverse("cases:client_suggest"), {"q": "zora"})
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("text", ["Marcus Fic", "fictional", "#{0}", "5/14/1988"])
def test_enter_opens_a_single_hit(marcus: Client, intake: StaffMember, signed_in: object, text: str) -> None:
    answer = signed_in(intake).post(reverse("cases:clients"), {"q": text.format(marcus.pk)})
    assert answer["Location"] == reverse("desk:chart", args=[marcus.pk])


@pytest.mark.parametrize("text", ["ma", "Markus Fiktional", "nobody at all", ""])
def test_what_is_guessed_or_not_alone_is_shown_and_not_opened(
    marcus: Client, intake: StaffMember, signed_in: object, text: str
) -> None:
    answer = signed_in(intake).post(reverse("cases:clients"), {"q": text})
    assert answer["Location"] == reverse("cases:clients")


def test_scenario_13_two_of_one_name_and_birth_date_are_never_opened_unasked(
    intake: StaffMember, make_client: object, signed_in: object
) -> None:
    one, two = (make_client(given_name="Maria", family_name=name, birth_date=BORN) for name in ("Lopez", "López"))
    desk = signed_in(intake)
    assert desk.post(reverse("cases:clients"), {"q": "Maria Lopez"})["Location"] == reverse("cases:clients")
    which = {reverse("cases:client_which", args=[each.pk]) for each in (one, two)}
    page = desk.post(reverse("cases:client_suggest"), {"q": "maria lo"}).content.decode()
    for address in which:
        assert address in page
    assert f"No. {one.pk}" in page
    assert desk.post(reverse("cases:clients"), {"q": f"#{one.pk}"})["Location"] in which

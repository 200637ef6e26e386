"""A mistyped year is refused with a sentence, and by the database."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import admissions, relapses, sobriety
from cases.models import Client, Relapse, SobrietyStatement, TreatmentEpisode
from cases.possible_days import BeforeBirth, BeforeTreatment, LongPast
from staff.models import Program, StaffMember

D = datetime.date


@pytest.fixture
def born(client_record: Client) -> Client:
    client_record.birth_date = D(1985, 4, 3)
    client_record.save()
    return client_record


@pytest.mark.parametrize(
    ("day", "refusal"), [(D(206, 3, 2), LongPast), (D(1899, 12, 31), LongPast), (D(1985, 4, 2), BeforeBirth)]
)
def test_returns_to_use_and_stated_dates(born: Client, counselor: StaffMember, day: D, refusal: type) -> None:
    with pytest.raises(refusal):
        relapses.record(client=born, started_on=day, ended_on=day, by=counselor)
    with pytest.raises(refusal):
        relapses.record(client=born, started_on=D(2026, 3, 2), overdosed_on=day, by=counselor)
    with pytest.raises(refusal):
        sobriety.state(client=born, sobriety_date=day, by=counselor)
    row = relapses.record(client=born, started_on=D(2001, 3, 2), by=counselor)
    with pytest.raises(refusal):
        relapses.amend(relapse=row, started_on=day, by=counselor)


def test_where_the_birth_date_is_not_known_only_1900_counts(client_record: Client, counselor: StaffMember) -> None:
    client_record.birth_date = None
    client_record.save()
    relapses.record(client=client_record, started_on=D(1960, 3, 2), ended_on=D(1960, 3, 2), by=counselor)
    with pytest.raises(LongPast):
        relapses.record(client=client_record, started_on=D(1860, 3, 2), by=counselor)


@pytest.mark.parametrize(
    ("day", "refusal"),
    [(D(1900, 1, 1), BeforeTreatment), (D(206, 1, 1), BeforeTreatment), (D(1985, 4, 2), BeforeBirth)],
)
def test_admissions(born: Client, program: Program, supervisor: StaffMember, day: D, refusal: type) -> None:
    with pytest.raises(refusal):
        admissions.admit(client=born, program=program, level_of_care="1.5", admitted_on=day, by=supervisor)


def test_the_page_says_it_and_keeps_what_was_typed(
    born: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office, url = signed_in(counselor), reverse("cases:relapse_new", args=[born.pk])
    answer = office.post(url, {"started_on": "0206-03-02", "learned": "Not alone"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This day is before 1900. Check the year." in page
    assert "Not alone" in page
    answer = office.post(url, {"started_on": "1980-03-02"})
    assert "before the client was born (Apr 3, 1985)" in answer.content.decode()
    stated = office.post(reverse("cases:state_sobriety_date", args=[born.pk]), {"sobriety_date": "0206-03-02"})
    assert (stated.status_code, "before 1900" in stated.content.decode()) == (422, True)


def test_the_database_refuses_them_too(client_record: Client, program: Program, counselor: StaffMember) -> None:
    facts = {"client": client_record, "recorded_by": counselor}
    wrong = [
        lambda: Relapse.objects.create(started_on=D(206, 3, 2), recorded_at=timezone.now(), **facts),
        lambda: Relapse.objects.create(
            started_on=D(2026, 3, 2), overdosed_on=D(206, 3, 2), recorded_at=timezone.now(), **facts
        ),
        lambda: SobrietyStatement.objects.create(sobriety_date=D(206, 3, 2), stated_at=timezone.now(), **facts),
        lambda: TreatmentEpisode.objects.create(
            client=client_record, program=program, admitted_on=D(206, 3, 2), admitted_by=counselor
        ),
    ]
    for create in wrong:
        with pytest.raises(IntegrityError, match="since_1900"), transaction.atomic():
            create()

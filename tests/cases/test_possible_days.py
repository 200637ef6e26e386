"""A mistyped year is refused with a sentence, and by the database."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.episodes import admissions
from cases.models import Client, SobrietyStatement, TreatmentEpisode
from cases.possible_days import BeforeBirth, BeforeTreatment, LongPast
from cases.recovery import relapses, sobriety
from counseling import measures
from staff.day_rules import DayWritten
from staff.models import Program, StaffMember
from tests import factories
from tests.ownership import as_owner

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
    assert "This date is before 1900. Check the year." in page
    assert "Not alone" in page
    answer = office.post(url, {"started_on": "1980-03-02"})
    assert "before the client was born (Apr 3, 1985)" in answer.content.decode()
    stated = office.post(reverse("cases:state_sobriety_date", args=[born.pk]), {"sobriety_date": "0206-03-02"})
    assert (stated.status_code, "before 1900" in stated.content.decode()) == (422, True)


def test_the_database_refuses_them_too(client_record: Client, program: Program, counselor: StaffMember) -> None:
    facts = {"client": client_record, "recorded_by": counselor}
    wrong = [
        lambda: factories.RelapseFactory(started_on=D(206, 3, 2), recorded_at=timezone.now(), **facts),
        lambda: factories.RelapseFactory(
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


def from_before_the_rule(row: Model, **days: object) -> None:
    """Write days that nobody could write today, as rows hold them that were there before the rule."""
    table = row._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        type(row)._base_manager.filter(pk=row.pk).update(**days)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_rows_from_before_the_rule_go_on_with_their_client(
    make_client: Callable[..., Client], program: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    """Days are looked at where they are written: a merge moves the row, whatever day it says."""
    keep, absorb = (make_client(counselor=counselor, birth_date=day) for day in (D(1985, 4, 3), None))
    episode = admissions.admit(
        client=absorb, program=program, level_of_care="1.5", admitted_on=D(2026, 1, 5), by=counselor
    )
    use = relapses.record(client=absorb, started_on=D(2026, 3, 2), by=counselor)
    answers: Any = dict.fromkeys(map(str, range(1, 8)), 0)
    measure = measures.record(client=absorb, instrument="gad-7", answers=answers, by=counselor)
    long_ago = datetime.datetime(26, 3, 1, tzinfo=datetime.UTC)
    from_before_the_rule(measure, taken_at=long_ago)
    from_before_the_rule(use, started_on=D(26, 3, 2))
    from_before_the_rule(episode, expected_discharge_on=D(9999, 12, 31))
    from_before_the_rule(absorb, birth_date=D(26, 4, 3))

    Client.objects.filter(pk=absorb.pk).update(city="Springfield")
    admissions.discharge(
        episode=TreatmentEpisode.objects.get(pk=episode.pk), discharged_on=D(2026, 3, 3), reason="completed",
        by=counselor,
    )  # fmt: skip
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    for row in (measure, use, episode):
        row.refresh_from_db()
        assert row.client_id == keep.pk
    assert measure.taken_at == long_ago

    for row, wrong in (
        (use, {"started_on": D(27, 3, 2)}),
        (episode, {"expected_discharge_on": D(9999, 12, 30)}),
        (episode, {"admitted_on": D(26, 1, 5)}),
        (absorb, {"birth_date": D(26, 4, 4)}),
    ):
        with pytest.raises(IntegrityError, match="since_1900"), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**wrong)


def test_every_day_of_the_rules_is_watched_in_the_database(db: None) -> None:
    """The rules are triggers, two to a column, which makemigrations cannot see: all that the models name are there."""
    named = {
        (model._meta.db_table, rule.name + suffix)
        for model in apps.get_models()
        for rule in model._meta.constraints
        if isinstance(rule, DayWritten)
        for suffix in ("", "_new")
    }
    assert len(named) >= 70
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgfoid = 'staff_day_not_possible'::regproc"
            " AND tgenabled = 'O'"
        )
        assert set(cursor.fetchall()) == named

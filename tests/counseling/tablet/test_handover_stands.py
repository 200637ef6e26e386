"""Tablet answers are saved exactly once, whoever ends the session, and can't be changed."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from cases import merging
from counseling import measures
from counseling.codes import Instrument
from counseling.measures import instrument_texts
from counseling.models import Handover, HandoverMeasure, Measure
from counseling.tablet import handover
from counseling.thresholds import TABLET_IDLE_MINUTES
from staff.models import AuditEntry
from tests import factories
from tests.counseling.measures.test_measure_pages import fake_words
from tests.ownership import as_owner

OPEN = "counseling_handover"
PART = "counseling_handovermeasure"


@pytest.fixture
def out(db: None, client_record, episode, counselor) -> Handover:
    opened = handover.open(client=client_record, instruments=["phq-9", "gad-7"], by=counselor)
    for question in handover.questions(opened)[:3]:
        handover.answer(handover=opened, question=question, choice="2")
    return opened


def commit(attack: Callable[[], Any]) -> None:
    """The attack, in a transaction of its own that comes to its end."""
    with transaction.atomic():
        attack()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def run(sql: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)


WHEN_ENDED = [
    f"UPDATE {OPEN} SET ended_how = 'finished', ended_by_id = NULL",
    f"UPDATE {OPEN} SET ended_at = NULL, ended_how = '', ended_by_id = NULL",
    f"UPDATE {OPEN} SET closes_at = ends_at",
    f"UPDATE {OPEN} SET token_hash = repeat('a', 64)",
    f"DELETE FROM {OPEN}",
    f"TRUNCATE {OPEN} CASCADE",
    f"""UPDATE {PART} SET answers = '{{"9": 0}}'""",
    f"UPDATE {PART} SET measure_id = NULL",
    f"DELETE FROM {PART}",
    f"TRUNCATE {PART}",
    f"INSERT INTO {PART} (handover_id, place, instrument, answers) SELECT id, 3, 'audit-c', '{{}}' FROM {OPEN}",
]
WHILE_OPEN = [
    f"UPDATE {OPEN} SET opened_by_id = (SELECT max(id) FROM staff_staffmember)",
    f"UPDATE {OPEN} SET token_hash = repeat('a', 64)",
    f"UPDATE {OPEN} SET ends_at = ends_at + interval '1 day'",
    f"UPDATE {OPEN} SET active_at = opened_at - interval '1 minute'",
    f"UPDATE {OPEN} SET ended_at = now(), ended_how = 'finished'",  # without what was answered becoming a measure
    f"UPDATE {OPEN} SET ended_how = 'taken_back'",
    f"DELETE FROM {OPEN}",
    f"UPDATE {PART} SET instrument = 'audit-c' WHERE place = 1",
    f"UPDATE {PART} SET instrument = 'c-ssrs' WHERE place = 1",
    f"DELETE FROM {PART}",
]


@pytest.mark.parametrize("sql", WHEN_ENDED)
def test_once_ended_nothing_changes(out, supervisor, sql):
    handover.take_back(handover=out, by=supervisor)
    commit(lambda: None)
    with pytest.raises(DatabaseError):
        commit(lambda: run(sql))
    assert Measure.objects.get().on_a_tablet.answers == {"1": 2, "2": 2, "3": 2}


@pytest.mark.parametrize("sql", WHILE_OPEN)
def test_while_it_is_out_what_was_opened_stands(out, supervisor, sql):
    commit(lambda: None)
    with pytest.raises(DatabaseError):
        commit(lambda: run(sql))


def test_the_words_that_are_shown_stay_those_that_were_chosen(out, supervisor):
    words = fake_words("phq-9")
    text = instrument_texts.install(instrument=Instrument.PHQ9, words=words, by=supervisor)
    commit(lambda: None)
    with pytest.raises(DatabaseError, match="what is asked stands"):
        commit(lambda: HandoverMeasure.objects.filter(place=1).update(text=text))


def test_nor_does_the_orm_in_bulk(out, client_record, clinic):
    other = factories.ClientFactory(clinic=clinic)
    with pytest.raises(DatabaseError):
        commit(lambda: Handover.objects.update(client=other))
    handover.finish(handover=out)
    for attack in (
        lambda: Handover.objects.update(client=other),
        lambda: Handover.objects.update(active_at=timezone.now()),
        lambda: HandoverMeasure.objects.filter(place=1).update(answers={}),
        lambda: Handover.objects.all().delete(),
        lambda: HandoverMeasure.objects.all().delete(),
        lambda: Measure.objects.all().delete(),
    ):
        with as_owner(), pytest.raises((DatabaseError, models.ProtectedError)):
            commit(attack)


def test_a_measure_of_somebody_else_does_not_hang_under_it(out, clinic, counselor):
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    theirs = measures.record(client=other, instrument="phq-9", answers={"1": 2, "2": 2, "3": 2}, by=counselor)
    with pytest.raises(DatabaseError):
        commit(lambda: HandoverMeasure.objects.filter(place=1).update(measure=theirs))

    def ended() -> None:
        HandoverMeasure.objects.filter(place=1).update(measure=theirs)
        Handover.objects.update(ended_at=timezone.now(), ended_how="finished")

    with pytest.raises(DatabaseError):
        commit(ended)


def test_one_token_opens_one(out, clinic, counselor):
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    again = handover.open(client=other, instruments=["phq-9"], by=counselor)
    assert again.token_hash != out.token_hash
    with pytest.raises(DatabaseError):
        commit(
            lambda: run(
                f"INSERT INTO {OPEN} (client_id, token_hash, opened_by_id, opened_at, idle_minutes, active_at,"
                f" closes_at, ends_at, ended_how) SELECT client_id, '{out.token_hash}', opened_by_id, opened_at,"
                f" idle_minutes, active_at, closes_at, ends_at, '' FROM {OPEN} WHERE id = {again.pk}"
            )
        )


def test_the_administration_has_no_page_for_it():
    assert not {Handover, HandoverMeasure} & set(admin.site._registry)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("late", [False, True])
def test_client_counselor_page_and_beat_end_it_at_once_and_it_is_kept_once(late: bool) -> None:
    clinic = factories.ClinicFactory(name="Example Clinic")
    counselor, colleague = (
        factories.StaffMemberFactory(clinic=clinic, role=role) for role in ("counselor", "supervisor")
    )
    client = factories.ClientFactory(clinic=clinic, counselor=counselor)
    out = handover.open(client=client, instruments=["phq-9", "gad-7"], by=counselor)
    for question in handover.questions(out):
        handover.answer(handover=out, question=question, choice="1")
    minutes = TABLET_IDLE_MINUTES.default + 1 if late else 0
    ready = threading.Barrier(8)
    faults: list[BaseException] = []

    def end(how: Callable[[], Any]) -> None:
        try:
            ready.wait()
            how()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    ways: list[Callable[[], Any]] = [
        lambda: handover.finish(handover=out),
        lambda: handover.take_back(handover=out, by=colleague),
        lambda: handover.end_due(timezone.now()),
        lambda: handover.opened_by_token(out.token),
    ] * 2
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=minutes), tick=True):
        threads = [threading.Thread(target=end, args=(way,)) for way in ways]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert faults == []
    assert sorted(Measure.objects.values_list("instrument", "total")) == [("gad-7", 7), ("phq-9", 9)]
    assert AuditEntry.objects.filter(act="counseling.end_handover").count() == 1
    assert (Handover.objects.get().ended_how == "timed_out") is late


@pytest.mark.django_db(transaction=True)
def test_two_windows_open_one_tablet() -> None:
    clinic = factories.ClinicFactory(name="Example Clinic")
    counselor = factories.StaffMemberFactory(clinic=clinic, role="counselor")
    client = factories.ClientFactory(clinic=clinic, counselor=counselor)
    ready = threading.Barrier(2)
    came: list[str] = []

    def try_it() -> None:
        try:
            ready.wait()
            handover.open(client=client, instruments=["phq-9"], by=counselor)
            came.append("opened")
        except handover.InTheirHands:
            came.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(came) == ["opened", "refused"]


@pytest.mark.django_db(transaction=True)
def test_two_records_are_joined_while_the_client_hands_it_in() -> None:
    clinic = factories.ClinicFactory(name="Example Clinic")
    counselor, supervisor = (
        factories.StaffMemberFactory(clinic=clinic, role=role) for role in ("counselor", "supervisor")
    )
    kept = factories.ClientFactory(clinic=clinic, counselor=counselor)
    faults: list[BaseException] = []
    for _ in range(4):
        twin = factories.ClientFactory(clinic=clinic, counselor=counselor)
        out = handover.open(client=twin, instruments=["phq-9", "gad-7"], by=counselor)
        for question in handover.questions(out):
            handover.answer(handover=out, question=question, choice="1")
        ready = threading.Barrier(2)

        def at_once(do: Callable[[], Any], ready: threading.Barrier = ready) -> None:
            try:
                ready.wait()
                do()
            except BaseException as fault:
                faults.append(fault)
            finally:
                connection.close()

        ways: list[Callable[[], Any]] = [
            lambda twin=twin: merging.merge(keep=kept, absorb=twin, by=supervisor),  # type: ignore[misc]
            lambda out=out: handover.finish(handover=out),  # type: ignore[misc]
        ]
        threads = [threading.Thread(target=at_once, args=(way,)) for way in ways]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert faults == []
    assert Measure.objects.filter(client=kept).count() == 8

"""Scores can't be changed; a measure entered in error stays on record but does not count."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from cases import merging
from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import risk
from counseling.models import Measure, MeasureWithdrawal
from counseling.panels import today
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted
from tests.counseling.signing.test_attacks import WAYS, now
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
REFUSED = "stands as it was scored|cannot be truncated|append-only|the answers come to"
OTHER: dict[str, Any] = {
    "total": 3,
    "band": "Minimal",
    "answers": {"1": 0},
    "requires": "",
    "rules_version": 9,
    "instrument": "gad-7",
    "taken_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
}


@pytest.fixture
def phq(client_record, episode, counselor) -> Measure:
    """Mild, and question 9 is not “not at all”."""
    answers = [1] * 5 + [0, 0, 0, 1]
    taken = measures.record(client=client_record, instrument="phq-9", answers=answers, by=counselor, episode=episode)
    now()
    return taken


def commit(attack: Callable[[], Any]) -> None:
    with transaction.atomic():
        attack()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OTHER)
def test_no_answer_no_score_and_no_date_is_changed_after_the_fact(phq, name, way):
    before = list(Measure.objects.values())
    value = OTHER[name]
    if name == "answers" and way.startswith("sql"):
        value = '{"1": 0}'
    with as_owner(), pytest.raises(DatabaseError, match=REFUSED):
        commit(lambda: WAYS[way](Measure.objects.all(), name, value))
    assert list(Measure.objects.values()) == before


def test_the_admin_changes_none_either(phq, supervisor, administrator, signed_in):
    before = list(Measure.objects.values())
    for person in (supervisor, administrator):
        person.is_superuser = person.is_staff = True
        person.save()
        browser = signed_in(person)
        browser.post(reverse("admin:counseling_measure_change", args=[phq.pk]), {"total": "3", "_save": "Save"})
        browser.post(reverse("admin:counseling_measure_delete", args=[phq.pk]), {"post": "yes"})
        several = {"action": "delete_selected", "_selected_action": [phq.pk], "post": "yes"}
        browser.post(reverse("admin:counseling_measure_changelist"), several)
    made = admin.site._registry[Measure]
    request = RequestFactory().post("/")
    request.user = StaffMember.objects.get(pk=supervisor.pk)
    for attempt in (
        lambda: made.delete_model(request, Measure.objects.get()),
        lambda: made.delete_queryset(request, Measure.objects.all()),
        lambda: Measure.objects.get().save(),
    ):
        with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
            attempt()
    assert list(Measure.objects.values()) == before


def test_a_measure_goes_along_with_a_merge_and_to_nobody_else(phq, client_record, make_client, supervisor):
    twin, stranger = make_client(), make_client()
    with as_owner(), pytest.raises(DatabaseError, match="stands as it was scored"), transaction.atomic():
        Measure.objects.update(client=stranger)
    joined = merging.merge(keep=twin, absorb=client_record, by=supervisor)
    phq.refresh_from_db()
    assert (phq.client, phq.total) == (twin, 6)
    with as_owner(), pytest.raises(DatabaseError, match="stands as it was scored"), transaction.atomic():
        Measure.objects.update(client=stranger)
    merging.unmerge(merge=joined, by=supervisor)
    phq.refresh_from_db()
    assert phq.client == client_record


@pytest.mark.parametrize(
    "wrong",
    [
        {"instrument": "phq-9", "answers": {str(n): 3 for n in range(1, 10)}, "total": 28},  # no PHQ-9 comes to 28
        {"instrument": "phq-9", "answers": {str(n): 1 for n in range(1, 10)}, "total": 8},  # they come to 9
        {"instrument": "phq-9", "answers": {str(n): 1 for n in range(1, 9)}, "total": 8},  # question 9 is missing
        {"instrument": "phq-9", "answers": {"1": 1}, "band": "Mild"},
        {"instrument": "barc-10", "answers": {str(n): 1 for n in range(1, 11)}, "total": 9},
        {"instrument": "bam", "answers": {str(n): 1 for n in range(1, 18)}, "total": 17},  # a BAM has no total
        {"instrument": "bam", "answers": {"4": 1}, "subscales": {"use": 1}},
        {"instrument": "c-ssrs", "answers": {"1": 0, "2": 0}, "band": "No risk identified"},
        {"instrument": "dast-10", "answers": {str(n): 0 for n in range(1, 11)}, "total": 0},  # question 3 is reversed
        {"instrument": "mood-99", "answers": {"1": 1}},
        {"instrument": "phq-9", "answers": {}},
    ],
)
def test_the_database_takes_no_result_that_cannot_be(client_record, counselor, wrong):
    row = {"client": client_record, "rules_version": 1, "taken_at": timezone.now(), "recorded_by": counselor}
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.create(**row, **wrong)
    assert not Measure.objects.exists()


@pytest.mark.parametrize("instrument", Instrument.values)
def test_whatever_the_functions_score_the_database_takes(client_record, counselor, instrument):
    form = FORMS[Instrument(instrument)]
    for place in (0, -1):
        answers = {item.key: item.allowed[place] for item in form.items}
        assert measures.record(client=client_record, instrument=instrument, answers=answers, by=counselor).is_scored
    half = {item.key: item.allowed[0] for item in form.items[1:]}
    assert not measures.record(client=client_record, instrument=instrument, answers=half, by=counselor).is_scored
    scored = Measure.objects.scored().count()
    assert (scored, Measure.objects.count()) == (2, 3)


def everything_that_counts(client, reader, browser) -> dict[str, Any]:
    """What each reader of measures has to say."""
    day = timezone.localdate(timezone=client.clinic.zone)
    page = browser.get(reverse("counseling:measures", args=[client.pk]))
    return {
        "latest": [each.pk for each in measures.latest(client)],
        "alarms": [each.pk for each in measures.unanswered_alarms().filter(client=client)],
        "risk": risk.readings(client=client, on=day),
        "holds": [each.sentence for each in risk.closing_holds(client=client, on=day)],
        "today": [need.title for need in today.needs(staff_member=reader, now=timezone.now())],
        "alarms on the page": [each.pk for each in page.context["alarms"]],
    }


def test_taken_back_it_counts_nowhere_and_stays_on_record(client_record, episode, counselor, signed_in):
    browser = signed_in(counselor)
    as_it_was = everything_that_counts(client_record, counselor, browser)
    wrong = measures.record(client=client_record, instrument="phq-9", answers=[3] * 9, by=counselor, episode=episode)
    mistaken = everything_that_counts(client_record, counselor, browser)
    assert {name for name in as_it_was if as_it_was[name] == mistaken[name]} == set()
    measures.withdraw(measure=wrong, reason="  Was another  client ", by=counselor)
    assert everything_that_counts(client_record, counselor, browser) == as_it_was
    kept = Measure.objects.get()
    assert (kept.total, kept.withdrawal.reason, kept.withdrawal.by) == (27, "Was another client", counselor)
    assert AuditEntry.objects.filter(act="counseling.withdraw_measure", subject_id=wrong.pk).exists()


def test_taking_back_the_screener_brings_the_alarm_back(client_record, phq, counselor):
    asked = measures.record(client=client_record, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    assert not measures.unanswered_alarms()
    measures.withdraw(measure=asked, reason="Not asked at all, ticked by mistake", by=counselor)
    assert list(measures.unanswered_alarms()) == [phq]


def test_taking_back_a_high_screener_lets_the_one_before_speak_again(client_record, counselor):
    at = timezone.now()
    hour = datetime.timedelta(hours=1)
    none = {1: 0, 2: 0, 6: 0}
    measures.record(client=client_record, instrument="c-ssrs", answers=none, by=counselor, taken_at=at - hour)
    high = measures.record(client=client_record, instrument="c-ssrs", answers={**none, 2: 1, 4: 1}, by=counselor)
    day = timezone.localdate(timezone=client_record.clinic.zone)
    assert [each[2] for each in risk.readings(client=client_record, on=day)] == [True]
    measures.withdraw(measure=high, reason="Belongs to somebody else", by=counselor)
    assert [each[2] for each in risk.readings(client=client_record, on=day)] == [False]


def test_why_must_be_said_and_once_is_enough(phq, counselor):
    with pytest.raises(measures.WhyTakenBack):
        measures.withdraw(measure=phq, reason="  ", by=counselor)
    measures.withdraw(measure=phq, reason="Twice entered", by=counselor)
    with pytest.raises(measures.AlreadyTakenBack):
        measures.withdraw(measure=phq, reason="Again", by=counselor)
    assert MeasureWithdrawal.objects.get().reason == "Twice entered"


def test_only_who_may_write_for_this_person_takes_back(phq, intake, medical, make_staff):
    for stranger in (intake, make_staff("counselor"), make_staff("privacy_officer")):
        with pytest.raises(NotPermitted):
            measures.withdraw(measure=phq, reason="Not mine", by=stranger)
    assert measures.withdraw(measure=phq, reason="Counted twice", by=medical).by == medical


@pytest.mark.parametrize("way", WAYS)
def test_what_was_taken_back_stays_taken_back(phq, counselor, way):
    measures.withdraw(measure=phq, reason="Twice entered", by=counselor)
    now()
    before = list(MeasureWithdrawal.objects.values())
    with as_owner(), pytest.raises(DatabaseError, match=REFUSED):
        commit(lambda: WAYS[way](MeasureWithdrawal.objects.all(), "reason", "Never mind"))
    assert list(MeasureWithdrawal.objects.values()) == before


def test_nothing_is_filled_in_tomorrow(client_record, counselor):
    tomorrow = timezone.now() + datetime.timedelta(days=1, hours=1)
    with pytest.raises(measures.NotYetFilledIn):
        measures.record(client=client_record, instrument="phq-9", answers=[0] * 9, by=counselor, taken_at=tomorrow)
    assert not Measure.objects.exists()


def test_the_history_of_a_measure_is_one_line(phq):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label FROM counseling_measureevent WHERE pgh_obj_id = %s", [phq.pk])
        assert cursor.fetchall() == [("insert",)]


def test_a_form_that_was_sent_twice_is_one_measure(client_record, counselor, medical):
    given = {"client": client_record, "instrument": "phq-9", "answers": [1] * 8 + [0]}
    first = measures.record(**given, by=counselor)
    assert measures.record(**given, by=counselor) == first
    other = [
        measures.record(**given, by=medical),
        measures.record(**{**given, "answers": [2] * 8 + [0]}, by=counselor),
        measures.record(**given, by=counselor, taken_at=timezone.now() - datetime.timedelta(hours=4)),
    ]
    assert Measure.objects.count() == 1 + len(other)
    measures.withdraw(measure=first, reason="Was another client", by=counselor)
    assert measures.record(**given, by=counselor) != first

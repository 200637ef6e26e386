"""Safety concerns: the one owner of the question whether somebody may come to harm is cases/safety/concerns.py."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cases import assessments, merging, safety
from cases.intake import inquiries
from cases.models import SafetyEvaluation
from cases.possible_days import BeforeBirth
from counseling import measures, notes
from staff.models import AuditEntry, Role
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

from .concerns import DAY, HIGH, HOUR, MODERATE, NONE, concerns, evaluate, screen, today_of

pytestmark = pytest.mark.django_db

# what opens a concern


def test_a_high_cssrs_is_open_until_a_clinician_records_an_evaluation(client_record, counselor) -> None:
    assert concerns(client_record) == []
    screen(client_record, counselor)
    [sentence] = concerns(client_record)
    assert sentence.startswith("The C-SSRS screener of ")
    assert sentence.endswith(" is high.")
    screen(client_record, counselor, NONE)  # asking again answers nothing
    assert len(concerns(client_record)) == 1
    evaluation = evaluate(client_record, counselor)
    assert concerns(client_record) == []
    entry = AuditEntry.objects.get(act="cases.evaluate_safety")
    assert (entry.subject_id, entry.client_id, entry.staff_member) == (evaluation.pk, client_record.pk, counselor)
    assert "Thoughts" not in str(entry.details)


@pytest.mark.parametrize("answers", [MODERATE, NONE, {"1": 1}])
def test_other_screens_open_none(client_record, counselor, answers) -> None:
    screen(client_record, counselor, answers)
    assert concerns(client_record) == []


def test_a_high_one_broken_off_counts_and_one_taken_back_does_not(client_record, counselor) -> None:
    broken_off = screen(client_record, counselor, {"2": 1, "5": 1})
    assert not broken_off.is_scored
    assert len(concerns(client_record)) == 1
    measures.withdraw(measure=broken_off, reason="was another client", by=counselor)
    assert concerns(client_record) == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"suicidal_intent": True}, "intent"),
        ({"suicidal_behavior": True}, "behavior"),
        ({"suicidal_intent": True, "suicidal_behavior": True}, "intent and behavior"),
    ],
)
def test_a_placement_assessment_opens_one(client_record, intake, answers, said) -> None:
    assessments.record(client=client_record, by=intake, **answers)
    [sentence] = concerns(client_record)
    assert sentence.endswith(f"records suicidal {said}.")


def test_answers_of_no_danger_open_none(client_record, intake) -> None:
    assessments.record(
        client=client_record, by=intake, suicidal_intent=False, suicidal_behavior=None, suicide_risk_moderate=True
    )
    assert concerns(client_record) == []


def test_a_call_that_told_of_suicide_counts_once_it_is_about_a_client(client_record, counselor, intake) -> None:
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["suicide", "withdrawal"])
    other = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    evaluate(client_record, counselor)  # before anybody knew whom the call was about
    inquiries.link(inquiry=other, client=client_record, by=intake)
    assert concerns(client_record) == []
    inquiries.link(inquiry=call, client=client_record, by=intake)
    [fact] = safety.open_concerns(client=client_record, on=today_of(client_record))
    assert fact.sentence.startswith("Thoughts of suicide were reported")
    assert (fact.page, fact.recorded_by_id) == (reverse("cases:inquiry", args=[call.pk]), intake.pk)


def test_a_session_note_that_found_a_high_risk_counts_as_a_draft_too(client_record, program, counselor) -> None:
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    note = notes.start(client=client_record, episode=episode, by=counselor, session_started_at=timezone.now() - HOUR)
    note = notes.save_draft(note=note, version=note.version, by=counselor, risk_screen="moderate")
    assert concerns(client_record) == []
    note = notes.save_draft(note=note, version=note.version, by=counselor, risk_screen="high")
    [sentence] = concerns(client_record)
    assert sentence.endswith("found high risk.")
    notes.discard(note=note, by=counselor)
    assert concerns(client_record) == []


# what closes it and opens it again


def test_what_is_recorded_afterwards_opens_it_again_also_for_an_earlier_day(client_record, counselor) -> None:
    screen(client_record, counselor)
    evaluate(client_record, counselor)
    screen(client_record, counselor, at=timezone.now() - 3 * DAY)
    assert len(concerns(client_record)) == 1
    evaluate(client_record, counselor)
    assert concerns(client_record) == []
    screen(client_record, counselor, {**HIGH, "5": 1})
    assert len(concerns(client_record)) == 1


def test_an_evaluation_before_the_danger_does_not_answer_it(client_record, counselor) -> None:
    screen(client_record, counselor)
    evaluate(client_record, counselor, evaluated_at=timezone.now() - 2 * HOUR)
    assert len(concerns(client_record)) == 1


def test_people_type_the_minute(client_record, counselor) -> None:
    at = timezone.now().replace(second=40) - HOUR
    screen(client_record, counselor, at=at)
    evaluate(client_record, counselor, evaluated_at=at.replace(second=0, microsecond=0))
    assert concerns(client_record) == []


def test_other_answers_in_the_assessment_need_another_evaluation(client_record, counselor) -> None:
    row = assessments.record(client=client_record, by=counselor, suicidal_intent=True)
    evaluate(client_record, counselor)
    assessments.amend(assessment=row, by=counselor, barriers="No car")
    assert concerns(client_record) == []
    assessments.amend(assessment=row, by=counselor, suicidal_behavior=True)
    assert len(concerns(client_record)) == 1


def test_asked_about_a_day_only_what_was_known_up_to_its_end_counts(client_record, counselor) -> None:
    screen(client_record, counselor)
    today = today_of(client_record)
    assert safety.open_concerns(client=client_record, on=today - DAY) == []
    assert len(safety.open_concerns(client=client_record, on=today)) == 1


def test_somebody_elses_evaluation_answers_nothing(client_record, make_client, counselor) -> None:
    screen(client_record, counselor)
    evaluate(make_client(counselor=counselor), counselor)
    assert len(concerns(client_record)) == 1


# recording it


@pytest.mark.parametrize("role", [Role.INTAKE_COORDINATOR, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER])
def test_only_clinicians_record_one(client_record, make_staff, role) -> None:
    with pytest.raises(NotPermitted):
        evaluate(client_record, make_staff(role))


def test_a_counselor_off_the_care_team_does_not(client_record, make_staff, counselor) -> None:
    screen(client_record, counselor)
    with pytest.raises(NotPermitted):
        evaluate(client_record, make_staff(Role.COUNSELOR))


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"found": "  "}, safety.SayWhatWasFound),
        ({"done": ""}, safety.SayWhatWasFound),
        ({"next_check_on": None}, safety.NextCheckOrWhyNone),
        ({"next_check_on": None, "no_check_because": "  "}, safety.NextCheckOrWhyNone),
        ({"next_check_on": datetime.date(2026, 1, 1)}, safety.CheckNotPossible),
        ({"next_check_on": datetime.date(9999, 12, 31)}, safety.CheckNotPossible),
        ({"evaluated_at": datetime.datetime(9999, 12, 31, 23, 30, tzinfo=datetime.UTC)}, safety.NotYetEvaluated),
        ({"evaluated_at": datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)}, BeforeBirth),
    ],
)
def test_what_is_missing_or_impossible_is_refused(client_record, counselor, given, refusal) -> None:
    with pytest.raises(refusal):
        evaluate(client_record, counselor, **given)
    assert not SafetyEvaluation.objects.exists()


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"found": " "}, "safety_evaluation_says_found_and_done"),
        ({"done": ""}, "safety_evaluation_says_found_and_done"),
        ({"next_check_on": None}, "safety_evaluation_next_check_or_why_none"),
        ({"no_check_because": "None needed"}, "safety_evaluation_next_check_or_why_none"),
        ({"evaluated_at": datetime.datetime(2190, 1, 1, tzinfo=datetime.UTC)}, "safety_evaluation_is_not_to_come"),
    ],
)
def test_the_database_holds_it_too(client_record, counselor, changed, constraint) -> None:
    now = timezone.now()
    row = {
        "client": client_record, "evaluated_at": now, "evaluated_by": counselor, "found": "A", "done": "B",
        "next_check_on": today_of(client_record), "recorded_at": now,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SafetyEvaluation.objects.create(**{**row, **changed})


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_safetyevaluation SET found = 'Nothing'",
        "UPDATE cases_safetyevaluation SET answers = '{}'",
        "UPDATE cases_safetyevaluation SET client_id = (SELECT max(id) FROM cases_client)",
        "DELETE FROM cases_safetyevaluation",
        "TRUNCATE cases_safetyevaluation",
    ],
)
def test_nobody_rewrites_one(client_record, make_client, counselor, sql) -> None:
    evaluate(client_record, counselor)
    make_client()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="safety evaluation"), transaction.atomic():
            cursor.execute(sql)


def test_merged_and_taken_apart_again_each_keeps_its_own(client_record, make_client, counselor, supervisor) -> None:
    other = make_client(counselor=counselor, given_name="Robin", family_name="Sampel")
    screen(other, counselor)
    evaluation = evaluate(other, counselor)
    screen(client_record, counselor)
    joined = merging.merge(keep=client_record, absorb=other, by=supervisor)
    evaluation.refresh_from_db()
    assert evaluation.client == client_record
    assert len(concerns(client_record)) == 1  # the one that was answered stays answered
    merging.unmerge(merge=joined, by=supervisor)
    evaluation.refresh_from_db()
    assert evaluation.client == other
    assert (len(concerns(client_record)), concerns(other)) == (1, [])


def test_an_open_danger_is_not_edited_away(client_record, counselor, intake) -> None:
    row = assessments.record(client=client_record, by=intake, suicidal_intent=True)
    with pytest.raises(safety.EvaluateFirst):
        assessments.amend(assessment=row, by=intake, suicidal_intent=False)
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["suicide", "withdrawal"])
    inquiries.link(inquiry=call, client=client_record, by=intake)
    with pytest.raises(safety.EvaluateFirst):
        inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    with pytest.raises(safety.EvaluateFirst):
        inquiries.unlink(inquiry=call, reason="Other", by=intake)
    assert len(concerns(client_record)) == 2
    inquiries.amend(inquiry=call, by=intake, danger_signs=["suicide", "withdrawal", "violence"])  # more is always heard
    evaluate(client_record, counselor)
    with pytest.raises(inquiries.SayWhyNoDanger):  # nobody has called back yet
        inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"], no_danger_because="Said of somebody else.")
    assert not assessments.amend(assessment=row, by=intake, suicidal_intent=False).suicidal_intent


# placement


def test_an_unanswered_question_9_holds_the_decision_too(client_record, counselor) -> None:
    row = assessments.record(
        client=client_record, by=counselor, suicidal_intent=False, suicidal_behavior=False, emergency_signs=False,
        use_days=1, span_days=1, use_stopped=True,
    )  # fmt: skip
    measures.record(client=client_record, instrument="phq-9", answers=[0] * 8 + [3], by=counselor)
    with pytest.raises(assessments.SafetyFirst, match="requires the C-SSRS"):
        assessments.decide(assessment=row, setting=1, reason="Wants to go home", by=counselor)
    screen(client_record, counselor, {"1": 0, "2": 0, "6": 0})
    assert assessments.decide(assessment=row, setting=1, reason="Wants to go home", by=counselor).decided_setting == 1


def test_no_level_of_care_is_decided_while_a_concern_is_open(client_record, counselor) -> None:
    row = assessments.record(
        client=client_record, by=counselor, suicidal_intent=False, suicidal_behavior=False, emergency_signs=False,
        use_days=1, span_days=1, use_stopped=True,
    )  # fmt: skip
    screen(client_record, counselor)
    with pytest.raises(assessments.SafetyFirst):
        assessments.decide(assessment=row, setting=1, reason="Wants to go home", by=counselor)
    evaluate(client_record, counselor)
    assert assessments.decide(assessment=row, setting=1, reason="Wants to go home", by=counselor).decided_setting == 1

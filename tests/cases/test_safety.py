"""Safety concerns: the one owner of the question whether somebody may come to harm is cases/safety.py."""

from __future__ import annotations

import datetime
import html
import importlib
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import assessments, inquiries, merging, placement, safety, today_safety
from cases.models import CareTeamMember, Client, LevelOfCareAssessment, SafetyEvaluation
from cases.possible_days import BeforeBirth
from counseling import measures, notes
from staff.models import AuditEntry, Role, StaffMember
from staff.needs import Need, Urgency
from staff.refusals import NotPermitted
from staff.typed_days import FarAhead
from tests import factories

pytestmark = pytest.mark.django_db

HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
MODERATE = {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0}
NONE = {"1": 0, "2": 0, "6": 0}
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def screen(client: Client, by: StaffMember, answers: dict[str, int] = HIGH, at: datetime.datetime | None = None) -> Any:
    return measures.record(client=client, instrument="c-ssrs", answers=answers, by=by, taken_at=at)


def today_of(client: Client) -> datetime.date:
    return timezone.localdate(timezone=client.clinic.zone)


def evaluate(client: Client, by: StaffMember, **given: Any) -> SafetyEvaluation:
    said = {"found": "Thoughts without a plan.", "done": "Safety plan, 988.", "next_check_on": today_of(client) + DAY}
    return safety.evaluate(client=client, by=by, **{**said, **given})


def concerns(client: Client) -> list[str]:
    return [fact.sentence for fact in safety.open_concerns(client=client, on=today_of(client))]


def on_today(reader: StaffMember) -> list[Need]:
    return today_safety.needs(staff_member=reader, now=timezone.now())


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
    assert sentence.endswith(f"says suicidal {said}.")


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
    assert fact.sentence.endswith("told of thoughts of suicide.")
    assert (fact.page, fact.recorded_by_id) == (reverse("cases:inquiry", args=[call.pk]), intake.pk)


def test_a_session_note_that_found_a_high_risk_counts_as_a_draft_too(client_record, program, counselor) -> None:
    episode = factories.make_episode(client_record, program, by=counselor)
    note = notes.start(client=client_record, episode=episode, by=counselor, session_started_at=timezone.now() - HOUR)
    note = notes.save_draft(note=note, version=note.version, by=counselor, risk_screen="moderate")
    assert concerns(client_record) == []
    note = notes.save_draft(note=note, version=note.version, by=counselor, risk_screen="high")
    [sentence] = concerns(client_record)
    assert sentence.endswith("found a high risk.")
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
    with connection.cursor() as cursor:
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


def test_what_was_signed_in_placement_before_is_an_evaluation(client_record, counselor) -> None:
    row = assessments.record(client=client_record, by=counselor, suicidal_intent=True)
    assessments.record(client=client_record, by=counselor, suicidal_behavior=True)
    LevelOfCareAssessment.objects.filter(pk=row.pk).update(
        safety_assessed_at=timezone.now(), safety_assessed_by=counselor
    )
    migration = importlib.import_module("cases.migrations.0016_safety_evaluations")
    with connection.cursor() as cursor:
        cursor.execute(migration.SIGNED_BEFORE.sql)
    [left] = concerns(client_record)
    assert left.endswith("says suicidal behavior.")
    assert SafetyEvaluation.objects.get().evaluated_by == counselor


def test_an_open_danger_is_not_edited_away(client_record, counselor, intake) -> None:
    row = assessments.record(client=client_record, by=intake, suicidal_intent=True)
    with pytest.raises(safety.EvaluateFirst):
        assessments.amend(assessment=row, by=intake, suicidal_intent=False)
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["suicide", "withdrawal"])
    inquiries.link(inquiry=call, client=client_record, by=intake)
    with pytest.raises(safety.EvaluateFirst):
        inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    with pytest.raises(safety.EvaluateFirst):
        inquiries.unlink(inquiry=call, reason="Somebody else", by=intake)
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
    with pytest.raises(assessments.SafetyFirst, match="asks for the C-SSRS"):
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


# Today


def test_it_is_heard_by_the_care_team_who_recorded_it_and_every_supervisor(
    client_record, counselor, medical, supervisor, make_staff, other_clinic, intake
) -> None:
    second = make_staff(Role.SUPERVISOR)
    screen(client_record, medical)
    for reader in (counselor, medical, supervisor, second):
        [need] = on_today(reader)
        assert (need.urgency, need.title) == (Urgency.NOW, "Evaluate safety")
        assert need.client_name == client_record.full_name
        assert need.url == reverse("cases:safety", args=[client_record.pk])
        assert isinstance(need.due, datetime.datetime)
    for stranger in (
        make_staff(Role.COUNSELOR), make_staff(Role.MEDICAL), intake, make_staff(Role.PRIVACY_OFFICER),
        make_staff(Role.SUPERVISOR, clinic=other_clinic),
    ):  # fmt: skip
        assert on_today(stranger) == []
    evaluate(client_record, counselor)
    assert [on_today(reader) for reader in (counselor, medical, supervisor, second)] == [[]] * 4


def test_an_intake_coordinator_hears_of_what_they_recorded_and_no_more(client_record, counselor, intake) -> None:
    row = assessments.record(client=client_record, by=intake, suicidal_intent=True)
    screen(client_record, counselor)
    [need] = on_today(intake)
    assert need.title == "Get a clinician to evaluate safety"
    assert need.url == reverse("cases:assessment", args=[client_record.pk, row.pk])
    assert "C-SSRS" not in need.detail


def test_who_recorded_it_and_may_see_the_client_no_longer_hears_without_the_chart(client_record, counselor) -> None:
    screen(client_record, counselor)
    CareTeamMember.objects.filter(client=client_record).update(ends_at=timezone.now())
    [need] = on_today(counselor)
    assert need.detail.startswith("What you recorded on ")
    assert (need.client_name, need.url) == ("", "")


def test_none_is_left_out_and_many_cost_as_many_queries_as_one(make_client, counselor, supervisor) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            on_today(supervisor)
        return len(asked)

    screen(make_client(), supervisor)
    first = cost()
    for _ in range(40):
        screen(make_client(), supervisor)
    assert cost() == first <= 6
    assert len(on_today(supervisor)) == 41


def test_the_next_check_comes_up_on_its_day_and_is_answered_by_the_next_evaluation(
    client_record, counselor, medical, supervisor, make_staff, time_machine
) -> None:
    noon = datetime.datetime(2026, 3, 4, 17, tzinfo=datetime.UTC)
    time_machine.move_to(noon, tick=False)
    screen(client_record, counselor)
    evaluate(client_record, medical, next_check_on=datetime.date(2026, 3, 6))
    time_machine.move_to(noon + DAY, tick=False)
    assert on_today(counselor) == []
    time_machine.move_to(noon + 2 * DAY, tick=False)
    for reader in (counselor, medical):
        [need] = on_today(reader)
        assert (need.urgency, need.title, need.due) == (
            Urgency.TODAY, "Check safety again", datetime.date(2026, 3, 6),
        )  # fmt: skip
    assert on_today(supervisor) == on_today(make_staff(Role.COUNSELOR)) == []
    time_machine.move_to(noon + 3 * DAY, tick=False)
    assert [need.urgency for need in on_today(counselor)] == [Urgency.NOW]
    assert [need.urgency for need in on_today(supervisor)] == [Urgency.NOW]
    evaluate(client_record, counselor, next_check_on=None, no_check_because="Three good weeks; seen twice a week.")
    assert on_today(counselor) == on_today(medical) == on_today(supervisor) == []


def test_nobody_is_asked_about_a_person_who_died(client_record, program, counselor) -> None:
    screen(client_record, counselor)
    today = today_of(client_record)
    factories.make_episode(
        client_record, program, by=counselor, discharged_on=today, discharge_reason="died",
        discharged_at=timezone.now(), discharged_by=counselor,
    )  # fmt: skip
    assert on_today(counselor) == []


# the page


def form(client: Client, **given: str) -> dict[str, str]:
    return {
        "evaluated_at": timezone.localtime(timezone=client.clinic.zone).strftime("%Y-%m-%dT%H:%M"),
        "found": "Thoughts, no plan.",
        "done": "Safety plan.",
        "next_check_on": (today_of(client) + DAY).isoformat(),
        "no_check_because": "",
        **given,
    }


def test_the_page_shows_what_is_open_and_what_was_found_before(client_record, counselor, signed_in) -> None:
    evaluate(client_record, counselor, found="Calm that day.")
    screen(client_record, counselor)
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    page = html.unescape(browser.get(url).content.decode())
    assert concerns(client_record)[0] in page
    assert "Calm that day." in page
    assert "988" in page
    assert reverse("counseling:safety_plan", args=[client_record.pk]) in page
    assert browser.post(url, form(client_record)).status_code == 302
    assert "Nothing is open." in browser.get(url).content.decode()


def test_a_refused_form_keeps_what_was_typed_and_says_it_at_the_field(client_record, counselor, signed_in) -> None:
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    answer = browser.post(url, form(client_record, next_check_on=""))
    assert answer.status_code == 422
    assert "Thoughts, no plan." in answer.content.decode()
    assert answer.context["form"].errors["next_check_on"] == [safety.NextCheckOrWhyNone.sentence]
    late = browser.post(url, form(client_record, evaluated_at="9999-12-31T23:30"))
    assert late.context["form"].errors["evaluated_at"] == [FarAhead.sentence]
    client_record.birth_date = datetime.date(1985, 5, 17)
    client_record.save()
    for field, typed, said in (
        ("evaluated_at", "2999-01-01T10:00", "too far ahead"),
        ("evaluated_at", "1985-05-16T10:00", "before the client was born"),
        ("evaluated_at", "0026-03-01T10:00", "Did you mean 2026?"),
        ("next_check_on", "1985-05-16", "before the client was born"),
        ("next_check_on", "2150-01-01", "ahead"),
    ):
        refused = browser.post(url, form(client_record, **{field: typed})).context["form"]
        assert said in refused.errors[field][0]
        assert list(refused.errors) == [field]
    assert not SafetyEvaluation.objects.exists()


def test_the_page_says_when_something_came_later(client_record, counselor, signed_in) -> None:
    screen(client_record, counselor)
    before = timezone.localtime(timezone=client_record.clinic.zone) - 2 * HOUR
    url = reverse("cases:safety", args=[client_record.pk])
    sent = form(client_record, evaluated_at=before.strftime("%Y-%m-%dT%H:%M"))
    page = signed_in(counselor).post(url, sent, follow=True).content.decode()
    assert "not everything is answered by it" in page


def test_a_form_that_was_sent_twice_is_one_evaluation(client_record, counselor, signed_in) -> None:
    browser, url, sent = signed_in(counselor), reverse("cases:safety", args=[client_record.pk]), form(client_record)
    assert [browser.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert SafetyEvaluation.objects.count() == 1
    screen(client_record, counselor, at=timezone.now() - DAY)  # and one about another danger is another
    browser.post(url, sent)
    assert SafetyEvaluation.objects.count() == 2
    assert concerns(client_record) == []


def test_the_page_leads_back_inside_the_house_only(client_record, counselor, signed_in) -> None:
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    assert browser.post(url, form(client_record, next="//evil.example/"))["Location"] == url
    assert browser.post(url, form(client_record, next="/"))["Location"] == "/"


def test_another_clinics_clinician_and_intake_find_nothing(
    client_record, counselor, intake, other_clinic, signed_in
) -> None:
    screen(client_record, counselor)
    url = reverse("cases:safety", args=[client_record.pk])
    assert signed_in(factories.make_staff(other_clinic, Role.SUPERVISOR)).get(url).status_code == 404
    assert signed_in(intake).get(url).status_code == 403


def test_the_page_asks_few_queries(client_record, counselor, signed_in) -> None:
    screen(client_record, counselor)
    evaluate(client_record, counselor)
    browser, url = signed_in(counselor), reverse("cases:safety", args=[client_record.pk])
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for _ in range(3):
        screen(client_record, counselor)
        evaluate(client_record, counselor)
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few) <= 20


def test_a_high_screener_leads_to_the_evaluation_at_once(client_record, counselor, signed_in) -> None:
    url = reverse("counseling:measure_new", args=[client_record.pk, "c-ssrs"])
    day = today_of(client_record).isoformat()
    for answers, name in ((HIGH, "cases:safety"), (NONE, "counseling:measures")):
        data = {f"item_{key}": str(value) for key, value in answers.items()}
        answer = signed_in(counselor).post(url, {**data, "taken_on": day})
        assert answer["Location"] == reverse(name, args=[client_record.pk])


def test_what_is_only_typed_locks_the_suggestion_and_a_saved_answer_until_it_is_evaluated(
    client_record, counselor
) -> None:
    typed = LevelOfCareAssessment(client=client_record, suicidal_intent=True)
    evaluate(client_record, counselor)
    assert placement.suggest(typed).locked
    row = assessments.record(client=client_record, by=counselor, suicidal_intent=True)
    assert placement.suggest(row).locked
    evaluate(client_record, counselor)
    assert not placement.suggest(row).locked
    assert placement.suggest(typed).locked

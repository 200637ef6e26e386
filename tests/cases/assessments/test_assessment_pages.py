"""Placement on its pages: what the record answers, the suggestion with its reasons, the clinician's decision."""

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import assessments, placement, safety
from cases.intake import inquiries
from cases.models import Client, LevelOfCareAssessment
from cases.recovery import relapses
from staff.models import StaffMember
from tests import factories
from tests.places import typed_moment
from tests.reading import as_read

D = datetime.date
MARCH = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)
SignIn = Callable[[StaffMember], Browser]

NO_DANGER = {"emergency_signs": "no", "suicidal_intent": "no", "suicidal_behavior": "no"}
SEIZURE_BEFORE = {
    **NO_DANGER,
    "substances": ["alcohol"],
    "use_days": "2",
    "span_days": "2",
    "use_stopped": "yes",
    "days_since_alcohol": "0",
    "ciwa_ar": "8",
    "past_withdrawal_seizure": "yes",
    "alcohol_daily": "no",
    "pregnant": "no",
}
"""Scenario: CIWA-Ar 8, a withdrawal seizure in the past, drank today, two days of use."""

pytestmark = pytest.mark.usefixtures("_march")


@pytest.fixture
def _march() -> Any:
    with time_machine.travel(MARCH, tick=False):
        yield


def words(answer: Any) -> str:
    return html.unescape(" ".join(as_read(answer).split()))


def new(client: Client, **query: int) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('cases:assessment_new', args=[client.pk])}?{asked}"


def page(name: str, row: LevelOfCareAssessment) -> str:
    return reverse(f"cases:{name}", args=[row.client_id, row.pk])


def recorded(client: Client, by: StaffMember, **inputs: Any) -> LevelOfCareAssessment:
    safe = {"emergency_signs": False, "suicidal_intent": False, "suicidal_behavior": False}
    return assessments.record(client=client, by=by, **{**safe, **inputs})


def slip(client: Client, by: StaffMember) -> LevelOfCareAssessment:
    return recorded(client, by, substances=["cannabis"], use_days=1, span_days=1, use_stopped=True)


def test_two_slips_in_a_week_are_judged_together_and_only_d1_applies(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    for day in (D(2026, 3, 2), D(2026, 3, 5)):
        last = relapses.record(
            client=client_record, started_on=day, ended_on=day, days_used=1, substances=["cannabis"], by=counselor
        )
    known = assessments.prefilled(client=client_record, relapse=last)
    assert (known["use_days"], known["span_days"], known["use_stopped"]) == (2, 4, True)
    suggestion = placement.suggest(recorded(client_record, counselor, **known))
    assert suggestion.rules == ("D1",)
    assert suggestion.setting == 1
    assert suggestion.medical == 0

    shown = words(signed_in(counselor).get(new(client_record, relapse=last.pk)))
    assert 'name="use_days" value="2"' in shown
    assert 'name="span_days" value="4"' in shown


def test_slips_months_apart_are_two_things(client_record: Client, counselor: StaffMember) -> None:
    for day in (D(2025, 11, 2), D(2026, 3, 5)):
        last = relapses.record(client=client_record, started_on=day, ended_on=day, days_used=1, by=counselor)
    known = assessments.prefilled(client=client_record, relapse=last)
    assert (known["use_days"], known["span_days"]) == (1, 1)


def test_a_past_seizure_and_a_drink_today_ask_for_a_bed_with_round_the_clock_care(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser = signed_in(counselor)
    answer = browser.post(new(client_record), SEIZURE_BEFORE)
    row = LevelOfCareAssessment.objects.get()
    assert answer["Location"] == page("assessment", row)
    shown = words(browser.get(answer["Location"]))
    assert "<strong>Residential or more</strong> <span>24-hour medical care</span>" in shown
    assert '<small class="suggested__codes"> S3 · M2 </small>' in shown
    assert "Suggested from the answers. A clinician decides." in shown
    assert '<tr><th scope="row">W3</th>' in shown
    assert '<tr class="ow-muted"><th scope="row">D1</th>' in shown
    assert row.decided_at is None


def test_what_is_missing_is_named_and_leads_to_its_question(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    row = recorded(client_record, counselor, substances=["alcohol"], use_days=2, span_days=2, days_since_alcohol=0)
    shown = words(signed_in(counselor).get(page("assessment", row)))
    assert "Not enough information" in shown
    assert (
        f'<a href="{page("assessment_edit", row)}#id_ciwa_ar">a withdrawal assessment for alcohol (CIWA-Ar)</a>'
        in shown
    )
    questions = words(signed_in(counselor).get(page("assessment_edit", row)))
    assert 'id="id_ciwa_ar"' in questions


def test_a_question_not_asked_stays_unknown(client_record: Client, counselor: StaffMember, signed_in: SignIn) -> None:
    signed_in(counselor).post(new(client_record), {"use_days": "1"})
    row = LevelOfCareAssessment.objects.get()
    assert (row.emergency_signs, row.psychosis, row.ciwa_ar, row.substances) == (None, None, None, [])


def test_another_level_than_suggested_needs_a_reason_and_keeps_what_was_typed(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    row, browser = slip(client_record, counselor), signed_in(counselor)
    sent = {"setting": "2", "medical": "0", "level_code": "2.1"}
    refused = browser.post(page("assessment_decide", row), sent)
    assert refused.status_code == 422
    assert "The decision differs from the suggestion. Enter a reason." in words(refused)
    assert '<option value="2.1" selected>' in words(refused)
    row.refresh_from_db()
    assert row.decided_at is None

    browser.post(page("assessment_decide", row), {**sent, "reason": "Three slips this year; she asks for more."})
    row.refresh_from_db()
    assert (row.decided_setting, row.decided_level_code, row.decided_by) == (2, "2.1", counselor)
    shown = words(browser.get(page("assessment", row)))
    assert "Differs from the suggestion" in shown
    assert 'Outpatient or more, no medical need <small class="suggested__codes">S1 · M0</small>' in shown
    assert "she asks for more" in shown
    assert 'value="2.1"' not in shown  # nothing to decide any more


def test_a_level_belongs_to_its_setting(client_record: Client, counselor: StaffMember, signed_in: SignIn) -> None:
    row = slip(client_record, counselor)
    sent = {"setting": "1", "medical": "0", "level_code": "3.5"}
    refused = words(signed_in(counselor).post(page("assessment_decide", row), sent))
    assert "Level 3.5 · Residential, high intensity is residential care, not outpatient. Choose one." in refused


def test_nothing_is_decided_before_somebody_has_evaluated_the_clients_safety(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    row = recorded(client_record, counselor, suicidal_intent=True, use_days=1, span_days=1, use_stopped=True)
    browser = signed_in(counselor)
    assert "Safety first" in words(browser.get(page("assessment", row)))
    sent = {"setting": "3", "medical": "1", "reason": "Not safe at home."}
    assert assessments.SafetyFirst.sentence in words(browser.post(page("assessment_decide", row), sent))
    led_to = browser.post(page("assessment_safety", row))["Location"]
    assert led_to == f"{reverse('cases:safety', args=[client_record.pk])}?next={page('assessment', row)}"
    evaluated = {
        "evaluated_at": typed_moment(client_record.zone),
        "found": "No plan, no means.",
        "done": "Wrote a safety plan.",
        "next_check_on": timezone.localdate(timezone=client_record.clinic.zone).isoformat(),
        "next": page("assessment", row),
    }
    assert browser.post(led_to, evaluated)["Location"] == page("assessment", row)
    assert "Safety evaluated by" in words(browser.get(page("assessment", row)))
    browser.post(page("assessment_decide", row), sent)
    row.refresh_from_db()
    assert row.decided_setting == 3


def test_a_decided_assessment_stays_as_it_was(client_record: Client, counselor: StaffMember, signed_in: SignIn) -> None:
    row, browser = slip(client_record, counselor), signed_in(counselor)
    assessments.decide(assessment=row, setting=1, medical=0, by=counselor)
    answer = browser.post(page("assessment_edit", row), {"use_days": "90"}, follow=True)
    assert "The level of care is decided." in words(answer)
    row.refresh_from_db()
    assert row.use_days == 1


def test_more_days_of_use_than_there_were_are_refused_and_nothing_typed_is_lost(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    sent = {"use_days": "5", "span_days": "3", "preference": "Wants to sleep at home."}
    answer = signed_in(counselor).post(new(client_record), sent)
    assert answer.status_code == 422
    assert "Days of use can’t be more than the days from first to last use." in words(answer)
    assert "Wants to sleep at home." in words(answer)
    assert not LevelOfCareAssessment.objects.exists()


def test_while_typing_the_suggestion_is_shown_and_nothing_is_saved(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    url = reverse("cases:assessment_preview", args=[client_record.pk])
    assert "Residential or more" in words(signed_in(counselor).post(url, SEIZURE_BEFORE))
    assert "Call 911" in words(signed_in(counselor).post(url, {"emergency_signs": "yes"}))
    assert not LevelOfCareAssessment.objects.exists()


def test_on_the_way_in_the_decision_leads_to_admission(
    client_record: Client, counselor: StaffMember, intake: StaffMember, signed_in: SignIn
) -> None:
    call = inquiries.take(by=intake, caller_name="Robin Sample", given_name="Robin")
    inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    browser = signed_in(counselor)
    browser.post(
        new(client_record, inquiry=call.pk),
        {**NO_DANGER, "use_days": "1", "use_stopped": "yes", "substances": ["cannabis"]},
    )
    row = LevelOfCareAssessment.objects.get()
    assert row.inquiry == call
    answer = browser.post(page("assessment_decide", row), {"setting": "1", "medical": "0"})
    assert answer["Location"] == f"{reverse('cases:admit', args=[client_record.pk])}?inquiry={call.pk}"


def test_another_clinics_counselor_finds_nothing(
    client_record: Client, counselor: StaffMember, other_clinic: Any, signed_in: SignIn
) -> None:
    row = slip(client_record, counselor)
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic))
    for name in ("assessment", "assessment_edit"):
        assert stranger.get(page(name, row)).status_code == 404
    assert stranger.post(page("assessment_decide", row), {"setting": "1", "medical": "0"}).status_code == 404
    row.refresh_from_db()
    assert row.decided_at is None


def test_the_page_costs_the_same_however_long_the_history(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    row, browser = slip(client_record, counselor), signed_in(counselor)
    for name in ("assessment", "assessment_edit"):
        browser.get(page(name, row))
        with CaptureQueriesContext(
            connection,
        ) as few:
            browser.get(page(name, row))
        for _ in range(3):
            slip(client_record, counselor)
        with CaptureQueriesContext(connection) as many:
            browser.get(page(name, row))
        assert len(many) == len(few)


def test_a_new_answer_about_danger_needs_a_new_signature(client_record: Client, counselor: StaffMember) -> None:
    row = recorded(client_record, counselor, suicidal_intent=True, use_days=1)
    given = {"client": client_record, "found": "No plan.", "done": "Talked.", "by": counselor}
    safety.evaluate(**given, next_check_on=client_record.today)
    assert placement.suggest(row).locked is False
    row = assessments.amend(assessment=row, preference="Evenings", by=counselor)
    assert placement.suggest(row).locked is False
    row = assessments.amend(assessment=row, suicidal_behavior=True, by=counselor)
    assert placement.suggest(row).locked is True
    with pytest.raises(assessments.SafetyFirst):
        assessments.decide(assessment=row, setting=3, reason="Needs a bed", by=counselor)

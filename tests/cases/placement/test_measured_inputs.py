"""An assessment starts from what was measured: the more dangerous of typed and measured counts, while it is recent.

The one owner of what counts beside the typed answers is cases.placement.record.known; which measures answer which
question is counseling.measured_inputs.
"""

import datetime
import html
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import assessments, placement, safety
from cases.models import Client, LevelOfCareAssessment, MeasureSetAside
from counseling import measures
from staff.models import ClinicThreshold, StaffMember
from staff.models.clinic import MedicalIntensity, Setting
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

NOW = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
SignIn = Callable[[StaffMember], Browser]

HIGH = {"1": 1, "2": 1, "3": 1, "4": 1, "5": 0, "6": 0}
LOW = {"1": 1, "2": 0, "6": 0}
MODERATE = {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0}
BEHAVIOR = {"1": 0, "2": 0, "6": 1, "6_recent": 1}
TYPED = {
    "emergency_signs": False, "suicidal_intent": False, "suicidal_behavior": False, "suicide_risk_moderate": False,
    "substances": ["alcohol"], "use_days": 1, "span_days": 1, "use_stopped": True, "days_since_alcohol": 1,
    "alcohol_daily": False, "ciwa_ar": 5, "past_withdrawal_seizure": False, "pregnant": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _march() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def words(answer: Any) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def ciwa(total: int) -> list[int]:
    """Answers of a CIWA-Ar that come to a total: nine items up to 7, the last up to 4."""
    answers = []
    for highest in [7] * 9 + [4]:
        answers.append(min(highest, total - sum(answers)))
    return answers


def taken(client: Client, by: StaffMember, instrument: str, answers: Any, ago: datetime.timedelta = HOUR) -> Any:
    return measures.record(client=client, instrument=instrument, answers=answers, taken_at=NOW - ago, by=by)


def assessed(client: Client, by: StaffMember, **other: Any) -> LevelOfCareAssessment:
    return assessments.record(client=client, by=by, **{**TYPED, **other})


def page(name: str, row: LevelOfCareAssessment) -> str:
    return reverse(f"cases:{name}", args=[row.client_id, row.pk])


def test_what_was_measured_an_hour_ago_outweighs_what_is_typed(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "c-ssrs", HIGH)
    taken(client_record, counselor, "ciwa-ar", ciwa(21))
    row = assessed(client_record, counselor)
    found = placement.suggest(row)
    assert {"E2", "W1"} <= set(found.rules)
    assert (found.setting, found.medical) == (Setting.RESIDENTIAL, MedicalIntensity.MANAGED)
    assert found.locked
    assert found.inputs["ciwa_ar"] == 21
    with pytest.raises(assessments.SafetyFirst):
        assessments.decide(assessment=row, setting=1, medical=0, by=counselor)


@pytest.mark.parametrize(
    ("instrument", "answers", "name", "value"),
    [
        ("c-ssrs", HIGH, "suicidal_intent", True),
        ("c-ssrs", BEHAVIOR, "suicidal_behavior", True),
        ("c-ssrs", MODERATE, "suicide_risk_moderate", True),
        ("c-ssrs", {"4": 1}, "suicidal_intent", True),  # broken off after a yes
        ("ciwa-ar", ciwa(12), "ciwa_ar", 12),
        ("cows", [0, 0, 0, 5, 0, 0, 0, 0, 2, 0, 0], "cows", 7),
        ("phq-9", [3, 3, 3, 3, 3, 3, 3, 0, 0], "phq9", 21),
    ],
)
def test_each_measure_answers_its_question(
    client_record: Client, counselor: StaffMember, instrument: str, answers: Any, name: str, value: Any
) -> None:
    taken(client_record, counselor, instrument, answers)
    assert placement.suggest(assessed(client_record, counselor, **{name: None})).inputs[name] == value
    lower = {name: False if value is True else 0}
    assert placement.suggest(assessed(client_record, counselor, **lower)).inputs[name] == value


def test_what_was_typed_counts_where_it_is_worse(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(4))
    taken(client_record, counselor, "c-ssrs", LOW)
    found = placement.suggest(assessed(client_record, counselor, ciwa_ar=20, suicidal_intent=True))
    assert (found.inputs["ciwa_ar"], found.inputs["suicidal_intent"]) == (20, True)


@pytest.mark.parametrize(
    ("instrument", "answers", "window", "name"),
    [
        ("ciwa-ar", ciwa(21), 24 * HOUR, "ciwa_ar"),
        ("cows", [0, 0, 0, 5, 0, 0, 0, 0, 2, 0, 0], 24 * HOUR, "cows"),
        ("c-ssrs", HIGH, 30 * DAY, "suicidal_intent"),
        ("phq-9", [3, 3, 3, 3, 3, 3, 3, 0, 0], 14 * DAY, "phq9"),
    ],
)
def test_a_measure_counts_as_long_as_it_is_recent(
    client_record: Client, counselor: StaffMember, instrument: str, answers: Any, window: datetime.timedelta, name: str
) -> None:
    taken(client_record, counselor, instrument, answers, ago=window + datetime.timedelta(minutes=1))
    row = assessed(client_record, counselor, **{name: None})
    assert placement.suggest(row).inputs[name] is None
    taken(client_record, counselor, instrument, answers, ago=window)
    assert placement.suggest(row).inputs[name]


def test_the_clinic_says_how_long_a_score_counts(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(21), ago=7 * HOUR)
    ClinicThreshold.objects.create(
        clinic=client_record.clinic, key="placement.withdrawal_score_hours", value=6, reason="Our medical director"
    )
    assert placement.suggest(assessed(client_record, counselor)).inputs["ciwa_ar"] == 5


def test_the_worst_of_several_scores_counts(client_record: Client, counselor: StaffMember) -> None:
    for total, ago in ((12, 5), (21, 3), (8, 1)):
        taken(client_record, counselor, "ciwa-ar", ciwa(total), ago=ago * HOUR)
    found = placement.suggest(assessed(client_record, counselor))
    assert found.inputs["ciwa_ar"] == 21
    assert [each.inputs["ciwa_ar"] for each in found.measured] == [8, 21], "the latest, and the one that is worse"


def test_a_measure_taken_back_counts_for_nothing(client_record: Client, counselor: StaffMember) -> None:
    measure = taken(client_record, counselor, "ciwa-ar", ciwa(21))
    measures.withdraw(measure=measure, reason="was another client", by=counselor)
    assert placement.suggest(assessed(client_record, counselor)).inputs["ciwa_ar"] == 5


def test_a_measure_of_somebody_else_counts_for_nothing(
    client_record: Client, make_client: Any, counselor: StaffMember
) -> None:
    taken(make_client(counselor=counselor), counselor, "ciwa-ar", ciwa(40))
    assert placement.suggest(assessed(client_record, counselor)).inputs["ciwa_ar"] == 5


def test_what_is_measured_after_the_answers_were_typed_counts_at_the_decision(
    client_record: Client, counselor: StaffMember
) -> None:
    row = assessed(client_record, counselor)
    assert placement.suggest(row).setting == Setting.OUTPATIENT
    taken(client_record, counselor, "ciwa-ar", ciwa(21), ago=datetime.timedelta(0))
    with pytest.raises(assessments.DecisionReasonNeeded):
        assessments.decide(assessment=row, setting=1, medical=0, by=counselor)
    decided = assessments.decide(assessment=row, setting=3, medical=2, level_code="3.7", by=counselor)
    assert decided.suggestion["inputs"]["ciwa_ar"] == 21
    [kept] = decided.suggestion["measured"]
    assert (kept["name"], kept["at"]) == ("CIWA-Ar", NOW.isoformat())
    with time_machine.travel(NOW + 40 * DAY, tick=False):
        again = placement.replay(decided)
    assert (again.setting, again.medical, again.rules) == (3, 2, ("W1", "D1"))


def test_danger_found_after_the_evaluation_needs_another_one(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "c-ssrs", HIGH)
    row = assessed(client_record, counselor)
    evaluated(client_record, counselor)
    assert not placement.suggest(row).locked
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        measures.record(client=client_record, instrument="c-ssrs", answers=BEHAVIOR, by=counselor)
        assert placement.suggest(row).locked


# --- a clinician says that a measure no longer applies


def evaluated(client: Client, by: StaffMember) -> None:
    safety.evaluate(client=client, found="Safe today", done="Plan", next_check_on=None, no_check_because="Safe", by=by)


def set_aside(row: LevelOfCareAssessment, by: StaffMember, **other: Any) -> MeasureSetAside:
    given = {"instrument": "ciwa-ar", "measured_at": NOW - HOUR, "reason": "Lorazepam since; scored 5 by hand."}
    return assessments.set_measure_aside(assessment=row, by=by, **{**given, **other})


def test_a_measure_no_longer_holds_with_a_reason_that_stays(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(21))
    row = assessed(client_record, counselor)
    browser = signed_in(counselor)
    sent = {"instrument": "ciwa-ar", "measured_at": (NOW - HOUR).isoformat(), "reason": "Measured on another person."}
    browser.post(page("assessment_set_aside", row), sent)
    found = placement.suggest(row)
    assert (found.inputs["ciwa_ar"], found.setting) == (5, Setting.OUTPATIENT)
    decided = assessments.decide(assessment=row, setting=1, medical=0, by=counselor)
    assert decided.suggestion["set_aside"][0]["reason"] == "Measured on another person."
    shown = words(browser.get(page("assessment", row)))
    assert "CIWA-Ar 21, Severe" in shown or "CIWA-Ar 21" in shown
    assert "Mar 9, 2026, 11:00 AM no longer applies: Measured on another person." in shown
    assert counselor.signature_name in shown


def test_setting_aside_leaves_a_later_score_standing(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(19), ago=3 * HOUR)
    taken(client_record, counselor, "ciwa-ar", ciwa(21), ago=2 * HOUR)
    taken(client_record, counselor, "ciwa-ar", ciwa(11), ago=HOUR)
    row = assessed(client_record, counselor)
    set_aside(row, counselor, measured_at=NOW - 2 * HOUR)
    assert placement.suggest(row).inputs["ciwa_ar"] == 11


def test_who_may_say_so_and_how(
    client_record: Client, counselor: StaffMember, intake: StaffMember, other_clinic: Any, signed_in: SignIn
) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(21))
    row = assessed(client_record, counselor)
    with pytest.raises(assessments.WhyNoLonger):
        set_aside(row, counselor, reason="  ")
    with pytest.raises(NotPermitted):
        set_aside(row, intake)
    with pytest.raises(assessments.NoSuchMeasure):
        set_aside(row, counselor, measured_at=NOW - 2 * HOUR)
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic))
    sent = {"instrument": "ciwa-ar", "measured_at": (NOW - HOUR).isoformat(), "reason": "No."}
    assert stranger.post(page("assessment_set_aside", row), sent).status_code == 404
    for wrong in ("", "yesterday", "2026-03-09", "9999-99-99T00:00:00+00:00"):
        answer = signed_in(counselor).post(page("assessment_set_aside", row), {**sent, "measured_at": wrong})
        assert answer.status_code == 302
    assert placement.suggest(row).inputs["ciwa_ar"] == 21
    assert not MeasureSetAside.objects.exists()


def test_a_high_screener_is_not_explained_away_before_somebody_evaluated(
    client_record: Client, counselor: StaffMember
) -> None:
    taken(client_record, counselor, "c-ssrs", HIGH)
    row = assessed(client_record, counselor)
    with pytest.raises(assessments.SafetyFirst):
        set_aside(row, counselor, instrument="c-ssrs")
    evaluated(client_record, counselor)
    set_aside(row, counselor, instrument="c-ssrs", reason="Answered about ten years ago; evaluated today.")
    assert "E2" not in placement.suggest(row).rules


def test_what_was_set_aside_is_not_rewritten(client_record: Client, counselor: StaffMember) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(21))
    aside = set_aside(assessed(client_record, counselor), counselor)
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        MeasureSetAside.objects.filter(pk=aside.pk).update(reason="Another")
    for wrong, rule in (
        ({"reason": " ", "measured_at": NOW}, "measure_set_aside_says_why"),
        ({}, "measure_set_aside_once_per_assessment"),
    ):
        copy = MeasureSetAside.objects.get(pk=aside.pk)
        copy.pk = None
        for name, value in wrong.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            copy.save(force_insert=True)


# --- on the pages


def test_the_questions_show_each_measure_with_time_and_link(
    client_record: Client, counselor: StaffMember, intake: StaffMember, signed_in: SignIn
) -> None:
    measure = taken(client_record, counselor, "ciwa-ar", ciwa(21))
    link = reverse("counseling:measure", args=[client_record.pk, measure.pk])
    url = reverse("cases:assessment_new", args=[client_record.pk])
    shown = words(signed_in(counselor).get(url))
    assert f'<a href="{link}">CIWA-Ar 21' in shown
    assert "Mar 9, 2026, 11:00 AM" in shown
    assert "24-hour medical care" in shown, "what it suggests so far"
    for_intake = words(signed_in(intake).get(url))
    assert "CIWA-Ar 21" in for_intake
    assert link not in for_intake, "who may not read measures gets no link to one"


def test_the_preview_counts_what_was_measured(client_record: Client, counselor: StaffMember, signed_in: SignIn) -> None:
    taken(client_record, counselor, "ciwa-ar", ciwa(21))
    url = reverse("cases:assessment_preview", args=[client_record.pk])
    sent = {"emergency_signs": "no", "ciwa_ar": "5", "substances": ["alcohol"]}
    assert "Residential or more" in words(signed_in(counselor).post(url, sent))


def test_pages_read_the_open_safety_concerns_once(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    taken(client_record, counselor, "c-ssrs", HIGH)
    row, browser = assessed(client_record, counselor), signed_in(counselor)
    for url in (
        page("assessment", row),
        page("assessment_edit", row),
        reverse("cases:assessment_new", args=[client_record.pk]),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert "Safety concern: evaluate now" in words(browser.get(url))
        assert sum("cases_safetyevaluation AS given" in each["sql"] for each in asked) == 1, url


def test_pages_ask_as_little_however_much_was_measured(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    row, browser = assessed(client_record, counselor), signed_in(counselor)
    taken(client_record, counselor, "ciwa-ar", ciwa(10), ago=20 * HOUR)
    for name, most in (("assessment", 20), ("assessment_edit", 18)):
        browser.get(page(name, row))
        with CaptureQueriesContext(connection) as few:
            browser.get(page(name, row))
        for ago in range(1, 6):
            taken(client_record, counselor, "ciwa-ar", ciwa(ago + 5), ago=ago * HOUR)
        with CaptureQueriesContext(connection) as many:
            browser.get(page(name, row))
        assert len(many) == len(few) <= most

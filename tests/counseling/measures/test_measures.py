"""Exact scoring: every band edge, every reversed item, and no result if an answer is missing."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from cases.models.people.client import Sex
from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.models import Measure
from staff.models import ClinicThreshold
from staff.refusals import NotPermitted


def spread(total: int, items: int, highest: int) -> list[int]:
    """Answers that come to a total."""
    answers = []
    for _ in range(items):
        answers.append(min(total, highest))
        total -= answers[-1]
    assert total == 0
    return answers


def band(instrument: str, total: int, items: int, highest: int) -> str:
    score = measures.score(instrument, spread(total, items, highest))
    assert score.total == total
    return score.band


def test_scenario_20_a_mild_phq9_with_question_9_still_asks_for_the_cssrs():
    score = measures.score("phq-9", [1, 1, 1, 1, 1, 0, 0, 0, 1])
    assert (score.total, score.band, score.requires) == (6, "Mild", Instrument.CSSRS)
    assert measures.score("phq-9", [2, 1, 1, 1, 1, 0, 0, 0, 0]).requires is None


def test_scenario_21_gooseflesh_4_is_rejected_and_nothing_is_stored(db, client_record, counselor):
    answers = {item.key: 0 for item in FORMS[Instrument.COWS].items} | {"gooseflesh": 4}
    with pytest.raises(measures.AnswerNotAllowed, match="Allowed: 0, 3, 5"):
        measures.record(client=client_record, instrument="cows", answers=answers, by=counselor)
    assert not Measure.objects.exists()


@pytest.mark.parametrize(
    ("instrument", "items", "highest", "edges"),
    [
        ("phq-9", 9, 3, {0: "Minimal", 4: "Minimal", 5: "Mild", 9: "Mild", 10: "Moderate", 14: "Moderate",
                         15: "Moderately severe", 19: "Moderately severe", 20: "Severe", 27: "Severe"}),
        ("gad-7", 7, 3, {0: "Minimal", 4: "Minimal", 5: "Mild", 9: "Mild", 10: "Moderate", 14: "Moderate",
                         15: "Severe", 21: "Severe"}),
        ("ciwa-ar", 10, 7, {0: "Mild", 9: "Mild", 10: "Moderate", 18: "Moderate", 19: "Severe"}),
    ],
)  # fmt: skip
def test_each_band_begins_and_ends_where_the_form_says(instrument, items, highest, edges):
    assert {total: band(instrument, total, items, highest) for total in edges} == edges


@pytest.mark.parametrize(
    ("total", "name"),
    [(0, "Low risk"), (7, "Low risk"), (8, "Risky use"), (15, "Risky use"), (16, "Harmful use"),
     (19, "Harmful use"), (20, "Likely dependence"), (32, "Likely dependence")],
)  # fmt: skip
def test_audit_bands(total, name):
    score = measures.score("audit", [*spread(total, 8, 4), 0, 0])
    assert (score.total, score.band) == (total, name)


@pytest.mark.parametrize("instrument", FORMS)
def test_the_highest_answers_come_to_the_highest_total(instrument):
    highest = {"phq-9": 27, "gad-7": 21, "audit": 40, "audit-c": 12, "cows": 48, "ciwa-ar": 67, "barc-10": 60}
    score = measures.score(instrument, [item.allowed[-1] for item in FORMS[instrument].items])
    assert score.total == highest.get(instrument, {"dast-10": 9}.get(instrument))


def test_audit_questions_9_and_10_have_gaps():
    with pytest.raises(measures.AnswerNotAllowed):
        measures.score("audit", [0, 0, 0, 0, 0, 0, 0, 0, 1, 0])


@pytest.mark.parametrize(
    ("sex", "total", "name"),
    [
        (Sex.FEMALE, 2, "Below the cutoff"),
        (Sex.FEMALE, 3, "At or above the cutoff"),
        (Sex.MALE, 3, "Below the cutoff"),
        (Sex.MALE, 4, "At or above the cutoff"),
        (Sex.NOT_SAID, 3, "At the cutoff for women, below the one for men"),
        (Sex.NOT_SAID, 4, "At or above the cutoff"),
    ],
)
def test_audit_c_has_a_cut_off_for_each_sex(sex, total, name):
    assert measures.score("audit-c", spread(total, 3, 4), sex=sex).band == name


def test_dast_question_3_counts_when_answered_no():
    assert measures.score("dast-10", [0] * 10).total == 1
    assert measures.score("dast-10", [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]).total == 0
    assert measures.score("dast-10", [1, 1, 0, 1, 1, 1, 1, 1, 1, 1]).total == 10


@pytest.mark.parametrize(
    ("total", "name"),
    [(0, "None"), (1, "Low"), (2, "Low"), (3, "Moderate"), (5, "Moderate"), (6, "Substantial"), (8, "Substantial"),
     (9, "Severe"), (10, "Severe")],
)  # fmt: skip
def test_dast_bands(total, name):
    answers = [1 if place < total else 0 for place in range(10)]
    answers[2] = 1 - answers[2]
    assert measures.score("dast-10", answers).band == name


def test_bam_has_three_subscales_and_no_total():
    answers = dict.fromkeys(range(1, 18), 0) | {4: 4, 5: 3, 6: 2, 1: 1, 15: 4, 9: 2, 16: 4, 17: 4, 7: 4}
    score = measures.score("bam", answers)
    assert score.total is None
    assert score.subscales == {"use": 9, "risk": 5, "protective": 6}
    assert measures.score("bam", [4] * 17).subscales == {"use": 12, "risk": 24, "protective": 24}


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({1: 0, 2: 0, 6: 0}, "No risk identified"),
        ({1: 1, 2: 0, 6: 0}, "Low"),
        ({1: 1, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0}, "Low"),
        ({1: 1, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0}, "Moderate"),
        ({1: 0, 2: 0, 6: 1, "6_recent": 0}, "Moderate"),
        ({1: 1, 2: 1, 3: 1, 4: 1, 5: 0, 6: 0}, "High"),
        ({1: 1, 2: 1, 3: 0, 4: 0, 5: 1, 6: 0}, "High"),
        ({1: 0, 2: 0, 6: 1, "6_recent": 1}, "High"),
    ],
)
def test_on_the_cssrs_the_highest_answer_wins(answers, name):
    assert measures.score("c-ssrs", answers).band == name


def test_the_cssrs_needs_to_know_when():
    assert measures.score("c-ssrs", {1: 0, 2: 0, 6: 1}).missing == ("6_recent",)


@pytest.mark.parametrize(("total", "name"), [(4, "Below mild"), (5, "Mild"), (12, "Mild"), (13, "Moderate"),
                                             (24, "Moderate"), (25, "Moderately severe"), (36, "Moderately severe"),
                                             (37, "Severe")])  # fmt: skip
def test_cows_bands(total, name):
    answers, left = {}, total
    for item in sorted(FORMS[Instrument.COWS].items, key=lambda each: len(each.allowed)):
        answers[item.key] = max(value for value in item.allowed if value <= left)
        left -= answers[item.key]
    assert left == 0
    score = measures.score("cows", answers)
    assert (score.total, score.band) == (total, name)


@pytest.mark.parametrize(("total", "met"), [(46, "Below"), (47, "At or above")])
def test_barc_cut_off(total, met):
    assert measures.score("barc-10", [each + 1 for each in spread(total - 10, 10, 5)]).band.startswith(met)


@pytest.mark.parametrize("instrument", FORMS)
def test_a_missing_answer_gives_no_score(instrument):
    form = FORMS[instrument]
    answers = {item.key: item.allowed[0] for item in form.items}
    answers[form.items[0].key] = None
    score = measures.score(instrument, answers)
    assert (score.total, score.band, score.subscales, score.missing) == (None, "", {}, (form.items[0].key,))


def test_danger_does_not_wait_for_a_complete_form():
    score = measures.score("phq-9", {9: 2})
    assert score.total is None
    assert score.requires == Instrument.CSSRS


@pytest.mark.parametrize("answer", [-1, 4, 1.5, "x", "1.0", True and "²"])
def test_an_answer_that_is_not_on_the_form_is_refused(answer):
    with pytest.raises(measures.AnswerNotAllowed):
        measures.score("phq-9", [answer, *[0] * 8])


def test_unknown_questions_are_refused():
    with pytest.raises(measures.AnswerNotAllowed):
        measures.score("phq-9", {"10": 0})
    with pytest.raises(measures.AnswerNotAllowed):
        measures.score("phq-9", [0] * 10)


def test_the_alarm_stays_until_the_cssrs_is_asked(db, client_record, counselor):
    later = timezone.now()
    now = later - datetime.timedelta(minutes=5)
    phq = measures.record(client=client_record, instrument="phq-9", answers=[0] * 8 + [1], by=counselor, taken_at=now)
    assert list(measures.unanswered_alarms()) == [phq]
    measures.record(client=client_record, instrument="c-ssrs", answers={1: 0}, by=counselor, taken_at=later)
    assert list(measures.unanswered_alarms()) == [phq], "an unfinished screener answers nothing"
    measures.record(client=client_record, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor, taken_at=later)
    assert not measures.unanswered_alarms()


@pytest.mark.parametrize(
    ("asked", "screened", "is_answered"),
    [
        ("03-04 12:00", "03-04 09:30", True),  # noon stands for a time that nobody gave
        ("03-04 16:00", "03-04 12:00", True),
        ("03-04 12:00", "03-03 23:30", False),
        ("03-04 12:00", "03-03 12:00", False),
        ("03-04 16:00", "03-04 09:30", False),
        ("03-04 20:30", "03-04 12:00", True),  # UTC is on the fifth by then
        ("03-04 20:30", "03-05 00:30", True),
    ],
)
def test_a_screener_of_the_same_day_answers_where_nobody_gave_a_time(
    db, client_record, counselor, asked, screened, is_answered
):
    def at(words: str) -> datetime.datetime:
        return datetime.datetime.strptime(f"2026-{words}", "%Y-%m-%d %H:%M").replace(tzinfo=client_record.clinic.zone)

    none = {1: 0, 2: 0, 6: 0}
    measures.record(client=client_record, instrument="c-ssrs", answers=none, by=counselor, taken_at=at("03-03 12:00"))
    phq = [0] * 8 + [1]
    measures.record(client=client_record, instrument="phq-9", answers=phq, by=counselor, taken_at=at(asked))
    assert measures.unanswered_alarms().exists()
    measures.record(client=client_record, instrument="c-ssrs", answers=none, by=counselor, taken_at=at(screened))
    assert measures.unanswered_alarms().exists() is not is_answered


def test_a_screener_that_was_there_before_the_question_was_recorded_is_asked_again(db, client_record, counselor):
    day = timezone.now().astimezone(client_record.clinic.zone) - datetime.timedelta(days=2)
    none = {1: 0, 2: 0, 6: 0}
    morning, noon = (day.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (9, 12))
    measures.record(client=client_record, instrument="c-ssrs", answers=none, by=counselor, taken_at=morning)
    measures.record(client=client_record, instrument="phq-9", answers=[0] * 8 + [1], by=counselor, taken_at=noon)
    assert measures.unanswered_alarms().exists()


def test_a_time_that_is_still_to_come_is_refused_and_a_clock_a_little_ahead_is_now(db, client_record, counselor):
    now = timezone.now()
    given = {"client": client_record, "instrument": "phq-9", "answers": [0] * 8 + [1], "by": counselor}
    with pytest.raises(measures.NotYetFilledIn):
        measures.record(**given, taken_at=now + datetime.timedelta(minutes=10))
    assert not Measure.objects.exists()
    taken = measures.record(**given, taken_at=now + datetime.timedelta(seconds=40))
    assert taken.taken_at <= timezone.now()


def test_intake_neither_records_nor_reads_measures(db, client_record, counselor, intake):
    measures.record(client=client_record, instrument="phq-9", answers=[0] * 9, by=counselor)
    assert not Measure.objects.visible_to(intake).exists()
    with pytest.raises(NotPermitted):
        measures.record(client=client_record, instrument="phq-9", answers=[0] * 9, by=intake)


def test_a_phq9_without_question_9_is_still_asked_about_when_only_that_one_is_missing():
    score = measures.score("phq-9", [3] * 8)
    assert (score.total, score.band, score.missing, score.requires) == (None, "", ("9",), None)


def test_behavior_within_three_months_is_high_before_the_form_is_complete():
    score = measures.score("c-ssrs", {"6_recent": 1})
    assert score.band == ""
    assert score.action.startswith("High: immediate evaluation")
    assert "988" in score.action


def test_a_cssrs_that_contradicts_itself_is_refused():
    with pytest.raises(measures.AnswerNotAllowed, match="Correct one of them"):
        measures.score("c-ssrs", {1: 0, 2: 0, 6: 0, "6_recent": 1})


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("pulse", {0, 1, 2, 4}),
        ("restlessness", {0, 1, 3, 5}),
        ("pupils", {0, 1, 2, 5}),
        ("gi", {0, 1, 2, 3, 5}),
        ("gooseflesh", {0, 3, 5}),
    ],
)
def test_cows_values_have_gaps_and_what_lies_in_a_gap_is_refused(key, allowed):
    for value in range(7):
        if value in allowed:
            assert measures.score("cows", {key: value}).answers == {key: value}
        else:
            with pytest.raises(measures.AnswerNotAllowed, match="Allowed: " + ", ".join(map(str, sorted(allowed)))):
                measures.score("cows", {key: value})


def test_bam_question_17_and_7_change_no_subscale_and_are_not_missed():
    answers = {number: 2 for number in range(1, 18) if number not in (7, 17)} | {14: 4}
    without = measures.score("bam", answers)
    assert without.subscales == {"use": 6, "risk": 12, "protective": 14}
    assert measures.score("bam", answers | {7: 4, 17: 4}).subscales == without.subscales


@pytest.mark.parametrize(
    ("instrument", "total", "said"),
    [
        ("ciwa-ar", 9, ""),
        ("ciwa-ar", 10, "10 or more: medical evaluation within 24 hours."),
        ("ciwa-ar", 18, "10 or more: medical evaluation within 24 hours."),
        ("ciwa-ar", 19, "19 or more: 24-hour medical care is the minimum."),
        ("cows", 4, ""),
        ("cows", 5, "5 or more: medical evaluation within 24 hours; offer medication for opioid use disorder the same"
         " day."),
        ("cows", 25, "25 or more: 24-hour medical care is the minimum."),
    ],
)  # fmt: skip
def test_a_withdrawal_scale_asks_for_what_the_placement_rules_ask_for(
    db, client_record, counselor, instrument, total, said
):
    answers, left = {}, total
    for item in sorted(FORMS[Instrument(instrument)].items, key=lambda each: len(each.allowed)):
        answers[item.key] = max(value for value in item.allowed if value <= left)
        left -= answers[item.key]
    taken = measures.record(client=client_record, instrument=instrument, answers=answers, by=counselor)
    assert (taken.total, taken.action) == (total, said)


def test_a_clinics_own_number_moves_what_a_withdrawal_scale_asks_for(db, clinic, client_record, counselor):
    ClinicThreshold.objects.create(clinic=clinic, key="placement.ciwa_moderate", value=8)
    answers = {item.key: 0 for item in FORMS[Instrument.CIWA_AR].items} | {"nausea": 7, "tremor": 1}
    taken = measures.record(client=client_record, instrument="ciwa-ar", answers=answers, by=counselor)
    assert taken.action.startswith("8 or more: medical evaluation")

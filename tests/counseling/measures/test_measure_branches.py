"""Skipped questions and allowed answers: counseling/instruments.py decides (Form.skips, Item.allowed)."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, item_text
from counseling.measures.instrument_texts import Words
from counseling.models import Measure
from counseling.tablet import handover

NEVER = {"1": 0, "9": 0, "10": 2}
LITTLE = {"1": 2, "2": 0, "3": 0, "9": 0, "10": 0}


def test_never_skips_to_question_9_and_what_is_skipped_counts_nothing():
    """AUDIT, interview form: “never” to question 1 skips to questions 9 and 10 (WHO, AUDIT manual)."""
    score = measures.score("audit", NEVER)
    assert (score.total, score.band, score.missing) == (2, "Low risk", ())
    assert dict(score.answers) == NEVER


def test_questions_2_and_3_at_nought_skip_4_to_8():
    score = measures.score("audit", LITTLE)
    assert (score.total, score.missing) == (2, ())
    assert measures.score("audit", {**LITTLE, "3": 1}).missing == ("4", "5", "6", "7", "8")


def test_what_is_still_asked_is_still_missing():
    assert measures.score("audit", {"1": 0}).missing == ("9", "10")
    assert measures.score("audit", {"1": 1, "9": 0, "10": 0}).missing == ("2", "3", "4", "5", "6", "7", "8")


@pytest.mark.parametrize(
    ("instrument", "answers", "sentence"),
    [
        ("audit", NEVER | {"5": 2}, "question 1 is 0, so question 5 should be skipped, but is answered 2"),
        ("audit", LITTLE | {"4": 1}, "questions 2 and 3 are both 0, so question 4 should be skipped"),
        ("audit-c", {"1": 0, "2": 3, "3": 0}, "question 1 is 0, so question 2 should be skipped"),
    ],
)
def test_an_answer_that_contradicts_the_branch_is_refused(instrument, answers, sentence):
    with pytest.raises(measures.AnswerNotAllowed, match=sentence):
        measures.score(instrument, answers)


def test_a_whole_form_of_noughts_contradicts_nothing():
    assert measures.score("audit", [0] * 10).total == 0
    assert measures.score("audit-c", [0, 0, 0]).total == 0


def test_the_audit_c_is_done_after_never():
    assert (measures.score("audit-c", {"1": 0}).total, measures.score("audit-c", {"1": 0}).missing) == (0, ())
    assert measures.score("audit-c", {"1": 1}).missing == ("2", "3")


@pytest.mark.parametrize("answer", [1, 2, 3])
def test_question_14_of_the_bam_is_no_or_yes(answer):
    """Enough income for what is needed: no 0, yes 4 (VA, BAM clinical guide)."""
    whole = dict.fromkeys(range(1, 18), 0)
    with pytest.raises(measures.AnswerNotAllowed, match="Allowed: 0, 4"):
        measures.score("bam", whole | {14: answer})
    assert measures.score("bam", whole | {14: 4}).subscales["protective"] == 4
    assert measures.score("bam", whole | {14: 0}).subscales["protective"] == 0


def test_the_rules_that_changed_say_so():
    assert [FORMS[each].rules_version for each in (Instrument.BAM, Instrument.AUDIT, Instrument.AUDIT_C)] == [2, 2, 2]


@pytest.fixture
def browser(counselor, signed_in):
    return signed_in(counselor)


@pytest.fixture
def old_bam(client_record, counselor) -> Measure:
    """One of the time when question 14 had five answers, as the table had it then."""
    answers = {str(number): 1 for number in range(1, 18)} | {"14": 2}
    return Measure.objects.create(
        client=client_record,
        instrument="bam",
        rules_version=1,
        answers=answers,
        subscales={"use": 3, "risk": 6, "protective": 7},
        taken_at=timezone.now(),
        recorded_by=counselor,
    )


def test_an_old_bam_is_shown_by_the_rules_it_was_scored_by(old_bam, browser):
    page = browser.get(reverse("counseling:measure", args=[old_bam.client_id, old_bam.pk])).content.decode()
    assert "Scoring rules version 1" in page
    said = item_text.answered(FORMS[Instrument.BAM], None, old_bam.answers, rules_version=1)
    assert [(each.answer, each.words) for each in said if each.text == "Question 14"] == [(2, "")]
    now = item_text.answered(FORMS[Instrument.BAM], None, {"14": 4}, rules_version=2)
    assert [(each.answer, each.words) for each in now if each.text == "Question 14"] == [(4, "Yes")]


def test_an_old_audit_reads_in_the_words_it_was_scored_with(client_record, counselor, browser):
    row = Measure.objects.create(
        client=client_record, instrument="audit", rules_version=2, total=8, band="Increasing risk",
        answers={str(number): 1 for number in range(1, 9)} | {"9": 0, "10": 0}, taken_at=timezone.now(),
        recorded_by=counselor,
    )  # fmt: skip
    page = browser.get(reverse("counseling:measure", args=[client_record.pk, row.pk]))
    assert "Increasing risk" in page.content.decode()
    assert measures.score("audit", row.answers).band == "Risky use"


def test_the_table_refuses_a_new_bam_with_another_answer(old_bam):
    old_bam.pk, old_bam.rules_version = None, 2
    with pytest.raises(IntegrityError, match="measure_bam_14_is_no_or_yes"), transaction.atomic():
        old_bam.save(force_insert=True)


def test_the_table_refuses_an_audit_without_an_answer_that_was_asked(client_record, counselor):
    row = Measure(
        client=client_record, instrument="audit", rules_version=2, answers={"1": 1, "9": 0, "10": 0}, total=1,
        band="Low risk", taken_at=timezone.now(), recorded_by=counselor,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="measure_result_is_possible"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("answers", [NEVER, LITTLE])
def test_a_form_without_what_it_skips_is_stored_with_its_score(client_record, counselor, answers):
    row = measures.record(client=client_record, instrument="audit", answers=answers, by=counselor)
    assert (row.total, row.is_scored, row.answers) == (2, True, answers)


def test_the_page_says_where_to_go_on_and_saves_without_script(client_record, browser):
    at = reverse("counseling:measure_new", args=[client_record.pk, "audit"])
    page = browser.get(at).content.decode()
    assert "0 (never): go on to question 9." in page
    assert "Questions 2 and 3 both 0: go on to question 9." in page
    assert 'data-key="5"' in page
    assert 'data-skipped-after="1;2,3"' in page
    today = timezone.localdate(timezone=client_record.clinic.zone).isoformat()
    sent = {"taken_on": today, "item_1": "0", "item_9": "0", "item_10": "2"}
    wrong = browser.post(at, sent | {"item_4": "3"})
    assert wrong.status_code == 422
    assert "question 4 should be skipped, but is answered 3" in wrong.content.decode()
    assert not Measure.objects.exists()
    assert browser.post(at, sent).status_code == 302
    row = Measure.objects.get()
    assert row.total == 2
    page = browser.get(reverse("counseling:measure", args=[client_record.pk, row.pk])).content.decode()
    assert page.count("not asked, counts 0") == 7


@pytest.fixture
def worded(clinic, supervisor) -> None:
    """Made-up words, so that the AUDIT may be handed over here."""
    items = [
        {
            "key": item.key,
            "text": f"Made-up question {item.key}",
            "answers": {str(item.allowed[0]): "Made-up least", str(item.allowed[-1]): "Made-up most"},
        }
        for item in FORMS[Instrument.AUDIT].items
    ]
    words = Words(
        edition="Test", source="Made up", permission="None needed", introduction="Made-up introduction.", items=items
    )
    instrument_texts.install(instrument=Instrument.AUDIT, words=words, by=supervisor)


def test_the_tablet_does_not_ask_what_the_form_skips(worded, client_record, counselor):
    out = handover.open(client=client_record, instruments=["audit"], by=counselor)
    first = handover.questions(out)[0]
    out = handover.answer(handover=out, question=first, choice="0")
    assert [each.item.key for each in handover.questions(out)] == ["1", "9", "10"]
    assert out.asked == 3
    for question in handover.questions(out)[1:]:
        handover.answer(handover=out, question=question, choice="0")
    ended = handover.finish(handover=out)
    measure = ended.parts.get().measure
    assert (measure.total, measure.answers) == (0, {"1": 0, "9": 0, "10": 0})


def test_an_answer_changed_to_never_on_the_tablet_takes_the_others_away(worded, client_record, counselor):
    out = handover.open(client=client_record, instruments=["audit"], by=counselor)
    for question in handover.questions(out):
        handover.answer(handover=out, question=question, choice="4")
    handover.answer(handover=out, question=handover.questions(out)[0], choice="0")
    measure = handover.finish(handover=out).parts.get().measure
    assert (measure.total, measure.answers) == (8, {"1": 0, "9": 4, "10": 4})


def test_a_tablet_with_an_answer_that_the_form_has_lost_can_be_ended(worded, client_record, counselor):
    out = handover.open(client=client_record, instruments=["audit"], by=counselor)
    handover.answer(handover=out, question=handover.questions(out)[0], choice="1")
    with connection.cursor() as cursor:  # what an earlier version of the form allowed
        cursor.execute('UPDATE counseling_handovermeasure SET answers = \'{"1": 1, "9": 3}\'')
    assert re.fullmatch(r"\d+", str(handover.finish(handover=out).parts.get().measure.pk))

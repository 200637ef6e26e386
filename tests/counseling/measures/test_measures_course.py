"""Measures over time: a line connects only comparable scores, and table and chart agree."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models.people.client import Sex
from cases.recovery import relapses
from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, measure_course, measure_pictures
from counseling.measures.measure_pictures import Background, Point, Scale
from counseling.models import Measure
from tests import factories
from tests.reading import as_read

from .test_measure_pages import fake_words

pytestmark = pytest.mark.django_db
D = datetime.date
TODAY = D(2026, 6, 30)


def moment(day: D) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, 16, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _last_of_june():
    with time_machine.travel(moment(TODAY), tick=False):
        yield


@pytest.fixture
def stay(client_record, clinic, counselor):
    program = factories.ProgramFactory(clinic=clinic, name="Outpatient", level_code="1")
    return admissions.admit(
        client=client_record, program=program, level_of_care="1", admitted_on=D(2026, 3, 2), by=counselor
    )


def spread(total: int) -> list[int]:
    """PHQ-9 answers that come to a total, question 9 not among them."""
    return [min(3, max(0, total - 3 * place)) for place in range(8)] + [0]


@pytest.fixture
def phq(client_record, stay, counselor):
    def take(total: int | None, day: D, **fields: Any) -> Measure:
        answers = [1] * 4 if total is None else spread(total)
        given = {"client": client_record, "instrument": "phq-9", "answers": answers, "by": counselor, "episode": stay}
        return measures.record(**{**given, "taken_at": moment(day), **fields})

    return take


def course_of(client, instrument: Instrument, reader) -> measure_course.Course:
    rows = Measure.objects.visible_to(reader).filter(client=client, instrument=instrument)
    return measure_course.of(client, instrument, rows, client.episodes.all(), staff_member=reader)


def joined(course: measure_course.Course, picture: int = 0) -> list[int]:
    """How many points each line joins."""
    return [len(line.split()) for line in course.pictures[picture].wide.lines]


def test_a_stay_is_one_line_and_its_sentence_says_where_it_began(client_record, phq, counselor):
    for total, day in ((18, D(2026, 3, 4)), (13, D(2026, 4, 3)), (9, D(2026, 5, 2)), (5, D(2026, 6, 1))):
        phq(total, day)
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert joined(course) == [4]
    assert course.sentence == "5, Mild on Jun 1, 2026; 18 on Mar 4, 2026, first of this episode."
    assert [(row.measure.total, row.change) for row in course.rows] == [(5, -4), (9, -4), (13, -5), (18, None)]
    assert [band.name for band in course.pictures[0].wide.bands] == [
        "Minimal", "Mild", "Moderate", "Moderately severe", "Severe"
    ]  # fmt: skip
    dots = course.pictures[0].wide.dots
    assert [dot.said for dot in dots] == ["18", "13", "9", "5"]
    assert [dot.y for dot in dots] == sorted(dot.y for dot in dots), "a lower total stands lower"
    severe = course.pictures[0].wide.bands[4]
    assert not severe.y <= dots[0].y <= severe.y + severe.height
    moderately_severe = course.pictures[0].wide.bands[3]
    assert moderately_severe.y <= dots[0].y <= moderately_severe.y + moderately_severe.height


def test_the_first_of_a_stay_is_said_only_of_the_first(client_record, phq, counselor, supervisor):
    def sentence() -> str:
        return course_of(client_record, Instrument.PHQ9, counselor).sentence

    phq(18, D(2026, 3, 4))
    instrument_texts.install(instrument=Instrument.PHQ9, words=fake_words("phq-9"), by=supervisor)
    phq(12, D(2026, 4, 3))
    phq(11, D(2026, 4, 13))
    assert sentence() == "11, Moderate on Apr 13, 2026; 12 on Apr 3, 2026, where this line starts."
    phq(9, D(2026, 5, 3), episode=None)
    phq(8, D(2026, 5, 13), episode=None)
    assert sentence().endswith("9 on May 3, 2026, where this line starts.")


def test_the_first_of_a_year_is_not_the_first_of_a_longer_stay(client_record, phq, counselor):
    for total, day in ((18, D(2025, 3, 4)), (12, D(2025, 7, 3)), (9, D(2026, 6, 1))):
        phq(total, day)
    assert course_of(client_record, Instrument.PHQ9, counselor).sentence.endswith(
        "12 on Jul 3, 2025, where this line starts."
    )


def test_a_missing_answer_is_a_gap_and_is_marked(client_record, phq, counselor):
    for total, day in ((18, D(2026, 3, 4)), (14, D(2026, 3, 20)), (None, D(2026, 4, 3)), (9, D(2026, 5, 2))):
        phq(total, day)
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert joined(course) == [2]
    assert (len(course.pictures[0].wide.missing), course.pictures[0].has_gaps) == (1, True)
    assert [row.change for row in course.rows] == [None, None, -4, None]


def test_other_words_and_other_rules_are_never_joined(client_record, phq, counselor, supervisor):
    phq(18, D(2026, 3, 4))
    phq(17, D(2026, 3, 14))
    instrument_texts.install(instrument=Instrument.PHQ9, words=fake_words("phq-9"), by=supervisor)
    phq(12, D(2026, 4, 3))
    phq(11, D(2026, 4, 13))
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert joined(course) == [2, 2]
    assert course.has_versions
    assert [row.new_version for row in course.rows] == [False, True, False, False]
    assert [row.change for row in course.rows] == [-1, None, -1, None]
    other_rules = Point(D(2026, 5, 1), 10, "", (2, None, None))
    same = Point(D(2026, 5, 2), 10, "", (1, None, None))
    assert [len(run) for run in measure_pictures._runs([same, other_rules])] == [1, 1]


def test_two_stays_are_two_lines(client_record, phq, stay, counselor):
    phq(18, D(2026, 3, 4))
    phq(12, D(2026, 4, 3))
    admissions.discharge(episode=stay, discharged_on=D(2026, 4, 10), reason="completed", planned=True, by=counselor)
    again = admissions.admit(
        client=client_record, program=stay.program, level_of_care="1", admitted_on=D(2026, 5, 1), by=counselor
    )
    phq(20, D(2026, 5, 2), episode=again)
    phq(15, D(2026, 6, 1), episode=again)
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert joined(course) == [2, 2]
    assert len(course.pictures[0].wide.stays) == 2
    assert course.sentence.endswith("20 on May 2, 2026, first of this episode.")


def test_a_return_to_use_is_marked_for_who_may_know_of_it(client_record, phq, counselor, monkeypatch):
    phq(10, D(2026, 3, 4))
    phq(12, D(2026, 6, 3))
    relapses.record(
        client=client_record, started_on=D(2026, 5, 5), ended_on=D(2026, 5, 5), substances=["alcohol"], by=counselor
    )
    assert len(course_of(client_record, Instrument.PHQ9, counselor).pictures[0].wide.returns) == 1
    monkeypatch.setattr(measure_course, "can", lambda *_: False)
    assert course_of(client_record, Instrument.PHQ9, counselor).pictures[0].wide.returns == []


def test_the_table_has_what_the_picture_marks(client_record, phq, stay, counselor, signed_in):
    phq(10, D(2026, 3, 2))
    phq(12, D(2026, 6, 3))
    relapses.record(
        client=client_record, started_on=D(2026, 5, 5), ended_on=D(2026, 5, 5), substances=["alcohol"], by=counselor
    )
    page = signed_in(counselor).get(reverse("counseling:measure_trend", args=[client_record.pk, "phq-9"]))
    table = page.context["course"].table
    assert [getattr(each, "words", "") for each in table] == ["", "Return to use", "", f"Admitted, {stay.program}"]
    text = as_read(page)
    assert text.count("<title>Return to use, May 5, 2026</title>") == 2
    assert '<th scope="row">May 5, 2026</th>' in text


def test_several_of_one_day_stand_beside_each_other_with_their_times(client_record, stay, counselor, signed_in):
    answers = {item.key: 0 for item in FORMS[Instrument.CIWA_AR].items}
    for hour in (6, 10, 14):
        at = datetime.datetime(2026, 6, 29, hour, 5, tzinfo=client_record.clinic.zone)
        given = {"client": client_record, "instrument": "ciwa-ar", "answers": answers, "by": counselor}
        taken = measures.record(**given, taken_at=at, episode=stay)
    course = course_of(client_record, Instrument.CIWA_AR, counselor)
    for drawing in (course.pictures[0].wide, course.pictures[0].narrow):
        places = [dot.x for dot in drawing.dots]
        assert places == sorted(set(places))
        assert places[2] - places[0] > 15
    browser = signed_in(counselor)
    for name, last in (("measures", []), ("measure", [taken.pk]), ("measure_trend", ["ciwa-ar"])):
        page = as_read(browser.get(reverse(f"counseling:{name}", args=[client_record.pk, *last])))
        assert "Jun 29, 2026, 2:05 PM" in page


def test_one_taken_back_is_in_no_picture(client_record, phq, counselor):
    phq(10, D(2026, 3, 4))
    wrong = phq(24, D(2026, 4, 4))
    phq(8, D(2026, 5, 4))
    measures.withdraw(measure=wrong, reason="Was another client", by=counselor)
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert joined(course) == [2]
    assert ([row.measure.total for row in course.rows], course.taken_back) == ([8, 10], 1)


def test_a_bam_has_three_pictures_and_no_total(client_record, stay, counselor):
    for day, value in ((D(2026, 3, 4), 3), (D(2026, 4, 4), 1)):
        answers = dict.fromkeys(range(1, 18), value) | {14: 4 if value == 3 else 0}  # enough income: yes or no
        measures.record(
            client=client_record, instrument="bam", answers=answers, by=counselor, taken_at=moment(day), episode=stay
        )
    course = course_of(client_record, Instrument.BAM, counselor)
    assert [each.scale.name for each in course.pictures] == ["Use", "Risk", "Protective"]
    assert [each.scale.high for each in course.pictures] == [12, 24, 24]
    assert [[dot.said for dot in each.wide.dots] for each in course.pictures] == [
        ["9", "3"], ["18", "6"], ["19", "5"]
    ]  # fmt: skip


def test_the_cssrs_goes_by_steps(client_record, stay, counselor):
    for day, second in ((D(2026, 3, 4), 1), (D(2026, 4, 4), 0)):
        answers = {1: second, 2: second, 3: 0, 4: 0, 5: 0, 6: 0}
        measures.record(
            client=client_record, instrument="c-ssrs", answers=answers, by=counselor, taken_at=moment(day),
            episode=stay,
        )  # fmt: skip
    picture = course_of(client_record, Instrument.CSSRS, counselor).pictures[0]
    assert [band.name for band in picture.wide.bands] == list(measure_course.CSSRS_STEPS)
    corners = [tuple(map(float, corner.split(","))) for corner in picture.wide.lines[0].split()]
    assert corners[1] == (corners[2][0], corners[0][1]), "across, then down: nothing lies between two categories"
    assert picture.said.startswith("C-SSRS screener, 2 scored: from Low on Mar 4, 2026 to No risk identified")


@pytest.mark.parametrize(("sex", "lowest"), [(Sex.FEMALE, [0, 3]), (Sex.MALE, [0, 4]), (Sex.NOT_SAID, [0, 3, 4])])
def test_the_audit_c_is_drawn_with_the_persons_own_cut_off(client_record, sex, lowest):
    client_record.sex = sex
    [scale] = measure_course.scales(Instrument.AUDIT_C, client_record)
    assert [band.lowest for band in scale.bands] == lowest


@pytest.mark.parametrize("days", [0, 1, 13, 40, 71, 200, 800, 4000])
def test_whatever_the_span_everything_stays_in_the_picture(days):
    first = TODAY - datetime.timedelta(days=days)
    points = [Point(first, 0, "", (1, None, None)), Point(TODAY, 27, "", (1, None, None))]
    background = Background([(first - datetime.timedelta(days=9), None, "Outpatient")], [first], TODAY)
    picture = measure_pictures.draw(Scale("", "PHQ-9", 0, 27), points, background)
    for drawing in (picture.wide, picture.narrow):
        places = [dot.x for dot in drawing.dots] + [x for x, *_ in drawing.dates] + [each.x for each in drawing.returns]
        assert all(drawing.left <= x <= drawing.right for x in places)
        assert all(drawing.left <= each.x <= each.x + each.width <= drawing.right + 3 for each in drawing.stays)
        assert [dot.y for dot in drawing.dots] == [drawing.bottom, drawing.top]
        gaps = [b[0] - a[0] for a, b in zip(drawing.dates, drawing.dates[1:], strict=False)]
        assert drawing.dates
        assert all(gap >= 30 for gap in gaps), "dates do not run into each other"


def test_the_page_draws_and_lists_the_same(client_record, phq, counselor, signed_in):
    phq(18, D(2026, 3, 4))
    phq(5, D(2026, 6, 1))
    page = signed_in(counselor).get(reverse("counseling:measure_trend", args=[client_record.pk, "phq-9"]))
    text = as_read(page)
    assert text.partition("<main")[2].count("<polyline") == 2, "once for a wide window, once for a phone"
    assert "−13" in text
    assert "style=" not in text.partition("<main")[2]
    empty = signed_in(counselor).get(reverse("counseling:measure_trend", args=[client_record.pk, "gad-7"]))
    assert "Not completed yet" in as_read(empty)


def test_at_a_glance_the_due_one_comes_first_and_the_last_value_is_shown(client_record, phq, counselor, signed_in):
    phq(18, D(2026, 6, 4))
    phq(5, D(2026, 6, 20))
    page = signed_in(counselor).get(reverse("counseling:measures", args=[client_record.pk]))
    lines = {line.instrument.value: line for line in page.context["lines"]}
    assert next(iter(lines)) == "c-ssrs"
    assert lines["phq-9"].latest.total == 5
    assert lines["phq-9"].sparks[0].said == "18, 5"
    assert timezone.localdate(lines["phq-9"].latest.taken_at) == D(2026, 6, 20)


def test_what_came_long_after_the_last_one_is_in_neither_picture_nor_table(client_record, phq, counselor):
    phq(10, D(2026, 3, 2))
    phq(12, D(2026, 3, 30))
    relapses.record(
        client=client_record, started_on=D(2026, 6, 20), ended_on=D(2026, 6, 20), substances=["alcohol"], by=counselor
    )
    course = course_of(client_record, Instrument.PHQ9, counselor)
    assert course.pictures[0].wide.returns == []
    assert "Return to use" not in [getattr(each, "words", "") for each in course.table]

"""Pages to enter a measure, look at one, mark one as entered in error, and see trends."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, item_text
from counseling.measures.instrument_texts import Words
from counseling.models import Measure
from tests import factories
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


@pytest.fixture
def today(client_record):
    return timezone.localdate(timezone=client_record.clinic.zone)


def answers_of(instrument: str, value: int = 0) -> dict[str, str]:
    form = FORMS[Instrument(instrument)]
    return {f"item_{item.key}": str(item.allowed[min(value, len(item.allowed) - 1)]) for item in form.items}


def fake_words(instrument: str) -> Words:
    """Plainly made up: no owner's text is in this repository."""
    items = [
        {"key": item.key, "text": f"Sample question {place}", "answers": {str(item.allowed[0]): "Sample answer"}}
        for place, item in enumerate(FORMS[Instrument(instrument)].items, 1)
    ]
    return Words("Sample edition", "Sample owner", "Sample license 1", "Sample introduction.", items)


def test_scenario_21_by_the_page_the_refusal_names_the_values_and_keeps_everything(
    client_record, episode, counselor, signed_in, today
):
    data = answers_of("cows", 1) | {"item_gooseflesh": "4", "taken_on": today.isoformat()}
    answer = signed_in(counselor).post(at("measure_new", client_record.pk, "cows"), data)
    page = as_read(answer)
    assert answer.status_code == 422
    assert "4 is not on the form. Allowed: 0, 3, 5." in page
    assert not Measure.objects.exists()
    kept = {each.field.name: each.field.value() for each in answer.context["form"].questions}
    assert kept == {name: value for name, value in data.items() if name != "taken_on"}
    assert f'value="{today.isoformat()}"' in page
    assert page.count("checked") == 10


def test_scenario_20_by_the_page(client_record, episode, counselor, signed_in, today):
    browser = signed_in(counselor)
    data = {f"item_{n}": "1" for n in (1, 2, 3, 4, 5, 9)} | {f"item_{n}": "0" for n in (6, 7, 8)}
    answer = browser.post(at("measure_new", client_record.pk, "phq-9"), data | {"taken_on": today.isoformat()})
    assert answer["Location"] == at("measure_new", client_record.pk, "c-ssrs")
    taken = Measure.objects.get()
    assert (taken.total, taken.band, taken.requires, taken.episode) == (6, "Mild", "c-ssrs", episode)
    asked = as_read(browser.get(at("measure_new", client_record.pk, "c-ssrs")))
    assert "PHQ-9 saved: 6, Mild. Question 9 is above 0. Complete the C-SSRS screener now" in asked
    assert "needed before the session ends" in as_read(browser.get(at("measures", client_record.pk)))


def test_the_second_half_of_the_cssrs_question_6_is_no_seventh_question(
    client_record, episode, counselor, supervisor, signed_in, today
):
    browser = signed_in(counselor)
    page = browser.get(at("measure_new", client_record.pk, "c-ssrs"))
    assert [each.name for each in page.context["form"].questions][-2:] == [
        "question 6", "question 6, within the past 3 months"
    ]  # fmt: skip
    instrument_texts.install(instrument=Instrument.CSSRS, words=fake_words("c-ssrs"), by=supervisor)
    worded = browser.get(at("measure_new", client_record.pk, "c-ssrs"))
    assert [each.number for each in worded.context["form"].questions] == ["1", "2", "3", "4", "5", "6", "6b"]
    taken = measures.record(client=client_record, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=counselor)
    shown = browser.get(at("measure", client_record.pk, taken.pk)).context["answered"]
    assert [(each.number, each.answer) for each in shown][-2:] == [("6", 0), ("6b", None)]


def test_a_day_to_come_is_refused_and_a_day_past_belongs_to_its_own_stay(
    client_record, episode, program, counselor, signed_in, today
):
    browser = signed_in(counselor)
    tomorrow = (today + datetime.timedelta(days=1)).isoformat()
    page = browser.post(at("measure_new", client_record.pk, "gad-7"), answers_of("gad-7") | {"taken_on": tomorrow})
    assert "in the future" in as_read(page)
    assert not Measure.objects.exists()
    before = (episode.admitted_on - datetime.timedelta(days=3)).isoformat()
    browser.post(at("measure_new", client_record.pk, "gad-7"), answers_of("gad-7") | {"taken_on": before})
    assert Measure.objects.get().episode is None


def test_a_time_later_today_is_refused_and_everything_typed_is_kept(client_record, episode, counselor, signed_in):
    with time_machine.travel(datetime.datetime(2026, 3, 4, 15, 0, tzinfo=datetime.UTC)):
        data = answers_of("phq-9", 1) | {"taken_on": "2026-03-04", "taken_time": "16:30"}  # it is 10 AM in New York
        answer = signed_in(counselor).post(at("measure_new", client_record.pk, "phq-9"), data)
    page = as_read(answer)
    assert answer.status_code == 422
    assert "That time is in the future." in page
    assert 'value="16:30"' in page
    assert page.count("checked") == 9
    assert not Measure.objects.exists()


def test_one_is_asked_once_about_missing_answers_and_nothing_is_lost(
    client_record, episode, counselor, signed_in, today
):
    browser = signed_in(counselor)
    data = {**answers_of("phq-9", 1), "item_3": "", "item_7": "", "item_9": "", "taken_on": today.isoformat()}
    url = at("measure_new", client_record.pk, "phq-9")
    asked = browser.post(url, data)
    page = as_read(asked)
    assert asked.status_code == 422
    assert "3 questions are not answered, so there will be no score." in page
    assert page.count("checked") == 9, "six answers, and three “Not answered”"
    assert "Save without a score" in page
    assert not Measure.objects.exists()
    browser.post(url, data | {"then": "incomplete"})
    assert not Measure.objects.get().is_scored
    whole = browser.post(url, answers_of("phq-9", 1) | {"item_9": "0", "taken_on": today.isoformat()})
    assert whole.status_code == 302


def test_the_screener_asks_only_about_what_it_does_not_skip_itself(client_record, episode, counselor, signed_in, today):
    data = {"item_1": "0", "item_2": "0", "item_6": "0", "taken_on": today.isoformat()}
    answer = signed_in(counselor).post(at("measure_new", client_record.pk, "c-ssrs"), data)
    assert answer.status_code == 302
    assert Measure.objects.get().band == "No risk identified"


def test_an_answer_that_the_words_do_not_name_has_its_usual_name(client_record, counselor, supervisor):
    words = fake_words("c-ssrs")
    words.items[0]["answers"] = {"1": "Sample yes"}
    text = instrument_texts.install(instrument=Instrument.CSSRS, words=words, by=supervisor)
    assert item_text.wording_of(text).items[0].choices == ((0, "No"), (1, "Sample yes"))


def test_a_scale_taken_twice_a_day_keeps_both_times(client_record, episode, counselor, signed_in, today):
    browser = signed_in(counselor)
    yesterday = (today - datetime.timedelta(days=1)).isoformat()
    for at_time in ("08:00", "16:30"):
        data = answers_of("ciwa-ar") | {"taken_on": yesterday, "taken_time": at_time}
        browser.post(at("measure_new", client_record.pk, "ciwa-ar"), data)
    zone = client_record.clinic.zone
    taken = [timezone.localtime(each.taken_at, zone) for each in Measure.objects.order_by("taken_at")]
    assert [f"{each:%Y-%m-%d %H:%M}" for each in taken] == [f"{yesterday} 08:00", f"{yesterday} 16:30"]


def test_one_is_taken_back_with_a_reason_and_shown_struck_through(
    client_record, episode, counselor, medical, signed_in
):
    wrong = measures.record(client=client_record, instrument="phq-9", answers=[2] * 8 + [0], by=counselor)
    browser = signed_in(medical)
    page = as_read(browser.get(at("measure", client_record.pk, wrong.pk)))
    assert "Little interest or pleasure" in page
    assert "Entered in error?" in page
    empty = browser.post(at("measure_withdraw", client_record.pk, wrong.pk), {"reason": " "})
    assert empty.status_code == 422
    assert "Enter a short reason" in as_read(empty)
    done = browser.post(
        at("measure_withdraw", client_record.pk, wrong.pk), {"reason": "Was another client"}, follow=True
    )
    shown = as_read(done)
    assert "Was another client" in shown
    assert "<del>16</del>" in shown
    assert not done.context["lines"][-1].latest
    one = as_read(browser.get(at("measure", client_record.pk, wrong.pk)))
    assert "Entered in error.</strong> It stays on record" in one
    assert "Mark as entered in error" not in one
    course = browser.get(at("measure_trend", client_record.pk, "phq-9"))
    assert course.context["course"].rows == []


def test_measures_of_others_are_not_there(client_record, make_client, counselor, make_staff, intake, signed_in):
    taken = measures.record(client=client_record, instrument="phq-9", answers=[3] * 8 + [0], by=counselor)
    other = make_client()
    factories.CareTeamMemberFactory(client=other, staff_member=counselor)
    stranger, browser = signed_in(make_staff("counselor")), signed_in(counselor)
    for url in (at("measures", client_record.pk), at("measure", client_record.pk, taken.pk),
                at("measure_trend", client_record.pk, "phq-9")):  # fmt: skip
        assert stranger.get(url).status_code == 404
        assert browser.get(url).status_code == 200
    assert stranger.post(at("measure_withdraw", client_record.pk, taken.pk), {"reason": "x"}).status_code == 404
    assert browser.get(at("measure", other.pk, taken.pk)).status_code == 404
    for url in (at("measures", client_record.pk), at("measure", client_record.pk, taken.pk)):
        assert signed_in(intake).get(url).status_code == 403
    assert Measure.objects.counted().get() == taken


def test_installed_words_are_asked_kept_and_shown_and_a_later_version_changes_nothing(
    clinic, client_record, counselor, supervisor, signed_in, today
):
    first = instrument_texts.install(instrument=Instrument.COWS, words=fake_words("cows"), by=supervisor)
    browser = signed_in(counselor)
    page = as_read(browser.get(at("measure_new", client_record.pk, "cows")))
    assert "Sample question 11" in page
    assert "Sample introduction." in page
    second = fake_words("cows")
    second.items[0]["text"] = "Other question"
    data = answers_of("cows") | {"taken_on": today.isoformat(), "text": str(first.pk)}
    instrument_texts.install(instrument=Instrument.COWS, words=second, by=supervisor, seen=1)
    browser.post(at("measure_new", client_record.pk, "cows"), data)  # the page still showed the first version
    taken = Measure.objects.get()
    assert taken.text == first
    shown = as_read(browser.get(at("measure", client_record.pk, taken.pk)))
    assert "Sample question 1" in shown
    assert "Other question" not in shown
    assert "Sample owner" in shown


def test_a_page_with_the_shipped_words_is_kept_as_that(client_record, counselor, supervisor, signed_in, today):
    browser = signed_in(counselor)
    assert 'name="text"' in as_read(browser.get(at("measure_new", client_record.pk, "gad-7")))
    instrument_texts.install(instrument=Instrument.GAD7, words=fake_words("gad-7"), by=supervisor)
    data = answers_of("gad-7") | {"taken_on": today.isoformat(), "text": ""}
    browser.post(at("measure_new", client_record.pk, "gad-7"), data)
    assert Measure.objects.get().text is None


def test_words_of_another_clinic_are_never_taken(client_record, counselor, make_staff, other_clinic, signed_in, today):
    theirs = instrument_texts.install(
        instrument=Instrument.COWS, words=fake_words("cows"), by=make_staff("supervisor", clinic=other_clinic)
    )
    data = answers_of("cows") | {"taken_on": today.isoformat(), "text": str(theirs.pk)}
    signed_in(counselor).post(at("measure_new", client_record.pk, "cows"), data)
    assert Measure.objects.get().text is None


@pytest.mark.parametrize("page", ["measures", "measure_trend"])
def test_a_long_course_costs_as_many_queries_as_a_short_one(client_record, episode, counselor, signed_in, page):
    browser = signed_in(counselor)
    url = at(page, client_record.pk, *(["phq-9"] if page == "measure_trend" else []))

    def fill(number: int) -> int:
        for place in range(number):
            taken_at = timezone.now() - datetime.timedelta(hours=place)
            measures.record(
                client=client_record, instrument="phq-9", answers=[1] * 8 + [0], by=counselor, taken_at=taken_at,
                episode=episode,
            )  # fmt: skip
        browser.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    assert fill(2) == fill(20)

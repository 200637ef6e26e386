"""Safety and discharge plans: new versions, two people at once, after discharge, and earlier versions."""

from __future__ import annotations

import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cases.models import TreatmentEpisode
from counseling import carry_over, plans
from counseling.models import DischargePlan, SafetyPlan, TreatmentPlan
from counseling.panels import today_plans
from tests import factories
from tests.counseling.printing.test_print_and_pdf import plain
from tests.ownership import as_owner
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


def read_of(page: str) -> str:
    return page.partition('name="read" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("name", "field", "model"),
    [("safety_plan", "people_to_ask", SafetyPlan), ("discharge_plan", "what_helps", DischargePlan)],
)
def test_two_write_at_once_and_nothing_of_either_is_lost(
    returning, counselor, supervisor, signed_in, name, field, model
):
    pk, url = returning.client_record.pk, at(f"{name}_write", returning.client_record.pk)
    mine, hers = signed_in(counselor), signed_in(supervisor)
    read = read_of(as_read(mine.get(url)))
    assert read_of(as_read(hers.get(url))) == read
    hers.post(url, {field: "Her aunt", "read": read})
    answer = mine.post(url, {field: "Her neighbor", "read": read})
    page = as_read(answer)
    assert answer.status_code == 422
    assert f"{supervisor} updated this plan" in plain(page)
    assert "Her aunt" in page
    assert "Her neighbor" in page
    assert model.objects.filter(client=pk, **{field: "Her neighbor"}).count() == 0
    mine.post(url, {field: "Her aunt, her neighbor", "read": read_of(page)})
    assert getattr(model.objects.filter(client=pk).first(), field) == "Her aunt, her neighbor"


def test_a_form_that_was_sent_twice_is_one_writing(returning, counselor, signed_in):
    browser, pk = signed_in(counselor), returning.client_record.pk
    for name, said in (
        ("safety_plan", {"people_to_ask": "My aunt"}),
        ("discharge_plan", {"what_helps": "Mornings", "strategies": [returning.walk.pk]}),
    ):
        url = at(f"{name}_write", pk)
        read = read_of(as_read(browser.get(url)))
        before = (SafetyPlan.objects.count(), DischargePlan.objects.count())
        for _ in range(2):
            assert browser.post(url, {**said, "read": read})["Location"] == at(name, pk)
        assert sum((SafetyPlan.objects.count(), DischargePlan.objects.count())) == sum(before) + 1


def test_a_safety_plan_without_a_word_keeps_the_page_and_says_why(returning, counselor, signed_in):
    answer = signed_in(counselor).post(at("safety_plan_write", returning.client_record.pk), {"people_to_ask": " "})
    assert answer.status_code == 422
    assert "Fill in at least one part" in as_read(answer)


def test_a_step_too_long_for_one_page_is_told_so_and_kept(returning, counselor, signed_in):
    url, browser = at("safety_plan_write", returning.client_record.pk), signed_in(counselor)
    for text in ("Call.\n" * 11, "x" * 801):
        answer = browser.post(url, {"people_to_ask": text, "read": str(returning.safety.pk)})
        assert answer.status_code == 422
        assert "Keep each step to 10 lines and 800 characters" in as_read(answer)
        assert text.strip() in answer.content.decode().replace("\r\n", "\n")
    assert plans.safety_plan_of(returning.client_record) == returning.safety


def test_after_somebody_left_without_a_word_the_discharge_plan_is_still_written(returning, counselor, signed_in):
    browser, pk = signed_in(counselor), returning.client_record.pk
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(discharged_on="2026-08-01", discharge_reason="left")
    url = at("discharge_plan_write", pk)
    assert f'href="{url}"' in as_read(browser.get(at("plan", pk)))
    browser.post(url, {"if_use_returns": "Call the same day", "read": "0"})
    assert plans.discharge_plan_of(returning.client_record).episode == returning.second
    safety = as_read(browser.get(at("safety_plan_write", pk), follow=True))
    assert "A safety plan needs an open episode." in safety


def test_a_discharge_plan_written_late_for_an_older_stay_is_not_the_latest(returning, counselor, signed_in):
    """The stay counts first, then the writing. A safety plan stands by its writing, whichever stay it is from."""
    later = plans.write_discharge_plan(episode=returning.second, by=counselor, what_helps="Mornings")
    plans.write_discharge_plan(episode=returning.first, by=counselor, what_helps="Said from memory")
    assert plans.discharge_plan_of(returning.client_record) == later
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(discharged_on="2026-05-01", discharge_reason="left")
    used = factories.RelapseFactory(
        client=returning.client_record,
        started_on=returning.client_record.today,
        recorded_at=timezone.now(),
        recorded_by=counselor,
    )
    assert carry_over.compare(used).discharge_plan == later
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record,
        program=returning.program,
        admitted_by=counselor,
        admitted_on=returning.client_record.today,
    )
    assert [item.discharge_plan for item in carry_over.lay_out(third) if item.kind == "discharge_plan"] == [later]


def test_today_asks_for_the_discharge_plan_of_who_left_without_one(
    client_record, program, counselor, supervisor, make_staff
):
    """For thirty days, and only who leads the care; not of somebody who is back, or who died."""
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 3, 2)
    )
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharged_on="2026-04-01", discharge_reason="left")

    def asked(person, day):
        now = datetime.datetime(2026, 4, day, 15, tzinfo=datetime.UTC)
        found = today_plans.needs(staff_member=person, now=now)
        return [need.url for need in found if need.title == "Write the discharge plan"]

    url = at("discharge_plan_write", client_record.pk)
    assert asked(counselor, 2) == [url]
    assert asked(supervisor, 2) == asked(make_staff(), 2) == []
    client_record.clinic.thresholds.create(key="counseling.discharge_plan", value=5)
    assert (asked(counselor, 6), asked(counselor, 7)) == ([url], [])
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharge_reason="died")
    assert asked(counselor, 2) == []
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharge_reason="left")
    back = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 4, 2)
    )
    assert asked(counselor, 3) == []
    with as_owner():
        back.delete()
    plans.write_discharge_plan(episode=episode, by=counselor, what_helps="Mornings")
    assert asked(counselor, 2) == []


def test_an_earlier_writing_is_read_from_the_board_and_says_that_a_later_one_stands(returning, counselor, signed_in):
    carry_over.gather(episode=returning.second, by=counselor)
    plans.write_safety_plan(episode=returning.second, by=counselor, people_to_ask="My aunt")
    later = plans.write_discharge_plan(episode=returning.second, by=counselor, what_helps="Mornings")
    browser, pk = signed_in(counselor), returning.client_record.pk
    board = as_read(browser.get(at("carry_over", pk, returning.second.pk)))
    for name, row, words in (
        ("safety_plan", returning.safety, "My sister"),
        ("discharge_plan", returning.discharge, "Walking the dog"),
    ):
        url = f"{at(name, pk)}?writing={row.pk}"
        assert f'href="{url}"' in board
        page = as_read(browser.get(url))
        assert words in page
        assert "A newer version exists." in page
        assert url in as_read(browser.get(at(name, pk))), "the one that stands leads to the earlier ones"
        taken_along = as_read(browser.get(f"{url}&for=client"))
        assert "This is an old plan." in taken_along
        pdf = browser.get(f"{at(f'{name}_pdf', pk)}?writing={row.pk}&for=client")
        assert "This is an old plan." in words_of(pdf)
        for said in (as_read(browser.get(f"{at(name, pk)}?for=client")), page):
            assert "This is an old plan." not in said
        pdf = browser.get(f"{at(f'{name}_pdf', pk)}?writing={row.pk}")
        assert words in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert browser.get(f"{at('discharge_plan', pk)}?writing={returning.safety.pk + 9999}").status_code == 404
    assert "Mornings" in as_read(browser.get(at("discharge_plan", pk)))
    assert later.pk


def test_the_discharge_plan_is_read_by_those_who_see_plans_and_nobody_elses_is_reached(
    returning, counselor, intake, make_staff, make_client, program, signed_in
):
    pk = returning.client_record.pk
    for name in ("discharge_plan", "discharge_plan_pdf"):
        assert signed_in(intake).get(at(name, pk)).status_code == 403
        assert signed_in(make_staff()).get(at(name, pk)).status_code == 404
    other = make_client(counselor=counselor)
    theirs = factories.TreatmentEpisodeFactory(client=other, program=program, admitted_by=counselor)
    row = plans.write_discharge_plan(episode=theirs, by=counselor, what_helps="The sea")
    assert signed_in(counselor).get(f"{at('discharge_plan', pk)}?writing={row.pk}").status_code == 404


def words_of(pdf):
    """The words of its first page, whatever lines they stand in."""
    return " ".join(PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().split())


def test_the_copy_for_the_client_of_a_plan_from_before_says_that_it_is_from_before(returning, counselor, signed_in):
    browser, pk = signed_in(counselor), returning.client_record.pk
    for name in ("safety_plan", "discharge_plan"):
        copy = words_of(browser.get(f"{at(f'{name}_pdf', pk)}?for=client"))
        assert "This plan is from a while ago" in copy
        assert "Written before the last return to treatment" not in copy
        assert "Written before the last return to treatment" in words_of(browser.get(at(f"{name}_pdf", pk)))
    plans.write_safety_plan(episode=returning.second, by=counselor, people_to_ask="My aunt")
    assert "from a while ago" not in words_of(browser.get(f"{at('safety_plan_pdf', pk)}?for=client"))


def test_the_copy_for_the_client_names_nobody(returning, counselor, signed_in):
    page = signed_in(counselor).get(f"{at('discharge_plan_pdf', returning.client_record.pk)}?for=client")
    said = PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    assert "Walking the dog" in said
    for words in (returning.client_record.family_name, str(returning.client_record.clinic)):
        assert words not in said


# The treatment plan


@pytest.fixture
def step(returning, counselor):
    item = next(
        each for each in carry_over.gather(episode=returning.second, by=counselor) if each.goal == returning.goal
    )
    carry_over.decide(item=item, verdict="held", by=counselor)
    return returning.second.goals.get().objectives.get()


def test_a_step_that_was_carried_over_gets_its_day(step, counselor, signed_in):
    """It comes without one; a day that has passed is not agreed on."""
    browser, client = signed_in(counselor), step.goal.client_id
    plan = as_read(browser.get(at("plan", client)))
    url = at("objective_change", client, step.pk)
    assert url in plan
    shown = as_read(browser.get(url))
    assert "Two visits by March" in shown
    said = {"wording": step.wording, "intervention": "Family session", "due_on": "2020-01-01"}
    refused = browser.post(url, said)
    assert refused.status_code == 422
    assert "Family session" in as_read(refused)
    browser.post(url, {**said, "due_on": "2030-03-01"})
    step.refresh_from_db()
    assert (step.due_on.isoformat(), step.intervention) == ("2030-03-01", "Family session")
    assert "By Mar 1, 2030 · Family session" in plain(as_read(browser.get(at("plan", client))))


def test_two_who_change_one_step_each_keep_what_they_changed(step, counselor, supervisor, signed_in):
    from html import unescape

    url = at("objective_change", step.goal.client_id, step.pk)
    page = as_read(signed_in(counselor).get(url))
    shown = unescape(page.partition('name="shown" value="')[2].partition('"')[0])
    said = {"wording": step.wording, "intervention": "", "due_on": "", "shown": shown}
    signed_in(supervisor).post(url, {**said, "due_on": "2030-03-01"})
    signed_in(counselor).post(url, {**said, "intervention": "Family session"})
    step.refresh_from_db()
    assert (step.due_on.isoformat(), step.intervention) == ("2030-03-01", "Family session")
    clash = signed_in(counselor).post(url, {**said, "due_on": "2030-05-01"})
    assert clash.status_code == 422
    assert "Someone else changed this." in as_read(clash)


def test_who_may_not_write_plans_changes_no_step(step, medical, make_staff, signed_in):
    url = at("objective_change", step.goal.client_id, step.pk)
    assert signed_in(medical).get(url).status_code == 403
    assert signed_in(make_staff()).post(url, {"wording": "Theirs"}).status_code == 404
    step.refresh_from_db()
    assert step.wording == "Two visits by March"


def test_no_step_is_agreed_on_toward_a_goal_that_was_closed_meanwhile(step, counselor, signed_in):
    browser, goal = signed_in(counselor), step.goal
    plans.close_goal(goal=goal, status="met", by=counselor)
    answer = browser.post(at("objective_add", goal.client_id, goal.pk), {"wording": "Three visits"})
    assert answer.status_code == 422
    assert "This goal is closed" in as_read(answer)
    assert "Three visits" in as_read(answer), "what was typed is not lost"
    assert not goal.objectives.active().exists()


def test_a_version_is_begun_once_and_two_who_begin_it_learn_of_each_other(returning, counselor, supervisor, signed_in):
    client = returning.client_record.pk
    plans.start(episode=returning.second, by=counselor, needs="Sleep")
    url, mine = at("plan_new_version", client), signed_in(counselor)
    for _ in range(2):
        assert mine.post(url, {"needs": "Sleep\nHousing", "after": "1"}).status_code == 302
    versions = TreatmentPlan.objects.filter(episode=returning.second)
    assert versions.count() == 2
    answer = signed_in(supervisor).post(url, {"needs": "Sleep\nWork", "after": "1"})
    page = plain(as_read(answer))
    assert answer.status_code == 422
    assert f"{counselor} started version 2 while you were typing, with these needs: Sleep; Housing." in page
    assert "Work" in as_read(answer)
    assert 'name="after" value="2"' in as_read(answer)
    assert versions.count() == 2

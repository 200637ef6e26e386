"""Each warning of the golden thread is mended by its own button: the form it leads to is sent, the warning is gone.

And the exact days on which warnings come, the goal that leaves open which objective was meant, and where each part of
the picture leads.
"""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import golden_thread, notes, plans, signing
from counseling.golden_thread import thread_checks, thread_rules
from counseling.golden_thread.thread_checks import Check
from counseling.models import Goal, LaterFiling, Objective, SessionNote
from tests import factories
from tests.reading import as_read

pytestmark = pytest.mark.django_db

START = datetime.datetime(2026, 3, 2, 15, tzinfo=datetime.UTC)  # 10 AM at the clinic
DAY = datetime.timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as moving:
        yield moving


@pytest.fixture
def episode(clock, client_record, program, counselor):
    made = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=START.date()
    )
    return TreatmentEpisode.objects.select_related("client__clinic", "program").get(pk=made.pk)


@pytest.fixture
def plan(episode, counselor):
    """One need, one goal for it, one objective."""
    plans.start(episode=episode, by=counselor, needs="Sleep")
    goal = plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    return plans.add_objective(goal=goal, wording="Keep the diary", by=counselor)


@pytest.fixture
def session(episode, counselor):
    def signed(**fields) -> SessionNote:
        note = notes.start(
            client=episode.client, episode=episode, by=counselor, sections={"subjective": "Slept."}, **fields
        )
        signing.sign(note=note, by=counselor)
        return note

    return signed


@pytest.fixture
def gaps(episode, counselor):
    def found() -> list[thread_checks.Gap]:
        now = timezone.now()
        return thread_checks.gaps(golden_thread.of(episode=episode, reader=counselor, now=now), now)

    return found


def checks(found: list[thread_checks.Gap]) -> list[str]:
    return [gap.check.value for gap in found]


def fields_of(page: str, action: str = "") -> dict[str, str]:
    """What a browser would send of the form that posts to `action`, else of the page's own form."""
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>.*?</form>", page, re.DOTALL)
    mine = [form for form in forms if (f'action="{action}"' in form if action else "action=" not in form.split(">")[0])]
    assert mine, "no such form on the page"
    found = {}
    for tag in re.findall(r"<input[^>]*>", mine[0]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in said and said.get("type") in {"hidden", "text"}:
            found[said["name"]] = said.get("value", "")
    return found


def follow(browser, gap: thread_checks.Gap) -> str:
    answer = browser.get(gap.url)
    assert answer.status_code == 200, gap.url
    return as_read(answer)


# Each warning, its button, and the warning gone


def test_plan_late_is_mended_by_the_plan(episode, counselor, gaps, clock, signed_in):
    clock.move_to(START + 22 * DAY)
    (gap,) = gaps()
    assert gap.check == Check.PLAN_LATE
    browser = signed_in(counselor)
    sent = fields_of(follow(browser, gap))
    assert browser.post(gap.url, {**sent, "needs": "Sleep"}).status_code == 302
    assert checks(gaps()) == [Check.NEED_WITHOUT_GOAL]


def test_review_late_is_mended_by_the_review(plan, counselor, gaps, clock, session, signed_in):
    clock.move_to(START + 91 * DAY)
    session(objectives=[plan])
    (gap,) = gaps()
    assert gap.check == Check.REVIEW_LATE
    browser = signed_in(counselor)
    page = follow(browser, gap)
    progress = re.search(r'name="([\w-]*progress[\w-]*)"', page).group(1)
    sent = fields_of(page) | {"summary": "Nights are longer.", progress: "better"}
    answer = browser.post(gap.url, sent)
    assert answer.status_code == 302, as_read(answer)[:2000]
    assert gaps() == []


def test_a_need_without_a_goal_is_mended_by_the_goal_for_it(plan, episode, counselor, gaps, session, signed_in):
    long = "A place to live that is near to work, and quiet. " * 6
    plans.new_version(episode=episode, by=counselor, needs=f"Sleep\nWork & money\n{long}")
    browser = signed_in(counselor)
    add = reverse("counseling:goal_add", args=[episode.client_id])
    for number in range(2):
        gap = gaps()[0]
        assert gap.check == Check.NEED_WITHOUT_GOAL
        sent = fields_of(follow(browser, gap), add)
        sent["need"] = sent["need"].replace("&amp;", "&")
        assert browser.post(add, {**sent, "wording": f"Goal {number}"}).status_code == 302
    assert Check.NEED_WITHOUT_GOAL not in [gap.check for gap in gaps()]


def test_a_goal_without_an_objective_is_mended_by_the_objective(plan, episode, counselor, gaps, signed_in):
    bare = plans.add_goal(episode=episode, wording="No nightmares", need="Sleep", by=counselor)
    (gap,) = gaps()
    assert (gap.check, gap.pk) == (Check.GOAL_WITHOUT_OBJECTIVE, bare.pk)
    browser = signed_in(counselor)
    add = reverse("counseling:objective_add", args=[episode.client_id, bare.pk])
    sent = fields_of(follow(browser, gap), add)
    assert browser.post(add, {**sent, "wording": "Write each one down"}).status_code == 302
    assert gaps() == []


def test_an_objective_without_a_note_is_mended_by_a_note_begun_for_it(plan, counselor, gaps, clock, signed_in):
    clock.move_to(START + 30 * DAY)
    (gap,) = gaps()
    assert (gap.check, gap.pk) == (Check.OBJECTIVE_WITHOUT_NOTE, plan.pk)
    browser = signed_in(counselor)
    sent = fields_of(follow(browser, gap))
    assert sent["objective"] == str(plan.pk)
    browser.post(gap.url, {**sent, "format": "dap"})
    draft = SessionNote.objects.get()
    assert checks(gaps()) == [Check.OBJECTIVE_WITHOUT_NOTE]  # a draft is no note yet
    notes.save_draft(note=draft, version=draft.version, by=counselor, sections={"data": "Diary kept."})
    signing.sign(note=SessionNote.objects.get(), by=counselor)
    assert gaps() == []


def test_a_note_without_an_objective_is_mended_by_saying_which(plan, counselor, gaps, session, signed_in):
    note = session()
    (gap,) = gaps()
    assert (gap.check, gap.pk) == (Check.NOTE_WITHOUT_OBJECTIVE, note.pk)
    browser = signed_in(counselor)
    page = follow(browser, gap)
    assert f'name="objective" value="{plan.pk}"' in page
    assert browser.post(gap.url, {**fields_of(page), "objective": plan.pk}).status_code == 302
    assert gaps() == []
    assert LaterFiling.objects.get().filed_by == counselor


# A note that names only the goal


def test_a_note_that_names_a_goal_with_two_objectives_leaves_open_which_one(
    plan, episode, counselor, gaps, session, signed_in
):
    goal = plan.goal
    second = plans.add_objective(goal=goal, wording="Lights out at eleven", by=counselor)
    other_goal = plans.add_goal(episode=episode, wording="Less pain", need="Sleep", by=counselor)
    other = plans.add_objective(goal=other_goal, wording="See the doctor", by=counselor)
    session(objectives=[plan, second, other])
    note = session(goals=[goal])
    (gap,) = gaps()
    assert (gap.check, gap.pk) == (Check.NOTE_WITHOUT_OBJECTIVE, note.pk)
    assert "goal only: “Sleep six hours”" in gap.about
    browser = signed_in(counselor)
    thread_page = reverse("counseling:thread", args=[episode.client_id])
    assert "1 with no objective" in as_read(browser.get(thread_page))
    page = follow(browser, gap)
    offered = [int(pk) for pk in re.findall(r'name="objective" value="(\d+)"', page)]
    assert offered == [plan.pk, second.pk, other.pk]  # those of the goal that it names come first
    browser.post(gap.url, {**fields_of(page), "objective": second.pk})
    assert gaps() == []
    assert "without an objective" not in as_read(browser.get(thread_page))


def test_a_note_that_names_a_goal_with_one_objective_is_clear(plan, gaps, session, counselor):
    session(goals=[plan.goal])
    assert gaps() == []
    plans.close_objective(objective=plan, status="met", by=counselor)
    assert checks(gaps()) == [Check.GOAL_WITHOUT_OBJECTIVE]


def test_a_goal_that_was_met_keeps_its_notes_on_its_step(plan, episode, session, counselor):
    session(goals=[plan.goal])
    plans.close_goal(goal=plan.goal, status="met", by=counselor)
    (branch,) = golden_thread.of(episode=episode, reader=counselor, now=timezone.now()).goals
    assert ([len(strand.notes) for strand in branch.strands], branch.notes) == ([1], ())


def test_a_note_that_names_a_goal_and_one_of_its_objectives_is_clear(plan, gaps, session, counselor):
    second = plans.add_objective(goal=plan.goal, wording="Lights out at eleven", by=counselor)
    session(goals=[plan.goal], objectives=[second])
    session(goals=[plan.goal], objectives=[plan])
    assert gaps() == []


# Which kinds of session need no objective


@pytest.mark.parametrize("kind", ["individual", "family", "couple", "crisis", "case_management", "intake"])
def test_what_needs_no_objective_is_what_the_clinic_says(plan, episode, gaps, session, supervisor, kind):
    session(objectives=[plan])
    session(modality=kind)
    is_free = kind in {"crisis", "case_management", "intake"}
    assert (gaps() == []) is is_free
    free = thread_rules.free_of_objectives(episode.client.clinic)
    thread_rules.set_free_of_objectives(kinds=free ^ {kind}, by=supervisor, reason="Our policy")
    assert (gaps() == []) is not is_free


def test_another_clinics_rule_changes_nothing_here(plan, gaps, session, other_clinic, make_staff):
    session(objectives=[plan])
    session()
    there = make_staff("supervisor", clinic=other_clinic)
    thread_rules.set_free_of_objectives(kinds=["individual"], by=there, reason="Theirs")
    assert checks(gaps()) == [Check.NOTE_WITHOUT_OBJECTIVE]


# Exact days


@pytest.mark.parametrize(("days", "is_quiet"), [(29, False), (30, True), (31, True)])
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_thirty_days_without_a_note_are_thirty_days_of_the_clinic(
    plan, clinic, gaps, session, clock, days, is_quiet, hour
):
    clock.move_to(START + 3 * DAY)
    session(objectives=[plan])
    last = (START + 3 * DAY).astimezone(clinic.zone).date()
    clock.move_to(datetime.datetime.combine(last + days * DAY, datetime.time(hour, 30), clinic.zone))
    assert (Check.OBJECTIVE_WITHOUT_NOTE in checks(gaps())) is is_quiet


@pytest.mark.parametrize(("days", "is_quiet"), [(29, False), (30, True), (31, True)])
def test_an_objective_that_was_never_worked_on_counts_from_its_opening(plan, gaps, clock, days, is_quiet):
    clock.move_to(START + days * DAY)
    assert (Check.OBJECTIVE_WITHOUT_NOTE in checks(gaps())) is is_quiet


def at_level(episode, level, by):
    episode.level_of_care_periods.create(
        level_code=level, criteria_edition="asam-3", setting=1, starts_at=START, decided_by=by
    )


@pytest.mark.parametrize(
    ("level", "within"),
    [
        ("3.7", datetime.timedelta(hours=24)),
        ("3.5", datetime.timedelta(hours=48)),
        ("3.1", 7 * DAY),
        ("2.1", 21 * DAY),
        ("1", 21 * DAY),
    ],
)
def test_a_plan_is_late_by_level_of_care_and_not_a_minute_before(
    episode, clinic, counselor, gaps, clock, level, within
):
    at_level(episode, level, counselor)
    end = START + within
    if within > 2 * DAY:  # days run to the end of the last one
        end = datetime.datetime.combine(end.astimezone(clinic.zone).date() + DAY, datetime.time(), clinic.zone)
    clock.move_to(end)
    assert gaps() == []
    clock.move_to(end + datetime.timedelta(seconds=1))
    assert checks(gaps()) == [Check.PLAN_LATE]


@pytest.mark.parametrize(("level", "days"), [("3.7", 3), ("3.5", 7), ("2.5", 14), ("3.1", 30), ("2.1", 30), ("1", 90)])
def test_a_review_is_late_by_level_of_care_from_the_day_after(
    plan, episode, clinic, counselor, gaps, clock, session, level, days
):
    at_level(episode, level, counselor)
    for later, is_late in ((days, False), (days + 1, True)):
        clock.move_to(START + later * DAY)
        session(objectives=[plan])
        assert (Check.REVIEW_LATE in checks(gaps())) is is_late
    key = {"3.7": "medical", "3.5": "high_intensity", "2.5": "day", "3.1": "low_intensity", "2.1": "low_intensity"}
    clinic.thresholds.create(key=f"plan.review_{key.get(level, 'outpatient')}", value=days + 1)
    assert gaps() == []


# Where each part of the picture leads


def test_each_part_of_the_picture_leads_to_its_page_and_row(plan, episode, counselor, session, signed_in):
    goal = plan.goal
    note = session(objectives=[plan])
    met = plans.add_objective(goal=goal, wording="Buy a lamp", by=counselor)
    plans.close_objective(objective=met, status="met", by=counselor)
    review = plans.review(plan=plans.current(episode), by=counselor, summary="Better.", progress={goal: "better"})
    browser = signed_in(counselor)
    page = as_read(browser.get(reverse("counseling:thread", args=[episode.client_id])))
    plan_page = reverse("counseling:plan", args=[episode.client_id])
    versions = reverse("counseling:plan_versions", args=[episode.client_id])
    for words, address in (
        ("Sleep", f"{plan_page}#need-1"),
        ("Sleep six hours", f"{plan_page}#goal-{goal.pk}"),
        ("Keep the diary", f"{plan_page}#objective-{plan.pk}"),
        ("Buy a lamp", f"{plan_page}#goal-{goal.pk}"),
    ):
        assert page.count(f'<a href="{address}">{words}</a>') >= 2  # in the picture and in its table
        assert f'id="{address.partition("#")[2]}"' in as_read(browser.get(address.partition("#")[0]))
    assert f'href="{versions}#review-{review.pk}"' in page
    assert f'id="review-{review.pk}"' in as_read(browser.get(versions))
    assert page.count(f'href="{reverse("counseling:note_edit", args=[episode.client_id, note.pk])}"') == 2


def test_the_thread_of_an_earlier_episode_leads_to_the_version_that_stood_then(
    plan, episode, counselor, program, clock, signed_in
):
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharged_on=START.date(), discharge_reason="completed")
    clock.move_to(START + 9 * DAY)
    factories.TreatmentEpisodeFactory(
        client=episode.client, program=program, admitted_by=counselor, admitted_on=(START + 9 * DAY).date()
    )
    browser = signed_in(counselor)
    address = reverse("counseling:thread", args=[episode.client_id]) + f"?episode={episode.pk}"
    page = as_read(browser.get(address))
    versions = reverse("counseling:plan_versions", args=[episode.client_id]) + f"?episode={episode.pk}"
    assert f'<a href="{versions}#version-1">Keep the diary</a>' in page
    shown = as_read(browser.get(versions))
    assert 'id="version-1"' in shown
    assert "Keep the diary" in shown
    assert (Goal.objects.count(), Objective.objects.count()) == (1, 1)

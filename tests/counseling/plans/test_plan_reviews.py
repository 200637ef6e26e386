"""Plan reviews: their content, their effect on goals, and versions that never change."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.episodes import admissions
from cases.models import LevelOfCarePeriod, TreatmentEpisode
from counseling import plans
from counseling.models import Goal, PlanReview, PlanReviewGoal, TreatmentPlan
from counseling.plans import plan_progress, plan_text, plan_timing
from staff.access import NotPermitted
from tests import factories
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
SECRET = "Two evenings at the old flat did not hold"


@pytest.fixture
def plan(episode, counselor):
    plan = plans.start(episode=episode, by=counselor, needs="Sleep\nWork and money")
    sleep = plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    plans.add_goal(episode=episode, wording="Work half days", need="Work and money", by=counselor)
    plans.add_objective(goal=sleep, wording="Keep the sleep diary", by=counselor)
    return plan


def goals_of(plan):
    return list(Goal.objects.filter(episode=plan.episode_id).order_by("pk"))


def reviewed(plan, by, *progress, **more):
    said = dict(zip(goals_of(plan), progress or ("better", "same"), strict=True))
    return plans.review(plan=plan, by=by, summary="Nights are longer.", progress=said, **more)


def test_a_review_says_how_each_goal_goes_and_closes_what_is_met(plan, counselor):
    done = reviewed(plan, counselor, ("met", "Six weeks in a row"), "worse")
    sleep, work = goals_of(plan)
    assert [(each.goal, each.progress, each.words) for each in done.goals.order_by("goal")] == [
        (sleep, "met", "Six weeks in a row"),
        (work, "worse", ""),
    ]
    assert (sleep.status, work.status) == ("met", "active")
    assert not sleep.objectives.active().exists()


def test_a_goal_that_nothing_was_said_about_keeps_the_review_from_being_written(plan, counselor):
    sleep, _ = goals_of(plan)
    with pytest.raises(plan_progress.ProgressMissing):
        plans.review(plan=plan, by=counselor, summary="Nights are longer.", progress={sleep: "better"})
    with pytest.raises(plan_progress.SummaryMissing):
        plans.review(plan=plan, by=counselor, summary="  ", progress=dict.fromkeys(goals_of(plan), "same"))
    with pytest.raises(plan_progress.ProgressMissing):
        reviewed(plan, counselor, "splendid", "same")
    assert not PlanReview.objects.exists()


def test_a_review_speaks_of_no_other_clients_goal(plan, counselor, make_client, program):
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor), program=program, admitted_by=counselor
    )
    theirs = plans.add_goal(episode=other, wording="Somebody else's", by=counselor)
    said = {**dict.fromkeys(goals_of(plan), "same"), theirs: "better"}
    with pytest.raises(plan_progress.GoalOfAnotherPlan):
        plans.review(plan=plan, by=counselor, summary="Nights are longer.", progress=said)
    done = reviewed(plan, counselor)
    with pytest.raises(DatabaseError, match="goals of its own plan"), transaction.atomic():
        PlanReviewGoal.objects.create(review=done, goal=theirs, progress="better")


def test_a_form_sent_twice_is_one_review(plan, counselor):
    goals = dict(zip(goals_of(plan), ("met", "same"), strict=True))
    first = plans.review(plan=plan, by=counselor, summary="Nights are longer.", progress=goals)
    assert plans.review(plan=plan, by=counselor, summary="Nights are longer.", progress=goals) == first
    assert PlanReview.objects.count() == 1


def test_a_review_that_is_corrected_soon_after_is_a_review_of_its_own(plan, counselor):
    """The same summary, and another word, progress or day: only what says the same in every part was sent twice."""
    soon = plan.client.today + datetime.timedelta(days=20)
    said = [
        (("better", "same"), {}),
        (("better", "worse"), {}),
        (("better", ("worse", "The shifts were cut")), {}),
        (("better", ("worse", "The shifts were cut")), {"next_review_on": soon}),
    ]
    done = [reviewed(plan, counselor, *progress, **more) for progress, more in said]
    assert len({each.pk for each in done}) == PlanReview.objects.count() == 4
    progress, more = said[-1]
    assert reviewed(plan, counselor, *progress, **more) == done[-1]
    assert PlanReview.objects.count() == 4


def test_a_corrected_review_on_the_page_is_written_or_says_what_it_cannot_change(plan, counselor, signed_in):
    """A goal that the first one closed has no field any more, so what is said about it now is said back."""
    browser, url = signed_in(counselor), reverse("counseling:plan_review", args=[plan.client_id])
    sleep, work = goals_of(plan)
    first = {"summary": "Nights are longer.\r\nHe says so.", f"words_{work.pk}": " The shifts\r\nwere cut. "}
    first |= {f"progress_{sleep.pk}": "met", f"progress_{work.pk}": "same"}
    assert browser.post(url, first).status_code == 302
    assert browser.post(url, first).status_code == 302
    assert PlanReview.objects.count() == 1
    assert browser.post(url, {**first, f"progress_{work.pk}": "worse"}).status_code == 302
    assert PlanReviewGoal.objects.filter(goal=work).latest("pk").progress == "worse"
    answer = browser.post(url, {**first, f"progress_{sleep.pk}": "better"})
    assert answer.status_code == 422
    assert "was closed while you were typing (met). You chose: Better." in answer.content.decode()
    assert PlanReview.objects.count() == 2


def test_the_next_review_is_on_a_later_day(plan, counselor, clinic):
    with pytest.raises(plan_progress.ReviewDayNotPossible):
        reviewed(plan, counselor, next_review_on=timezone.localdate(timezone=clinic.zone))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE counseling_planreview SET summary = 'All is well'",
        "DELETE FROM counseling_planreview",
        "UPDATE counseling_planreviewgoal SET progress = 'met'",
        "DELETE FROM counseling_planreviewgoal",
        "TRUNCATE counseling_planreview CASCADE",
    ],
)
def test_nobody_rewrites_a_review(plan, counselor, sql):
    reviewed(plan, counselor)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is checked at commit stands in the way of TRUNCATE
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)


def test_an_earlier_version_stands_as_it_was_and_the_next_says_what_changed(plan, counselor):
    before = plan_text.contents(plan)
    second = plans.new_version(episode=plan.episode, by=counselor, needs="Sleep\nA place to live")
    home = plans.add_goal(episode=plan.episode, wording="A lease in my name", by=counselor)
    sleep, work, _ = goals_of(plan)
    plans.close_goal(goal=work, status="set_aside", by=counselor)
    first = TreatmentPlan.objects.get(pk=plan.pk)
    assert plan_text.contents(first) == before
    assert [aim.wording for aim in plan_text.contents(second).aims] == [sleep.wording, work.wording, home.wording]
    assert [(each.kind, each.words) for each in plan_text.changes(before, plan_text.contents(second))] == [
        ("New need", "A place to live"),
        ("Removed need", "Work and money"),
        ("Goal discontinued", "Work half days"),
        ("New goal", "A lease in my name"),
    ]


def test_the_database_keeps_an_earlier_version_except_along_a_merge(plan, counselor, supervisor, make_client):
    plans.new_version(episode=plan.episode, by=counselor, needs="Sleep")
    for change in ({"needs": "None"}, {"stood_as": {}}, {"stood_as": None}, {"version": 9}):
        with pytest.raises(DatabaseError, match="followed by another version"), transaction.atomic():
            TreatmentPlan.objects.filter(pk=plan.pk).update(**change)
    with as_owner(), pytest.raises(DatabaseError, match="followed by another version"), transaction.atomic():
        TreatmentPlan.objects.filter(pk=plan.pk)._raw_delete("default")
    keep = make_client(counselor=counselor, given_name="Robyn")
    merging.merge(keep=keep, absorb=plan.client, by=supervisor)
    assert TreatmentPlan.objects.get(pk=plan.pk).client_id == keep.pk


def test_only_the_latest_version_is_reviewed(plan, counselor):
    plans.new_version(episode=plan.episode, by=counselor, needs="Sleep")
    with pytest.raises(plan_progress.NotTheLatestVersion):
        reviewed(plan, counselor)


def test_who_may_not_write_plans_reviews_none(plan, medical, make_staff, other_clinic):
    for stranger in (medical, make_staff(), make_staff("supervisor", clinic=other_clinic)):
        with pytest.raises(NotPermitted):
            reviewed(plan, stranger)
        with pytest.raises(NotPermitted):
            plans.new_version(episode=plan.episode, by=stranger, needs="Sleep")


PAGES = ("plan_versions", "plan_new_version", "plan_review", "plan_sign", "thread")


def test_another_clinic_intake_and_a_counselor_off_the_team_never_see_a_review(
    plan, counselor, intake, make_staff, other_clinic, signed_in
):
    plans.review(plan=plan, by=counselor, summary=SECRET, progress=dict.fromkeys(goals_of(plan), "worse"))
    mine = signed_in(counselor)
    assert SECRET in mine.get(reverse("counseling:plan_versions", args=[plan.client_id])).content.decode()
    strangers = [(intake, 403), (make_staff(), 404), (make_staff("supervisor", clinic=other_clinic), 404)]
    for person, status in strangers:
        browser = signed_in(person)
        for page in PAGES:
            answer = browser.get(reverse(f"counseling:{page}", args=[plan.client_id]))
            assert answer.status_code == status, (person, page)
            assert SECRET not in answer.content.decode()
        assert not PlanReview.objects.visible_to(person).exists()
        assert not PlanReviewGoal.objects.visible_to(person).exists()


def test_the_review_page_keeps_what_was_typed_and_then_writes_it(plan, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("counseling:plan_review", args=[plan.client_id])
    sleep, work = goals_of(plan)
    half = {"summary": SECRET, f"progress_{sleep.pk}": "better"}
    refused = browser.post(url, half)
    assert refused.status_code == 422
    assert SECRET in refused.content.decode()
    assert "Choose progress for this goal" in refused.content.decode()
    written = browser.post(url, {**half, f"progress_{work.pk}": "same", f"words_{work.pk}": "No call back yet"})
    assert written["Location"] == reverse("counseling:thread", args=[plan.client_id])
    assert (
        "No call back yet" in browser.get(reverse("counseling:plan_versions", args=[plan.client_id])).content.decode()
    )


def test_words_about_a_goal_that_was_closed_meanwhile_are_said_back(plan, counselor, supervisor, signed_in):
    sleep, work = goals_of(plan)
    url, browser = reverse("counseling:plan_review", args=[plan.client_id]), signed_in(counselor)
    said = {f"progress_{goal.pk}": "same" for goal in (sleep, work)}
    said |= {f"words_{sleep.pk}": "Up at four again", "summary": "Harder nights."}
    plans.close_goal(goal=sleep, status="set_aside", by=supervisor)
    answer = browser.post(url, said)
    assert answer.status_code == 422
    assert "“Sleep six hours” was closed while you were typing (discontinued). You wrote: “Up at four again”" in (
        answer.content.decode()
    )
    assert not PlanReview.objects.exists()
    again = {f"progress_{work.pk}": "same", "summary": "Harder nights. Up at four again."}
    for _ in range(2):  # and sent twice it is one
        assert browser.post(url, again).status_code == 302
    assert PlanReview.objects.get().summary == "Harder nights. Up at four again."


def test_a_review_that_closes_a_goal_and_is_sent_twice_is_one(plan, counselor, signed_in):
    sleep, work = goals_of(plan)
    url, browser = reverse("counseling:plan_review", args=[plan.client_id]), signed_in(counselor)
    said = {f"progress_{sleep.pk}": "met", f"words_{sleep.pk}": "Six weeks in a row", f"progress_{work.pk}": "same"}
    for _ in range(2):
        assert browser.post(url, {**said, "summary": "Nights are longer."}).status_code == 302
    assert PlanReview.objects.count() == 1


def test_a_next_version_is_begun_on_its_page(plan, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("counseling:plan_new_version", args=[plan.client_id])
    assert "Sleep\nWork and money" in browser.get(url).content.decode()
    browser.post(url, {"needs": "Sleep"})
    assert plans.current(plan.episode).version == 2
    assert plans.current(plan.episode).need_lines == ["Sleep"]


def test_versions_cost_the_same_number_of_queries(plan, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("counseling:plan_versions", args=[plan.client_id])
    reviewed(plan, counselor)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for number in range(4):
        plans.new_version(episode=plan.episode, by=counselor, needs=f"Sleep\nNeed {number}")
        goal = plans.add_goal(episode=plan.episode, wording=f"Goal {number}", by=counselor)
        plans.add_objective(goal=goal, wording="A step", by=counselor)
        plans.review(
            plan=plans.current(plan.episode),
            by=counselor,
            summary=f"Look {number}",
            progress=dict.fromkeys(Goal.objects.active().filter(episode=plan.episode), "same"),
        )
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few)


# When a plan and its reviews are due


NOON = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)


def at_level(client, program, by, code, setting=1, start=NOON):
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=program, admitted_by=by, admitted_on=start.date()
    )
    LevelOfCarePeriod.objects.create(
        episode=episode, criteria_edition="asam-3", level_code=code, setting=setting, starts_at=start, decided_by=by
    )
    return TreatmentEpisode.objects.select_related("client__clinic", "program").get(pk=episode.pk)


def days_later(number, clinic):
    day = timezone.localdate(NOON, clinic.zone) + datetime.timedelta(days=number + 1)
    return datetime.datetime.combine(day, datetime.time(), clinic.zone)


@pytest.mark.parametrize(
    ("code", "hours", "days", "review"),
    [
        ("3.7", 24, None, 3),
        ("4", 24, None, 3),
        ("3.7-WM", 24, None, 3),
        ("3.5", 48, None, 7),
        ("3.3", 48, None, 7),
        ("3.1", None, 7, 30),
        ("2.5", None, 21, 14),
        ("2.1", None, 21, 30),
        ("2.1 COE", None, 21, 30),
        ("1", None, 21, 90),
        ("1.7", None, 21, 90),
    ],
)
def test_plan_and_review_are_due_by_level_of_care(client_record, program, counselor, clinic, code, hours, days, review):
    episode = at_level(client_record, program, counselor, code)
    waiting = plan_timing.of_episode(episode, NOON)
    expected = NOON + datetime.timedelta(hours=hours) if hours else days_later(days, clinic)
    assert waiting.plan_due_at == expected
    assert not waiting.plan_is_late(expected)
    assert waiting.plan_is_late(expected + datetime.timedelta(seconds=1))
    with time_machine.travel(NOON, tick=False):
        plans.start(episode=episode, by=counselor, needs="Sleep")
        made = plan_timing.of_episode(episode, NOON)
    assert not made.plan_is_late(expected + datetime.timedelta(days=99))
    first = timezone.localdate(NOON, clinic.zone)
    assert made.review_due_on == first + datetime.timedelta(days=review)
    assert not made.review_is_late(made.review_due_on)
    assert made.review_is_late(made.review_due_on + datetime.timedelta(days=1))


def test_stepping_down_gives_no_more_time_for_the_plan(client_record, program, counselor):
    episode = at_level(client_record, program, counselor, "3.7")
    later = NOON + datetime.timedelta(hours=12)
    episode.level_of_care_periods.update(ends_at=later)
    LevelOfCarePeriod.objects.create(
        episode=episode, criteria_edition="asam-3", level_code="1", setting=1, starts_at=later, decided_by=counselor
    )
    assert plan_timing.of_episode(episode, later).plan_due_at == NOON + datetime.timedelta(hours=24)


@pytest.mark.parametrize(
    ("first", "then", "moved_after", "due_after"),
    [
        ("1", "3.5", 60, 67),  # into a residence: within its seven days of the move, not 53 days ago
        ("1", "3.5", 89, 90),  # and no later than it would have been
        ("3.5", "1", 3, 90),  # home again: by the outpatient days from the last look
        ("2.1", "3.1", 10, 30),  # the same days at both
    ],
)
def test_a_transfer_within_the_episode_moves_the_review(
    client_record, program, counselor, supervisor, clinic, signed_in, first, then, moved_after, due_after
):
    episode = at_level(client_record, program, counselor, first)
    day = datetime.timedelta(days=1)
    start = timezone.localdate(NOON, clinic.zone)
    with time_machine.travel(NOON, tick=False):
        plans.start(episode=episode, by=counselor, needs="Sleep")
    with time_machine.travel(NOON + moved_after * day, tick=False) as clock:
        admissions.change_level_of_care(
            episode=episode, level_of_care=then, starts_at=timezone.now(), reason="Needs other care", by=supervisor
        )
        timing = plan_timing.of_episode(TreatmentEpisode.objects.get(pk=episode.pk), timezone.now())
        assert timing.review_due_on == start + due_after * day
        assert not timing.review_is_late(timezone.localdate(timezone=clinic.zone))
        clock.move_to(NOON + (due_after + 1) * day)
        page = signed_in(counselor).get(reverse("counseling:thread", args=[client_record.pk])).content.decode()
        assert "Plan review overdue" in page


def test_an_earlier_day_agreed_on_counts_and_a_clinic_sets_its_own_days(client_record, program, counselor, clinic):
    episode = at_level(client_record, program, counselor, "1")
    with time_machine.travel(NOON, tick=False):
        plan = plans.start(episode=episode, by=counselor, needs="Sleep")
        day = timezone.localdate(NOON, clinic.zone) + datetime.timedelta(days=10)
        plans.review(plan=plan, by=counselor, summary="Look again soon.", progress={}, next_review_on=day)
        assert plan_timing.of_episode(episode, NOON).review_due_on == day
        clinic.thresholds.create(key="plan.review_outpatient", value=5)
        assert plan_timing.of_episode(episode, NOON).review_due_on == day - datetime.timedelta(days=5)


def test_the_plan_says_that_its_review_is_late_from_the_day_after(client_record, program, counselor, clinic, signed_in):
    episode = at_level(client_record, program, counselor, "1")
    with time_machine.travel(NOON, tick=False):
        plans.start(episode=episode, by=counselor, needs="Sleep")
    for number, is_late in ((89, False), (90, True)):
        with time_machine.travel(days_later(number, clinic), tick=False):
            page = signed_in(counselor).get(reverse("counseling:plan", args=[client_record.pk])).content.decode()
        assert ("Review overdue" in page) is is_late

"""The carry-over board with two people, an unmerge, items settled elsewhere, and three episodes."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import merging
from cases.models import TreatmentEpisode
from cases.recovery import learning
from counseling import carry_over, notes, plans
from counseling.models import CarryOverItem, Goal
from counseling.plans import homework
from counseling.verdict_labels import words_of
from tests import factories
from tests.counseling.printing.test_print_and_pdf import plain

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


def by_token(items):
    return {item.token: item for item in items}


def discharge(episode, on=datetime.date(2026, 8, 1)):
    TreatmentEpisode.objects.filter(pk=episode.pk).update(discharged_on=on, discharge_reason="left")


# Two people, two tabs


@pytest.fixture
def decide(returning):
    """Sends one verdict as the page does."""
    url = at("carry_over_decide", returning.client_record.pk, returning.second.pk)

    def send(browser, token, verdict, *, seen="", script=True, **more):
        headers = {"HX-Request": "true"} if script else {}
        return browser.post(url, {"token": token, "verdict": verdict, "seen": seen, **more}, headers=headers)

    return send


@pytest.mark.parametrize("script", [True, False])
def test_the_second_of_two_sees_what_the_first_found_and_decides_knowingly(
    returning, counselor, supervisor, signed_in, decide, script
):
    token = f"goal:{returning.goal.pk}"
    decide(signed_in(supervisor), token, "did_not_hold")
    late = signed_in(counselor)
    answer = decide(late, token, "held", script=script, note="She wants it more than ever")
    page = answer.content.decode()
    assert answer.status_code == 200 if script else 409
    assert f"{supervisor} chose “Needs a new goal” while this page was open" in plain(page)
    assert "She wants it more than ever" in page, "what was typed is not lost"
    assert CarryOverItem.objects.get(goal=returning.goal).verdict == "did_not_hold"
    assert not Goal.objects.filter(episode=returning.second).exists()
    decide(late, token, "held", seen="did_not_hold")
    assert CarryOverItem.objects.get(goal=returning.goal).verdict == "held"


def test_two_who_find_the_same_are_not_asked(returning, counselor, supervisor, signed_in, decide):
    token = f"trigger:{returning.payday.pk}"
    decide(signed_in(supervisor), token, "held")
    answer = decide(signed_in(counselor), token, "held")
    assert "while this page was open" not in answer.content.decode()
    item = CarryOverItem.objects.get(trigger=returning.payday)
    assert (item.verdict, item.decided_by) == ("held", supervisor), "it was found once, by who found it first"


@pytest.mark.parametrize("script", [True, False])
def test_the_same_verdict_from_an_old_page_leaves_a_colleagues_words_alone(
    returning, counselor, supervisor, signed_in, decide, script
):
    token = f"trigger:{returning.payday.pk}"
    decide(signed_in(counselor), token, "held", note="Since Friday again")
    decide(signed_in(supervisor), token, "held", note="", shown="", script=script)
    item = CarryOverItem.objects.get(trigger=returning.payday)
    assert (item.verdict, item.note, item.decided_by) == ("held", "Since Friday again", counselor)


@pytest.mark.parametrize("script", [True, False])
def test_words_of_two_people_about_the_same_verdict_are_both_kept(
    returning, counselor, supervisor, signed_in, decide, script
):
    token = f"trigger:{returning.payday.pk}"
    decide(signed_in(counselor), token, "held", note="Since Friday again")
    late = signed_in(supervisor)
    page = decide(late, token, "held", note="On pension day", script=script).content.decode()
    found = words_of("held", "trigger")
    assert (
        f"{counselor} chose “{found}” while this page was open and noted “Since Friday again”. Combine your note"
        in plain(page)
    )
    assert "On pension day" in page, "what was typed is not lost"
    item = CarryOverItem.objects.get(trigger=returning.payday)
    assert (item.note, item.decided_by) == ("Since Friday again", counselor)
    both = "Since Friday again; on pension day"
    decide(late, token, "held", seen="held", shown="Since Friday again", note=both)
    item.refresh_from_db()
    assert (item.note, item.decided_by) == (both, supervisor)


def test_who_finds_differently_and_typed_nothing_does_not_erase_words_by_choosing_again(
    returning, counselor, supervisor, signed_in, decide
):
    token = f"trigger:{returning.payday.pk}"
    decide(signed_in(counselor), token, "held", note="Since Friday again")
    page = decide(signed_in(supervisor), token, "never_used").content.decode()
    assert re.search(r'name="note"[^>]*value="Since Friday again"', page), "the field shows what stands now"
    assert 'name="shown" value="Since Friday again"' in page


def test_words_are_taken_away_by_who_saw_them(returning, counselor, signed_in, decide):
    browser, token = signed_in(counselor), f"trigger:{returning.payday.pk}"
    decide(browser, token, "held", note="Since Friday again")
    decide(browser, token, "held", seen="held", shown="Since Friday again", note="")
    assert CarryOverItem.objects.get(trigger=returning.payday).note == ""


@pytest.mark.parametrize("script", [True, False])
def test_a_verdict_for_an_episode_that_was_ended_meanwhile_is_refused_in_its_line_with_the_words_kept(
    returning, counselor, signed_in, decide, script
):
    """Everything typed in other lines stays, too: the page is not loaded anew."""
    browser = signed_in(counselor)
    discharge(returning.second)
    answer = decide(browser, f"trigger:{returning.payday.pk}", "held", note="On the first", script=script)
    assert "HX-Redirect" not in answer
    line = answer.content.decode().partition(f'id="item-trigger-{returning.payday.pk}"')[2].partition("</li>")[0]
    assert "This episode has ended" in line
    assert "On the first" in line
    assert "data-open" not in line
    assert not CarryOverItem.objects.exclude(verdict="").exists()


def test_a_verdict_about_what_was_settled_elsewhere_is_refused_with_the_words_kept(
    returning, counselor, signed_in, decide
):
    browser = signed_in(counselor)
    carry_over.gather(episode=returning.second, by=counselor)
    learning.mark_no_longer_true(item=returning.payday, on=datetime.date(2026, 4, 21), by=counselor)
    token = f"trigger:{returning.payday.pk}"
    answer = decide(browser, token, "held", note="On the first")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "HX-Redirect" not in answer
    assert page.count("data-line") == 1
    assert "settled elsewhere" in page
    assert "On the first" in page
    without = decide(browser, token, "held", note="On the first", script=False)
    page = browser.get(without["Location"]).content.decode()
    assert "settled elsewhere" in page
    assert "On the first" in page


def test_the_line_says_who_found_it_and_what_was_found_before(returning, counselor, supervisor, signed_in, decide):
    browser = signed_in(counselor)
    token = f"strategy:{returning.walk.pk}"
    decide(browser, token, "held", note="With the dog")
    decide(browser, token, "did_not_hold", seen="held", shown="With the dog", note="Not in the end")
    page = plain(browser.get(at("carry_over", returning.client_record.pk, returning.second.pk)).content.decode())
    assert f"Decided by {counselor}" in page
    assert "Decided differently before: Helped (“With the dog”)" in page


def test_the_same_verdict_with_other_words_was_not_found_differently(returning, counselor, signed_in, decide):
    browser = signed_in(counselor)
    token = f"strategy:{returning.walk.pk}"
    seen = shown = ""
    for verdict, note in (("never_used", "Forgot"), ("held", "With the dog"), ("held", "With the dog, mornings")):
        decide(browser, token, verdict, seen=seen, note=note, shown=shown)
        seen, shown = verdict, note
    page = plain(browser.get(at("carry_over", returning.client_record.pk, returning.second.pk)).content.decode())
    assert "Noted before: Helped (“With the dog”)" in page
    assert "Decided differently before: Helped" not in page
    assert "Decided differently before: Not used (“Forgot”)" in page


def test_a_verdict_is_counted_in_the_words_of_its_kind(returning, counselor, signed_in, decide):
    """A trigger does not “hold up”, and is not “used”."""
    browser = signed_in(counselor)
    for token, verdict in (
        (f"trigger:{returning.payday.pk}", "never_used"),
        (f"strategy:{returning.walk.pk}", "held"),
    ):
        decide(browser, token, verdict)
    page = plain(browser.get(at("carry_over", returning.client_record.pk, returning.second.pk)).content.decode())
    assert "held up 1 · did not come up 1" in page
    decide(browser, f"trigger:{returning.payday.pk}", "held", seen="never_used")
    page = plain(browser.get(at("carry_over", returning.client_record.pk, returning.second.pk)).content.decode())
    assert "held up 1 · still a trigger or warning sign 1" in page


# What others settled meanwhile


def test_homework_that_somebody_came_back_to_after_all_is_not_asked_about(returning, counselor):
    given = homework.give_homework(episode=returning.second, text="Keep a diary", by=counselor)
    discharge(returning.second)
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record,
        program=returning.second.program,
        admitted_by=counselor,
        admitted_on=datetime.date(2026, 10, 1),
    )
    assert f"homework:{given.pk}" in by_token(carry_over.gather(episode=third, by=counselor))
    homework.review_homework(homework=given, outcome="done", by=counselor)
    assert f"homework:{given.pk}" not in by_token(carry_over.lay_out(third))
    assert f"homework:{given.pk}" not in by_token(carry_over.gather(episode=third, by=counselor))
    assert carry_over.waiting([third])[third.pk].total == len(carry_over.lay_out(third))


def test_what_somebody_found_to_be_no_longer_true_elsewhere_is_not_asked_about(returning, counselor):
    carry_over.gather(episode=returning.second, by=counselor)
    learning.mark_no_longer_true(item=returning.payday, on=datetime.date(2026, 4, 21), by=counselor)
    assert f"trigger:{returning.payday.pk}" not in by_token(carry_over.lay_out(returning.second))


def test_a_goal_that_was_met_is_not_opened_again_by_a_verdict(returning, counselor):
    item = by_token(carry_over.gather(episode=returning.second, by=counselor))[f"goal:{returning.goal.pk}"]
    carry_over.decide(item=item, verdict="held", by=counselor)
    goal = Goal.objects.get(episode=returning.second)
    plans.close_goal(goal=goal, status="met", by=counselor)
    carry_over.decide(item=item, verdict="never_used", by=counselor)
    carry_over.decide(item=item, verdict="held", by=counselor)
    goal.refresh_from_db()
    assert goal.status == "met"


# A record that was joined by mistake


def test_after_two_records_are_taken_apart_nothing_of_the_other_person_is_on_the_board(
    returning, program, counselor, supervisor, make_client, signed_in
):
    other = make_client(counselor=counselor)
    theirs = factories.TreatmentEpisodeFactory(
        client=other, program=program, admitted_by=counselor, admitted_on=datetime.date(2025, 2, 3)
    )
    learning.add_trigger(client=other, wording="The blue kitchen", first_seen_in=theirs, by=counselor)
    plans.add_goal(episode=theirs, wording="Learn to swim", by=counselor)
    discharge(theirs, datetime.date(2025, 5, 1))
    merge = merging.merge(keep=returning.client_record, absorb=other, by=supervisor)
    items = by_token(carry_over.gather(episode=returning.second, by=counselor))
    for item in items.values():
        if item.wording in {"The blue kitchen", "Learn to swim"}:
            carry_over.decide(item=item, verdict="held", by=counselor)
    merging.unmerge(merge=merge, by=supervisor)
    browser = signed_in(counselor)
    pk = returning.client_record.pk
    for page in (at("carry_over", pk, returning.second.pk), at("plan", pk), at("comparison", pk)):
        assert "The blue kitchen" not in browser.get(page).content.decode(), page
    assert "Learn to swim" not in browser.get(at("carry_over", pk, returning.second.pk)).content.decode()


# Three episodes


def test_over_three_episodes_a_goal_shows_where_it_began_and_what_was_found_each_time(
    returning, program, counselor, signed_in
):
    item = by_token(carry_over.gather(episode=returning.second, by=counselor))[f"goal:{returning.goal.pk}"]
    carry_over.decide(item=item, verdict="held", by=counselor, note="More than ever")
    discharge(returning.second)
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 10, 1)
    )
    carried = Goal.objects.get(episode=returning.second)
    browser = signed_in(counselor)
    board = browser.get(at("carry_over", returning.client_record.pk, third.pk)).content.decode()
    assert "“More than ever”" in plain(board)
    first, second = (
        f"{at('plan_versions', returning.client_record.pk)}?episode={goal.episode_id}#goal-{goal.pk}"
        for goal in (returning.goal, carried)
    )
    assert first in board
    assert second in board
    again = by_token(carry_over.gather(episode=third, by=counselor))[f"goal:{carried.pk}"]
    carry_over.decide(item=again, verdict="held", by=counselor)
    page = browser.get(at("plan", returning.client_record.pk)).content.decode()
    assert first in page
    assert second in page
    assert page.index(first) < page.index(second), "in the order in which it went"


def test_an_open_goal_of_an_earlier_episode_is_not_called_active(returning, counselor, signed_in):
    page = plain(signed_in(counselor).get(at("plan", returning.client_record.pk)).content.decode())
    assert "See my daughter every week Open when that episode ended" in page
    assert "See my daughter every week Active" not in page


def test_the_discharge_plan_from_before_says_that_nobody_has_gone_through_it(returning, counselor, signed_in):
    browser = signed_in(counselor)
    page = browser.get(at("plan", returning.client_record.pk)).content.decode()
    discharge_part = page.partition('id="discharge"')[2]
    assert "From earlier episode, not confirmed" in discharge_part.partition("</section>")[0]
    assert "Walking the dog" in discharge_part.partition("</section>")[0], "what was ticked is part of it"
    board = browser.get(at("carry_over", returning.client_record.pk, returning.second.pk)).content.decode()
    line = board.partition(f'id="item-discharge_plan-{returning.discharge.pk}"')[2].partition("</li>")[0]
    assert "Call the clinic the same day" in line
    assert "Walking the dog" in line


def test_a_plan_from_before_says_what_was_found_about_it(returning, counselor, signed_in):
    browser, pk = signed_in(counselor), returning.client_record.pk
    items = by_token(carry_over.gather(episode=returning.second, by=counselor))
    for name, row in (("discharge_plan", returning.discharge), ("safety_plan", returning.safety)):
        item = items[f"{name}:{row.pk}"]
        assert "not reviewed again yet" in browser.get(at(name, pk)).content.decode()
        carry_over.decide(item=item, verdict="did_not_hold", by=counselor)
        assert "reviewed again: did not hold up" in browser.get(at(name, pk)).content.decode()
        assert "From earlier episode, did not hold up" in browser.get(at("plan", pk)).content.decode()
        carry_over.decide(item=item, verdict="held", by=counselor)
        assert "Written before the last return to treatment" not in browser.get(at(name, pk)).content.decode()
    assert "From earlier episode, held up" in browser.get(at("plan", pk)).content.decode()


def test_beside_a_note_the_safety_plan_from_before_says_what_was_found_about_it(returning, counselor, signed_in):
    browser = signed_in(counselor)
    note = notes.start(client=returning.client_record, episode=returning.second, by=counselor)
    page = at("note_edit", returning.client_record.pk, note.pk)
    assert "From earlier episode, not confirmed" in browser.get(page).content.decode()
    item = by_token(carry_over.gather(episode=returning.second, by=counselor))[f"safety_plan:{returning.safety.pk}"]
    carry_over.decide(item=item, verdict="did_not_hold", by=counselor)
    assert "From earlier episode, did not hold up" in browser.get(page).content.decode()
    carry_over.decide(item=item, verdict="held", by=counselor)
    beside = browser.get(page).content.decode().partition("note-known__plan")[2].partition("</p>")[0]
    assert "Safety plan" in beside
    assert "From earlier" not in beside


def test_the_board_costs_the_same_for_many_things_decided_and_open(returning, counselor, signed_in):
    browser = signed_in(counselor)
    url = at("carry_over", returning.client_record.pk, returning.second.pk)

    def learn(number: int) -> None:
        seen = {"first_seen_in": returning.first, "first_seen_on": datetime.date(2026, 2, 1), "by": counselor}
        learning.add_trigger(client=returning.client_record, wording=f"Trigger {number}", **seen)
        learning.add_strategy(client=returning.client_record, wording=f"Strategy {number}", **seen)

    learn(0)
    items = by_token(carry_over.gather(episode=returning.second, by=counselor))
    for token in (f"goal:{returning.goal.pk}", f"trigger:{returning.payday.pk}"):
        carry_over.decide(item=items[token], verdict="held", by=counselor)
        carry_over.decide(item=items[token], verdict="did_not_hold", by=counselor)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for number in range(1, 12):
        learn(number)
    for item in carry_over.gather(episode=returning.second, by=counselor)[::2]:
        carry_over.decide(item=item, verdict="never_used", by=counselor)
        carry_over.decide(item=item, verdict="held", by=counselor)
    with CaptureQueriesContext(connection) as many:
        page = browser.get(url).content.decode()
    assert page.count("data-line") == 34
    assert len(many) == len(few)

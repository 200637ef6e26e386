"""Carry-over: earlier knowledge shows in a new episode, and counts only after a decision."""

from __future__ import annotations

import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.carry_over_source import CarryOverSource
from cases.models import TreatmentEpisode, Trigger
from cases.recovery import relapses
from counseling import carry_over, plans
from counseling.carry_over import board
from counseling.models import CarryOverItem, Goal
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from tests import factories

pytestmark = pytest.mark.django_db


def by_wording(items):
    return {item.wording: item for item in items}


def test_scenario_6_what_was_known_waits_unconfirmed_in_the_new_episode(returning, counselor):
    """Discharged April 1, admitted April 20."""
    items = carry_over.gather(episode=returning.second, by=counselor)
    assert [(item.kind, item.wording) for item in items if item.source.client_id == returning.client_record.pk] == [
        ("safety_plan", str(returning.safety)),
        ("discharge_plan", str(returning.discharge)),
        ("trigger", "Payday"),
        ("trigger", "The stairwell at work"),
        ("trigger", "A wedding"),
        ("warning_sign", "Sleeping in the day"),
        ("strategy", "Breathing exercise"),
        ("strategy", "Calling my sister"),
        ("strategy", "Walking the dog"),
        ("goal", "See my daughter every week"),
    ]
    assert {item.verdict for item in items} == {""}
    assert by_wording(items)["Payday"].origin_episode == returning.first
    assert not Goal.objects.filter(episode=returning.second).exists()
    assert TreatmentEpisode.objects.before(returning.second).count() == 1


def test_laying_out_writes_nothing_and_gathering_twice_adds_nothing(returning, counselor):
    assert len(carry_over.lay_out(returning.second)) == 10
    assert not CarryOverItem.objects.exists()
    first = carry_over.gather(episode=returning.second, by=counselor)
    assert carry_over.gather(episode=returning.second, by=counselor) == first
    Trigger.objects.create(
        client=returning.client_record,
        wording="Rain",
        first_seen_on=datetime.date(2026, 2, 1),
        first_seen_in=returning.first,
        recorded_by=counselor,
        recorded_at=timezone.now(),
    )
    assert len(carry_over.gather(episode=returning.second, by=counselor)) == 11


def test_the_database_refuses_an_item_twice(returning, counselor):
    carry_over.gather(episode=returning.second, by=counselor)
    item = CarryOverItem.objects.get(trigger=returning.payday)
    item.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        item.save()


def test_a_first_admission_has_nothing_to_carry_over(returning, counselor):
    assert carry_over.gather(episode=returning.first, by=counselor) == []


def test_a_goal_that_held_enters_the_new_plan_with_its_lineage(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["See my daughter every week"]
    carry_over.decide(item=item, verdict="held", by=counselor, note="More than ever")
    goal = Goal.objects.get(episode=returning.second)
    assert (goal.carried_from, goal.status) == (returning.goal, "active")
    assert [each.carried_from for each in goal.objectives.all()] == [returning.objective]
    assert plans.current(returning.second) == goal.plan


def test_one_verdict_is_one_entry_of_the_audit_log_with_all_that_it_brought_in(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["See my daughter every week"]
    before = AuditEntry.objects.count()
    carry_over.decide(item=item, verdict="held", by=counselor)
    carry_over.decide(item=item, verdict="held", by=counselor)  # the same again leaves no trace
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.latest("position")
    goal = Goal.objects.get(episode=returning.second)
    assert (entry.act, entry.subject_id) == ("counseling.decide_carry_over", item.pk)
    assert {"act": "counseling.add_goal", "subject_type": "counseling.goal", "subject_id": goal.pk} in [
        {name: part[name] for name in ("act", "subject_type", "subject_id")} for part in entry.details["parts"]
    ]
    context = apps.get_model("counseling", "GoalEvent").objects.get(pgh_obj=goal.pk).pgh_context
    assert context.metadata["act"] == "counseling.decide_carry_over"


@pytest.mark.parametrize("script", [False, True])
def test_a_verdict_lays_the_board_out_once(returning, counselor, signed_in, monkeypatch, script):
    laid_out = []
    real = carry_over.lay_out
    for holder in (carry_over, board):  # the room and the module in it
        monkeypatch.setattr(holder, "lay_out", lambda episode: laid_out.append(episode) or real(episode))
    url = reverse("counseling:carry_over_decide", args=[returning.client_record.pk, returning.second.pk])
    said = {"token": f"goal:{returning.goal.pk}", "verdict": "held"}
    answer = signed_in(counselor).post(url, said, headers={"HX-Request": "true"} if script else {})
    assert answer.status_code == (200 if script else 302)
    assert CarryOverItem.objects.get(goal=returning.goal).verdict == "held"
    assert len(laid_out) == 1


def test_a_verdict_can_be_changed_and_what_it_brought_in_is_set_aside(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["See my daughter every week"]
    carry_over.decide(item=item, verdict="held", by=counselor)
    carry_over.decide(item=item, verdict="held", by=counselor)  # twice the same brings nothing in twice
    carry_over.decide(item=item, verdict="never_used", by=counselor)
    assert Goal.objects.get(episode=returning.second).status == "set_aside"
    carry_over.decide(item=item, verdict="held", by=counselor)
    goal = Goal.objects.get(episode=returning.second)
    assert goal.status == "active"
    assert [each.status for each in goal.objectives.all()] == ["active"]


def come_back(returning, by):
    """Robin leaves on August 1 and is admitted again on October 1."""
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    return factories.TreatmentEpisodeFactory(
        client=returning.client_record,
        program=returning.program,
        admitted_by=by,
        admitted_on=datetime.date(2026, 10, 1),
    )


def test_what_is_no_longer_true_is_not_laid_out_next_time(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["Payday"]
    carry_over.decide(item=item, verdict="no_longer_true", by=counselor)
    returning.payday.refresh_from_db()
    assert returning.payday.no_longer_true_since is not None
    assert item in carry_over.gather(episode=returning.second, by=counselor)  # this board keeps its line
    carry_over.decide(item=item, verdict="held", by=counselor)
    returning.payday.refresh_from_db()
    assert returning.payday.no_longer_true_since is None
    carry_over.decide(item=item, verdict="no_longer_true", by=counselor)
    third = come_back(returning, counselor)
    assert {"The stairwell at work", "A wedding"} <= by_wording(carry_over.lay_out(third)).keys()
    assert "Payday" not in by_wording(carry_over.lay_out(third))


def test_what_a_return_to_use_brought_back_is_laid_out_next_time(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["Payday"]
    carry_over.decide(item=item, verdict="no_longer_true", by=counselor)
    Trigger.objects.filter(pk=returning.payday.pk).update(no_longer_true_since=datetime.date(2026, 5, 1))
    third = come_back(returning, counselor)
    assert "Payday" not in by_wording(carry_over.lay_out(third))
    again = relapses.record(
        client=returning.client_record, started_on=datetime.date(2026, 9, 1), triggers=["Payday"], by=counselor
    )
    assert "Payday" in by_wording(carry_over.lay_out(third))
    assert [(line.wording, line.outcome) for line in carry_over.compare(again).came_back] == [
        ("Payday", "Known before, marked no longer current, came up again")
    ]


def test_readmission_twice_shows_each_lineage_once(returning, program, counselor):
    items = by_wording(carry_over.gather(episode=returning.second, by=counselor))
    carry_over.decide(item=items["See my daughter every week"], verdict="held", by=counselor)
    carry_over.decide(item=items["Payday"], verdict="no_longer_true", by=counselor)
    carried = Goal.objects.get(episode=returning.second)
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 10, 1)
    )
    again = carry_over.gather(episode=third, by=counselor)
    assert [item.goal for item in again if item.kind == "goal"] == [carried]
    assert "Payday" not in by_wording(again)
    assert {item.verdict for item in again} == {""}


def test_a_goal_that_was_laid_out_but_not_taken_up_comes_again(returning, program, counselor):
    items = by_wording(carry_over.gather(episode=returning.second, by=counselor))
    goal = items["See my daughter every week"]
    carry_over.decide(item=goal, verdict="held", by=counselor)
    carry_over.decide(item=goal, verdict="never_used", by=counselor)
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 10, 1)
    )
    assert [item.goal for item in carry_over.gather(episode=third, by=counselor) if item.kind == "goal"] == [
        returning.goal
    ]


@pytest.mark.parametrize("verdict", ["did_not_hold", "no_longer_true"])
def test_a_goal_that_was_dropped_with_the_client_does_not_come_again(returning, program, counselor, verdict):
    items = by_wording(carry_over.gather(episode=returning.second, by=counselor))
    carry_over.decide(item=items["See my daughter every week"], verdict=verdict, by=counselor)
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 10, 1)
    )
    assert "goal" not in {item.kind for item in carry_over.gather(episode=third, by=counselor)}


def test_a_board_of_a_past_episode_is_closed(returning, counselor):
    item = carry_over.gather(episode=returning.second, by=counselor)[0]
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    with pytest.raises(carry_over.CarryOverEpisodeEnded):
        carry_over.decide(item=item, verdict="held", by=counselor)
    with pytest.raises(carry_over.UnknownVerdict):
        carry_over.decide(item=item, verdict="maybe", by=counselor)


def test_only_those_who_may_decide_do(returning, counselor, intake, medical):
    item = carry_over.gather(episode=returning.second, by=medical)[0]
    for person in (intake, medical):
        with pytest.raises(NotPermitted):
            carry_over.decide(item=item, verdict="held", by=person)
    assert not CarryOverItem.objects.visible_to(intake).exists()
    with pytest.raises(NotPermitted):
        carry_over.gather(episode=returning.second, by=intake)


def mutual_help(*, episodes):
    known = CarryOverSource(key="involvement:7", wording="Home group for two years", detail="Had a sponsor", url="/x/")
    return {episode.pk: [known] for episode in episodes}


def test_other_apps_add_what_they_know_by_a_path_in_settings(returning, counselor, settings):
    settings.CARRY_OVER_SOURCES = ["tests.counseling.carry_over.test_carry_over.mutual_help"]
    items = carry_over.gather(episode=returning.second, by=counselor)
    assert carry_over.gather(episode=returning.second, by=counselor) == items
    assert [(item.wording, item.source_detail) for item in items if item.kind == "mutual_help"] == [
        ("Home group for two years", "Had a sponsor")
    ]


def test_laying_out_takes_the_same_queries_for_many_items(returning, counselor, django_assert_num_queries):
    carry_over.gather(episode=returning.second, by=counselor)
    Trigger.objects.bulk_create(
        Trigger(
            client=returning.client_record,
            wording=f"Trigger {number}",
            first_seen_on=datetime.date(2026, 2, 1),
            first_seen_in=returning.first,
            recorded_by=counselor,
            recorded_at=timezone.now(),
        )
        for number in range(40)
    )
    with django_assert_num_queries(1):
        items = carry_over.lay_out(returning.second)
        assert [item.wording for item in items]
    assert len(items) == 50


def test_what_was_known_at_discharge_is_compared_with_what_happened(returning):
    found = carry_over.compare(returning.relapse)
    lines = lambda part: [(line.wording, line.outcome) for line in part]  # noqa: E731
    assert lines(found.held) == [("Calling my sister", "Helped")]
    assert lines(found.came_back) == [("Payday", "Known before, came up again")]
    assert lines(found.did_not_hold) == [("Walking the dog", "Did not help")]
    assert lines(found.never_used) == [
        ("The stairwell at work", "Known before, did not come up"),
        ("Sleeping in the day", "Known before, did not come up"),
        ("Breathing exercise", "Known before, not used"),
    ]
    assert lines(found.new) == [("A wedding", "Not known before")]
    assert found.did_not_hold[0].in_discharge_plan
    assert (found.known_on, found.discharge_plan) == (datetime.date(2026, 4, 1), returning.discharge)


def test_goals_are_compared_by_the_verdict_on_the_board(returning, counselor):
    item = by_wording(carry_over.gather(episode=returning.second, by=counselor))["See my daughter every week"]
    carry_over.decide(item=item, verdict="did_not_hold", by=counselor)
    found = carry_over.compare(returning.relapse)
    assert "See my daughter every week" in [line.wording for line in found.did_not_hold]


def test_a_verdict_that_was_never_shown_is_refused_with_a_sentence(returning, counselor):
    item = carry_over.gather(episode=returning.second, by=counselor)[0]
    with pytest.raises(carry_over.FoundMeanwhile, match="No decision yet"):
        carry_over.decide(item=item, verdict="held", seen="²", by=counselor)

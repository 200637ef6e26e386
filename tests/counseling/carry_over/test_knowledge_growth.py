"""Learning over time: nothing counts as known before it was known."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Relapse, RelapseCoping, Trigger
from cases.recovery import relapses
from counseling.carry_over import knowledge_growth, relapse_review
from counseling.carry_over.knowledge_growth import Mark
from counseling.codes import CarryOverKind
from tests import factories
from tests.counseling.printing.test_print_and_pdf import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(returning, client_record, counselor):
    """Robin used again on June 5: the wedding was known by then, the dog walk helped in part, Payday is past."""
    later = factories.RelapseFactory(
        client=client_record,
        started_on=datetime.date(2026, 6, 5),
        ended_on=datetime.date(2026, 6, 6),
        recorded_at=timezone.now(),
        recorded_by=counselor,
    )
    Trigger.objects.filter(pk=returning.payday.pk).update(no_longer_true_since=datetime.date(2026, 5, 1))
    later.triggers.set([returning.wedding])
    RelapseCoping.objects.create(relapse=later, strategy=returning.walk, outcome="partly")
    return later


def marks(found: knowledge_growth.Growth) -> dict[str, list[Mark]]:
    return {str(row.source): row.marks for _, rows in found.groups for row in rows}


def test_each_thing_is_marked_by_what_each_return_to_use_showed(returning, again):
    found = knowledge_growth.of([again, returning.relapse])
    assert [column.relapse for column in found.columns] == [returning.relapse, again]
    assert marks(found) == {
        "Payday": [Mark.THERE, Mark.PAST],
        "The stairwell at work": [Mark.UNUSED, Mark.UNUSED],
        "A wedding": [Mark.NEW, Mark.THERE],
        "Sleeping in the day": [Mark.UNUSED, Mark.UNUSED],
        "Walking the dog": [Mark.DID_NOT, Mark.PARTLY],
        "Calling my sister": [Mark.HELPED, Mark.UNUSED],
        "Breathing exercise": [Mark.UNUSED, Mark.UNUSED],
    }


def test_what_was_thought_past_has_a_mark_of_its_own_when_it_is_there_again(returning, again, counselor):
    """On July 1 nobody speaks of Payday; on August 1 it is there, and known again from then on."""
    for month, named in ((7, []), (8, ["Payday"])):
        day = datetime.date(2026, month, 1)
        relapses.record(client=returning.client_record, started_on=day, ended_on=day, triggers=named, by=counselor)
    found = knowledge_growth.of(Relapse.objects.all())
    assert marks(found)["Payday"] == [Mark.THERE, Mark.PAST, Mark.PAST, Mark.AGAIN]
    assert (found.columns[-1].new, found.columns[-1].held, found.columns[-1].came_back) == (0, 0, 1)
    assert found.known_now == 7


def test_what_is_counted_is_what_is_drawn(returning, again):
    first, second = knowledge_growth.of([returning.relapse, again]).columns
    assert (first.known, first.held, first.came_back, first.did_not_hold, first.never_used) == (6, 1, 1, 1, 3)
    assert (first.new, second.new) == (1, 0)
    assert (second.known, second.held, second.came_back, second.did_not_hold, second.never_used) == (6, 1, 1, 0, 4)
    assert first.known_height + first.new_height == knowledge_growth.TALLEST
    assert second.new_height == 0
    assert knowledge_growth.BASE - knowledge_growth.TALLEST <= first.new_y < first.known_y < knowledge_growth.BASE


def test_what_was_learned_after_the_last_one_is_known_now_and_in_no_column(returning, again, counselor):
    Trigger.objects.create(
        client=returning.client_record,
        wording="An empty Sunday",
        first_seen_on=datetime.date(2026, 7, 1),
        recorded_by=counselor,
        recorded_at=timezone.now(),
    )
    found = knowledge_growth.of([returning.relapse, again])
    assert marks(found)["An empty Sunday"] == [Mark.UNKNOWN, Mark.UNKNOWN]
    assert found.known_now == 7  # six that were known, the wedding and the Sunday, without Payday
    assert found.sentence == (
        "Triggers, warning signs and coping strategies known before the first of 2 returns to use: 6. "
        "Before the latest: 6. Now: 7."
    )


def test_one_return_to_use_has_its_own_sentence(returning):
    assert knowledge_growth.of([returning.relapse]).sentence == (
        "Triggers, warning signs and coping strategies known before this return to use: 6. "
        "Learned from it: 1. Known now: 7."
    )
    assert knowledge_growth.of([]).sentence == ""


def test_all_at_once_says_the_same_as_one_by_one(returning, again):
    together = relapse_review.compare_all([returning.relapse, again])
    apart = [relapse_review.compare(relapse) for relapse in (returning.relapse, again)]
    assert together == apart


def test_the_rows_stand_in_the_order_in_which_they_became_known(returning, again):
    Trigger.objects.filter(pk=returning.stairwell.pk).update(first_seen_on=datetime.date(2026, 1, 6))
    rows = dict(knowledge_growth.of([returning.relapse, again]).groups)[CarryOverKind.TRIGGER]
    assert [str(row.source) for row in rows] == ["The stairwell at work", "Payday", "A wedding"]


@pytest.mark.parametrize("name", ["growth", "comparison"])
def test_many_returns_to_use_cost_no_more_questions_than_one(name, returning, counselor, signed_in, client_record):
    browser = signed_in(counselor)
    address = reverse(f"counseling:{name}", args=[client_record.pk])
    browser.get(address)
    with CaptureQueriesContext(connection) as one:
        browser.get(address)
    for month in range(5, 10):
        factories.RelapseFactory(
            client=client_record,
            started_on=datetime.date(2026, month, 5),
            ended_on=datetime.date(2026, month, 6),
            recorded_at=timezone.now(),
            recorded_by=counselor,
        ).triggers.set([returning.payday])
    with CaptureQueriesContext(connection) as six:
        answer = browser.get(address)
    assert len(one) == len(six)
    assert answer.content.decode().count("Sep") >= 1


def test_the_page_says_in_words_what_it_draws_and_is_linked(returning, again, signed_in, counselor, intake, make_staff):
    address = reverse("counseling:growth", args=[again.client_id])
    browser = signed_in(counselor)
    page = plain(browser.get(address).content.decode())
    assert "known before the first of 2 returns to use" in page
    assert "known, helped partly" in page
    assert address in browser.get(reverse("counseling:comparison", args=[again.client_id])).content.decode()
    assert signed_in(intake).get(address).status_code == 403
    assert signed_in(make_staff()).get(address).status_code == 404

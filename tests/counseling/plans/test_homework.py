"""Homework is assigned, reviewed, and carried over when it was not reviewed."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import carry_over, notes, signing
from counseling.models import Homework
from counseling.plans import homework
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
CALL = "Call my sister on payday before leaving work"


def in_days(client, days):
    return timezone.localdate(timezone=client.clinic.zone) + datetime.timedelta(days=days)


def test_it_is_given_in_a_session_and_reviewed_in_a_later_one(draft, counselor):
    friday = in_days(draft.client, 4)
    given = homework.give_homework(episode=draft.episode, text=f"  {CALL} ", due_on=friday, note=draft, by=counselor)
    assert (given.text, given.note, given.given_by, given.due_on) == (CALL, draft, counselor, friday)
    assert given.given_on == in_days(draft.client, 0)
    assert not given.is_overdue(friday)
    assert given.is_overdue(friday + datetime.timedelta(days=1))
    signing.sign(note=draft, by=counselor)
    later = notes.start(client=draft.client, episode=draft.episode, by=counselor)
    done = homework.review_homework(
        homework=given,
        outcome="partly",
        learned="She did not pick up, and that was bearable.",
        note=later,
        by=counselor,
    )
    assert (done.outcome, done.reviewed_in, done.reviewed_by) == ("partly", later, counselor)
    assert not Homework.objects.open().exists()
    assert [entry.act for entry in AuditEntry.objects.filter(act__contains="homework").order_by("pk")] == [
        "counseling.give_homework",
        "counseling.review_homework",
    ]


def test_given_again_it_is_homework_of_its_own_with_its_lineage(draft, counselor):
    given = homework.give_homework(episode=draft.episode, text=CALL, note=draft, by=counselor)
    for _ in range(2):  # a form that is sent twice
        homework.review_homework(
            homework=given, outcome="not_done", give_again=True, due_on=in_days(draft.client, 7), by=counselor
        )
    again = Homework.objects.open().get()
    assert (again.carried_from, again.text, again.due_on) == (given, CALL, in_days(draft.client, 7))
    assert Homework.objects.count() == 2
    with pytest.raises(homework.AlreadyReviewed):
        homework.review_homework(homework=given, outcome="done", by=counselor)


def test_the_same_form_sent_twice_gives_it_once(draft, counselor):
    for _ in range(2):
        homework.give_homework(episode=draft.episode, text=CALL, note=draft, by=counselor)
    assert Homework.objects.count() == 1


def test_what_cannot_be_is_refused_in_words(draft, counselor, intake, medical, supervisor, make_client, program):
    give = {"episode": draft.episode, "by": counselor}
    with pytest.raises(homework.NothingToDo):
        homework.give_homework(text="   ", **give)
    with pytest.raises(homework.DueInThePast):
        homework.give_homework(text=CALL, due_on=in_days(draft.client, -1), **give)
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor), program=program, admitted_by=counselor
    )
    with pytest.raises(homework.OfAnotherEpisode):
        homework.give_homework(episode=other, text=CALL, note=draft, by=counselor)
    with pytest.raises(notes.NotTheAuthor):
        homework.give_homework(episode=draft.episode, text=CALL, note=draft, by=supervisor)
    with pytest.raises(NotPermitted):
        homework.give_homework(episode=draft.episode, text=CALL, by=intake)
    given = homework.give_homework(text=CALL, **give)
    with pytest.raises(homework.UnknownOutcome):
        homework.review_homework(homework=given, outcome="maybe", by=counselor)
    TreatmentEpisode.objects.filter(pk=draft.episode_id).update(
        discharged_on=in_days(draft.client, 0), discharge_reason="left"
    )
    with pytest.raises(homework.HomeworkEpisodeEnded):
        homework.give_homework(text=CALL, **give)
    with pytest.raises(homework.HomeworkEpisodeEnded):
        homework.review_homework(homework=given, outcome="not_done", give_again=True, by=counselor)
    assert Homework.objects.open().get() == given, "nothing of a refused review is kept"
    homework.review_homework(homework=given, outcome="not_done", by=medical)  # what became of it, after the episode


def test_it_is_seen_by_those_who_see_the_plan(draft, counselor, intake, other_clinic, make_staff):
    homework.give_homework(episode=draft.episode, text=CALL, by=counselor)
    assert Homework.objects.visible_to(counselor).count() == 1
    assert not Homework.objects.visible_to(intake).exists()
    assert not Homework.objects.visible_to(make_staff("supervisor", clinic=other_clinic)).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"due_on": datetime.date(2020, 1, 1)},
        {"outcome": "done"},
        {"learned": "Something, without a review"},
    ],
)
def test_the_database_refuses_half_of_it(draft, counselor, wrong):
    row = {
        "client": draft.client,
        "episode": draft.episode,
        "text": CALL,
        "given_on": in_days(draft.client, 0),
        "given_by": counselor,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Homework.objects.create(**(row | wrong))


def test_the_database_keeps_what_was_given(draft, counselor, program, make_client):
    given = homework.give_homework(episode=draft.episode, text=CALL, note=draft, by=counselor)
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor), program=program, admitted_by=counselor
    )
    for sql in (
        "UPDATE counseling_homework SET text = 'Something easier' WHERE id = %s",
        "UPDATE counseling_homework SET due_on = now() WHERE id = %s",
        f"UPDATE counseling_homework SET episode_id = {other.pk} WHERE id = %s",
        "DELETE FROM counseling_homework WHERE id = %s",
    ):
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [given.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Homework.objects.create(
            client=other.client, episode=other, text=CALL, given_on=given.given_on, given_by=counselor, note=draft
        )


@pytest.fixture
def left_open(returning, counselor):
    """Given in the winter, and Robin was gone before anybody came back to it."""
    row = {
        "client": returning.client_record,
        "episode": returning.first,
        "given_on": datetime.date(2026, 3, 20),
        "given_by": counselor,
    }
    at = timezone.now()
    Homework.objects.create(
        text="Write down three evenings", outcome="done", reviewed_at=at, reviewed_by=counselor, **row
    )
    return Homework.objects.create(text=CALL, due_on=datetime.date(2026, 3, 27), **row)


def on_the_board(episode, by):
    return [item for item in carry_over.gather(episode=episode, by=by) if item.kind == "homework"]


def test_what_nobody_came_back_to_is_laid_out_and_taken_up_with_its_lineage(returning, left_open, counselor):
    (item,) = on_the_board(returning.second, counselor)
    assert (item.wording, item.origin_episode, item.verdict) == (CALL, returning.first, "")
    assert not Homework.objects.filter(episode=returning.second).exists(), "nothing is active until it is decided"
    for _ in range(2):
        carry_over.decide(item=item, verdict="held", by=counselor)
    carried = Homework.objects.get(episode=returning.second)
    assert (carried.carried_from, carried.text, carried.due_on, carried.is_open) == (left_open, CALL, None, True)


def test_a_changed_verdict_lets_it_go_and_takes_it_up_again(returning, left_open, counselor):
    (item,) = on_the_board(returning.second, counselor)
    for verdict, outcome in (("held", ""), ("never_used", "let_go"), ("held", "")):
        carry_over.decide(item=item, verdict=verdict, by=counselor)
        assert Homework.objects.get(episode=returning.second).outcome == outcome


@pytest.mark.parametrize(("verdict", "comes_again"), [("never_used", True), ("did_not_hold", False), ("held", False)])
def test_readmitted_again_it_comes_again_only_while_it_is_open(
    returning, left_open, program, counselor, verdict, comes_again
):
    (item,) = on_the_board(returning.second, counselor)
    carry_over.decide(item=item, verdict=verdict, by=counselor)
    for carried in Homework.objects.filter(episode=returning.second):
        homework.review_homework(homework=carried, outcome="done", by=counselor)
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 8, 1), discharge_reason="left"
    )
    third = factories.TreatmentEpisodeFactory(
        client=returning.client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 10, 1)
    )
    assert [each.homework for each in on_the_board(third, counselor)] == ([left_open] if comes_again else [])

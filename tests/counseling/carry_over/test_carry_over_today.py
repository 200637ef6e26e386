"""Undecided carry-over items are on Today, whenever and wherever they were recorded."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.carry_over_source import CarryOverSource
from cases.models import TreatmentEpisode, Trigger
from cases.recovery import learning
from counseling import carry_over
from counseling.models import CarryOverItem
from counseling.panels import today
from tests import factories

pytestmark = pytest.mark.django_db


def boards(person):
    found = today.needs(staff_member=person, now=timezone.now())
    return [need for need in found if need.kind == "Carry-over"]


def go_through(episode, by, verdict="held"):
    for item in carry_over.gather(episode=episode, by=by):
        carry_over.decide(item=item, verdict=verdict, by=by)


def test_a_board_that_nobody_has_begun_is_there_with_its_count_and_its_link(returning, counselor):
    (need,) = boards(counselor)
    assert need.client_name == returning.client_record.full_name
    assert need.detail == "10 to review, Outpatient"
    assert need.url == reverse("counseling:carry_over", args=[returning.client_record.pk, returning.second.pk])
    go_through(returning.second, counselor)
    assert boards(counselor) == []


def test_what_is_written_down_late_about_the_former_episode_comes_back_to_today(returning, counselor):
    """The board was finished; then somebody adds what they had learned in the winter."""
    go_through(returning.second, counselor)
    learning.add_trigger(
        client=returning.client_record, wording="The old bus line", first_seen_in=returning.first, by=counselor
    )
    (need,) = boards(counselor)
    assert need.detail == "1 of 11 to review, Outpatient"
    go_through(returning.second, counselor)
    assert boards(counselor) == []


def test_what_a_merge_brings_in_comes_to_today(program, counselor, supervisor, make_client):
    """The call was taken for somebody new; the earlier episode was on another record of the same person."""
    old, new = make_client(counselor=counselor), make_client(counselor=counselor)
    before = factories.TreatmentEpisodeFactory(
        client=old, program=program, admitted_by=counselor, admitted_on=datetime.date(2025, 2, 3)
    )
    learning.add_strategy(client=old, wording="Walking the dog", first_seen_in=before, by=counselor)
    TreatmentEpisode.objects.filter(pk=before.pk).update(
        discharged_on=datetime.date(2025, 5, 1), discharge_reason="left"
    )
    here = factories.TreatmentEpisodeFactory(
        client=new, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 4, 20)
    )
    assert (here.prior_episode, boards(counselor)) == (None, [])
    merging.merge(keep=new, absorb=old, by=supervisor)
    (need,) = boards(counselor)
    assert need.detail == "1 to review, Outpatient"


def mutual_help(*, episodes):
    return {
        episode.pk: [CarryOverSource(key="involvement:7", wording="Home group for two years")] for episode in episodes
    }


def test_a_board_with_mutual_help_alone_is_a_board(client_record, program, counselor, settings):
    settings.CARRY_OVER_SOURCES = ["tests.counseling.carry_over.test_carry_over_today.mutual_help"]
    first = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 1, 5)
    )
    assert boards(counselor) == [], "nobody has anything from before in their first episode"
    TreatmentEpisode.objects.filter(pk=first.pk).update(
        discharged_on=datetime.date(2026, 4, 1), discharge_reason="left"
    )
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 4, 20)
    )
    (need,) = boards(counselor)
    assert need.detail == "1 to review, Outpatient"


def test_two_wordings_joined_into_one_are_gone_through_once(returning, counselor):
    carry_over.gather(episode=returning.second, by=counselor)
    learning.merge_wordings(keep=returning.payday, other=returning.stairwell, by=counselor)
    assert boards(counselor)[0].detail == "9 to review, Outpatient"
    assert len(carry_over.lay_out(returning.second)) == 9
    assert len(carry_over.gather(episode=returning.second, by=counselor)) == 9


def test_today_and_the_board_count_alike(returning, counselor):
    items = carry_over.gather(episode=returning.second, by=counselor)
    carry_over.decide(item=items[3], verdict="no_longer_true", by=counselor)
    carry_over.decide(item=items[4], verdict="never_used", by=counselor)
    waiting = carry_over.waiting([returning.second])[returning.second.pk]
    shown = carry_over.lay_out(returning.second)
    assert (waiting.undecided, waiting.total) == (sum(not item.is_decided for item in shown), len(shown)) == (8, 10)


def test_other_peoples_clients_and_past_episodes_are_not_on_it(returning, counselor, supervisor, intake):
    assert boards(supervisor) == boards(intake) == []
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 5, 1), discharge_reason="left"
    )
    assert boards(counselor) == []


def test_a_caseload_takes_as_many_queries_as_one_client(returning, program, counselor, make_client):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            found = boards(counselor)
        return len(found), len(caught)

    one = queries()
    for _ in range(3):
        client = make_client(counselor=counselor)
        first = factories.TreatmentEpisodeFactory(
            client=client, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 1, 5)
        )
        Trigger.objects.create(
            client=client, wording="Rain", first_seen_on=first.admitted_on, first_seen_in=first,
            recorded_by=counselor, recorded_at=timezone.now(),
        )  # fmt: skip
        TreatmentEpisode.objects.filter(pk=first.pk).update(
            discharged_on=datetime.date(2026, 4, 1), discharge_reason="left"
        )
        factories.TreatmentEpisodeFactory(
            client=client, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 4, 20)
        )
    assert queries() == (4, one[1])
    assert not CarryOverItem.objects.exists(), "looking writes nothing"

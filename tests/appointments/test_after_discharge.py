"""A discharge leads to the follow-up: what is agreed stands open, and the whole plan can be read."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.urls import reverse

from appointments import calls_due
from cases.models import Client, TreatmentEpisode
from staff.models import StaffMember
from tests import factories
from tests.appointments.stories import discharged

pytestmark = pytest.mark.usefixtures("today")
TODAY = datetime.date(2026, 3, 2)


@pytest.fixture
def episode(client_record: Client) -> TreatmentEpisode:
    made: TreatmentEpisode = factories.TreatmentEpisodeFactory(
        client=client_record, admitted_on=TODAY - datetime.timedelta(days=30)
    )
    return made


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def agreement(answer: Any) -> str:
    return words(answer).split('id="agreed"')[1].split("</section>")[0]


def discharge(browser: Any, episode: TreatmentEpisode, **facts: str) -> Any:
    sent = {"discharged_on": TODAY.isoformat(), "reason": "completed", "planned": "yes"} | facts
    return browser.post(reverse("cases:discharge", args=[episode.client_id, episode.pk]), sent)


def test_a_discharge_leads_to_what_is_to_be_agreed(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    answer = discharge(browser, episode)
    assert answer.url == reverse("appointments:follow_up", args=[episode.client_id]) + "#agreed"
    page = browser.get(answer.url)
    assert "Discharged from" in words(page)  # what was said stays said, with the way to its data
    assert '<details class="ow-fold" open>' in agreement(page)
    assert "Agree on calls" in agreement(page)
    browser.post(reverse("appointments:follow_up_pace", args=[episode.client_id]), {"pace": "monthly"})
    assert "open>" not in agreement(browser.get(answer.url))
    assert "Change or end calls" in agreement(browser.get(answer.url))


@pytest.mark.parametrize("reason", ["died", "transferred"])
def test_where_no_calls_follow_it_leads_back_to_the_episodes(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: Any, reason: str
) -> None:
    answer = discharge(signed_in(counselor), episode, reason=reason)
    assert answer.status_code == 302
    assert answer.url == reverse("cases:episodes", args=[episode.client_id])


def test_who_is_still_in_another_program_is_not_called(
    episode: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    factories.TreatmentEpisodeFactory(client=client_record, admitted_on=TODAY - datetime.timedelta(days=3))
    answer = discharge(signed_in(counselor), episode)
    assert answer.url == reverse("cases:episodes", args=[episode.client_id])


def test_the_whole_plan_can_be_unfolded(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    discharged(client_record, TODAY - datetime.timedelta(days=1))
    page = signed_in(counselor).get(reverse("appointments:follow_up", args=[client_record.pk]))
    followed = calls_due.of_client(client_record)
    assert followed is not None
    planned = followed.plan.calls(TODAY)
    assert len(planned) > 20
    for call in planned:
        assert f'datetime="{call.due_on:%Y-%m-%d}"' in page.content.decode()
    assert f"{len(planned) - 4} more later</summary>" in words(page)

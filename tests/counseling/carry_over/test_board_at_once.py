"""Two people on one carry-over board at the same instant, on separate connections: everything happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from cases.models import TreatmentEpisode
from counseling import carry_over, plans
from counseling.models import CarryOverItem, Goal, SafetyPlan
from counseling.plans.written_plans import WrittenMeanwhile
from staff.models import Role
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def back(transactional_db: None) -> SimpleNamespace:
    """Two counselors, and somebody who came back with three goals."""
    clinic = factories.ClinicFactory()
    first, second = (factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR) for _ in range(2))
    client = factories.ClientFactory(clinic=clinic, counselor=first)
    factories.CareTeamMemberFactory(client=client, staff_member=second, part="counselor")
    program = factories.ProgramFactory(clinic=clinic)
    before = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=first)
    for number in range(3):
        plans.add_objective(
            goal=plans.add_goal(episode=before, wording=f"Goal {number}", by=first), wording="A step", by=first
        )
    TreatmentEpisode.objects.filter(pk=before.pk).update(discharged_on="2026-04-01", discharge_reason="left")
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=program, admitted_by=first, admitted_on="2026-04-20", prior_episode=before
    )
    return SimpleNamespace(people=(first, second), episode=TreatmentEpisode.objects.get(pk=episode.pk))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, all begun together."""
    ready, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            found[place] = act()
        except Exception as error:  # what came of it is what the test asks
            found[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_gathered_by_two_at_once_each_thing_is_there_once(back):
    found = at_once(*(lambda by=by: carry_over.gather(episode=back.episode, by=by) for by in back.people))
    assert [len(each) for each in found] == [3, 3], found
    assert found[0] == found[1]
    assert CarryOverItem.objects.count() == 3


def test_a_goal_that_two_take_over_at_once_enters_the_plan_once(back):
    item = carry_over.gather(episode=back.episode, by=back.people[0])[0]
    found = at_once(*(lambda by=by: carry_over.decide(item=item, verdict="held", seen="", by=by) for by in back.people))
    assert all(isinstance(each, CarryOverItem) for each in found), found
    (goal,) = Goal.objects.filter(episode=back.episode)
    assert goal.objectives.count() == 1


def test_of_two_who_find_differently_at_once_one_is_told(back):
    item = carry_over.gather(episode=back.episode, by=back.people[0])[0]
    (first, second), verdicts = back.people, ("held", "did_not_hold")
    found = at_once(
        lambda: carry_over.decide(item=item, verdict=verdicts[0], seen="", by=first),
        lambda: carry_over.decide(item=item, verdict=verdicts[1], seen="", by=second),
    )
    assert sorted(type(each).__name__ for each in found) == ["CarryOverItem", "FoundMeanwhile"], found
    item.refresh_from_db()
    assert Goal.objects.active().filter(episode=back.episode).count() == (item.verdict == "held")


def test_of_two_safety_plans_at_once_one_waits_for_its_writer_to_see_the_other(back):
    found = at_once(
        *(
            lambda by=by: plans.write_safety_plan(episode=back.episode, by=by, people_to_ask=by.email, read=0)
            for by in back.people
        )
    )
    assert sorted(type(each) for each in found if isinstance(each, Exception)) == [WrittenMeanwhile], found
    assert SafetyPlan.objects.count() == 1

"""An unanswered question 9 is on the Today of someone who can complete the C-SSRS, under its own date."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.episodes import admissions
from cases.models import CareTeamMember
from counseling import measures
from counseling.models import DischargePlan, SafetyPlan
from counseling.panels import today
from staff.models import Role
from staff.needs import Urgency
from tests import factories

pytestmark = pytest.mark.django_db
HALF_PAST_EIGHT_IN_NEW_YORK = datetime.datetime(2026, 3, 5, 1, 30, tzinfo=datetime.UTC)  # of March 4


def say(client, by, at=None):
    return measures.record(client=client, instrument="phq-9", answers=[0] * 8 + [1], by=by, taken_at=at)


def alarms(reader) -> list[str]:
    found = today.needs(staff_member=reader, now=timezone.now())
    return [
        each.client_name
        for each in found
        if each.urgency is Urgency.NOW and each.title.startswith("Complete the C-SSRS")
    ]


def off_the_team(client):
    CareTeamMember.objects.filter(client=client).update(ends_at=timezone.now())


@time_machine.travel(HALF_PAST_EIGHT_IN_NEW_YORK, tick=False)
def test_in_the_evening_it_is_still_the_clinics_day(client_record, episode, counselor):
    say(client_record, counselor)
    [need] = [each for each in today.needs(staff_member=counselor, now=timezone.now()) if each.kind == "Safety"]
    assert need.detail == "PHQ-9 of Mar 4: question 9"
    given = {"client": client_record, "episode": episode, "written_at": timezone.now(), "written_by": counselor}
    assert str(SafetyPlan(**given)) == "Safety plan, Mar 4, 2026"
    assert str(DischargePlan(**given)) == "Discharge plan, Mar 4, 2026"


def test_who_recorded_it_sees_it_without_being_on_the_care_team(client_record, counselor, medical, make_staff):
    say(client_record, medical)
    assert alarms(medical) == alarms(counselor) == [client_record.full_name]
    assert alarms(make_staff(Role.MEDICAL)) == []


def test_who_recorded_it_and_may_see_the_client_no_longer_hears_without_the_chart(client_record, counselor, make_staff):
    say(client_record, counselor)
    off_the_team(client_record)
    assert alarms(counselor) == []

    def unseen(reader):
        return [each for each in today.needs(staff_member=reader, now=timezone.now()) if each.is_danger]

    [need] = unseen(counselor)
    assert need.detail.startswith("What you recorded on ")
    assert (need.urgency, need.client_name, need.url) == (Urgency.NOW, "", "")
    assert "PHQ" not in need.detail + need.title
    assert unseen(make_staff(Role.COUNSELOR)) == []
    measures.record(
        client=client_record,
        instrument="c-ssrs",
        answers=[0, 0, 0, 0, 0, 0],
        by=factories.StaffMemberFactory(clinic=client_record.clinic, role=Role.SUPERVISOR),
    )
    assert unseen(counselor) == []


def test_where_no_care_team_could_ask_it_reaches_the_supervisors(
    client_record, counselor, supervisor, medical, make_staff, other_clinic
):
    say(client_record, counselor)
    assert alarms(supervisor) == []
    off_the_team(client_record)
    assert alarms(supervisor) == [client_record.full_name]
    assert alarms(medical) == []
    assert alarms(make_staff(Role.SUPERVISOR, clinic=other_clinic)) == []


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": Role.INTAKE_COORDINATOR}])
def test_a_care_team_of_those_who_cannot_ask_is_none(client_record, counselor, supervisor, gone):
    say(client_record, counselor)
    for name, value in gone.items():
        setattr(counselor, name, value)
    counselor.save()
    assert alarms(supervisor) == [client_record.full_name]


def test_the_newest_stand_first_and_are_never_cut_off(make_client, counselor, monkeypatch):
    monkeypatch.setattr(today, "_MOST", 2)
    names = []
    for days in (5, 3, 1):
        client = make_client()
        factories.CareTeamMemberFactory(client=client, staff_member=counselor)
        say(client, counselor, timezone.now() - datetime.timedelta(days=days))
        names.append(client.full_name)
    assert alarms(counselor) == names[::-1]


def test_nobody_is_asked_to_screen_a_person_who_died(client_record, episode, counselor):
    say(client_record, counselor)
    day = timezone.localdate(timezone=client_record.clinic.zone)
    admissions.discharge(episode=episode, discharged_on=day, reason="died", planned=None, by=counselor)
    assert alarms(counselor) == []


def test_many_alarms_cost_as_many_queries_as_one(make_client, counselor, supervisor):
    def cost() -> int:
        client = make_client()
        say(client, supervisor)
        with CaptureQueriesContext(connection) as seen:
            assert client.full_name in alarms(supervisor)
        return len(seen)

    first = cost()
    assert [cost() for _ in range(3)] == [first] * 3

"""Calls after a discharge: derived from its day, from what the client agreed to, and from what was said in calls."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from appointments import continuing_care, said_use
from appointments.codes import Pace
from appointments.models import ContinuingCareChoice, FollowUpCall
from cases.models import Client, TreatmentEpisode
from cases.recovery import use_reports
from groups import mentoring
from groups.mentoring import MentorStatus
from staff.models import AuditEntry, Clinic, StaffMember
from staff.models.clinic import Setting
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.appointments.stories import discharged

MAY_1 = datetime.date(2026, 5, 1)
ONE_DAY = datetime.timedelta(days=1)


def day(number: int) -> datetime.date:
    return MAY_1 + number * ONE_DAY


@pytest.fixture
def clock(clinic: Clinic) -> Any:
    """Noon of May 2, 2026 in the clinic, and of later days by `to(number)` of days after the discharge."""
    with time_machine.travel(datetime.datetime(2026, 5, 2, 12, tzinfo=clinic.zone), tick=False) as traveller:

        def to(number: int) -> None:
            traveller.move_to(datetime.datetime.combine(day(number), datetime.time(12), clinic.zone))

        traveller.to = to
        yield traveller


@pytest.fixture
def stay(clock: Any, client_record: Client) -> TreatmentEpisode:
    """Outpatient care that ended on May 1."""
    return discharged(client_record, MAY_1)


def due(client: Client, number: int) -> list[tuple[int, bool]]:
    return [((each.due_on - MAY_1).days, each.is_missed) for each in continuing_care.due(client, day(number))]


def test_the_discharge_alone_lays_out_the_calls(stay: TreatmentEpisode, client_record: Client) -> None:
    assert due(client_record, 2) == []
    assert due(client_record, 3) == [(3, False)]
    assert due(client_record, 7) == [(3, True), (7, False)]
    assert not FollowUpCall.objects.exists()


def test_after_residential_care_the_first_call_is_the_next_day(clock: Any, client_record: Client) -> None:
    discharged(client_record, MAY_1, setting=Setting.RESIDENTIAL)
    assert due(client_record, 1) == [(1, False)]


def test_a_call_that_reached_them_answers_and_a_try_does_not(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    clock.to(3)
    continuing_care.record_call(episode=stay, outcome="not_reached", due_on=day(3), by=counselor)
    assert due(client_record, 3) == [(3, False)]
    clock.to(4)
    call = continuing_care.record_call(
        episode=stay,
        outcome="reached",
        due_on=day(3),
        by=counselor,
        how_they_are=" Working again. ",
        craving=0,
        meetings=2,
    )
    assert (call.how_they_are, call.craving, call.meetings) == ("Working again.", 0, 2)
    assert due(client_record, 7) == []
    assert due(client_record, 14) == [(14, False)]
    assert AuditEntry.objects.filter(act="appointments.record_call", client_id=client_record.pk).count() == 2


def test_the_next_day_that_was_set_replaces_what_was_planned_before_it(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    clock.to(3)
    continuing_care.record_call(episode=stay, outcome="message", by=counselor, next_on=day(5))
    assert due(client_record, 4) == []
    assert due(client_record, 5) == [(5, False)]
    clock.to(5)
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor, next_on=day(20))
    assert due(client_record, 19) == []
    assert due(client_record, 20) == [(20, False)]
    clock.to(20)
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor)
    assert due(client_record, 30) == [(30, False)]


def test_the_client_changes_it_or_ends_it_at_any_time(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    clock.to(9)
    choice = continuing_care.choose(episode=stay, pace=Pace.CHECKUPS, reason=" Back at  work ", by=counselor)
    assert choice.reason == "Back at work"
    assert due(client_record, 60) == []
    assert due(client_record, 92) == [(92, False)]  # Aug 1, the first quarter
    clock.to(20)
    continuing_care.choose(episode=stay, pace=Pace.NONE, reason="", by=counselor)
    assert due(client_record, 200) == []
    with pytest.raises(Refusal, match="how often"):
        continuing_care.choose(episode=stay, pace="hourly", reason="", by=counselor)
    assert ContinuingCareChoice.objects.count() == 2


@pytest.mark.parametrize("reason", ["died", "transferred", "incarcerated"])
def test_nobody_is_called_after_a_death_a_transfer_or_an_incarceration(
    clock: Any, client_record: Client, reason: str
) -> None:
    discharged(client_record, MAY_1, reason=reason)
    assert due(client_record, 30) == []


def test_calls_stop_while_they_are_back_in_care_and_begin_anew_after_it(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor, next_on=day(4))
    again = factories.TreatmentEpisodeFactory(client=client_record, admitted_on=day(2))
    assert due(client_record, 30) == []
    TreatmentEpisode.objects.filter(pk=again.pk).update(discharged_on=day(20), discharge_reason="completed")
    assert due(client_record, 24) == [(23, False)]


def test_answers_of_someone_who_was_not_reached_are_refused(stay: TreatmentEpisode, counselor: StaffMember) -> None:
    for answers in (
        {"how_they_are": "Fine"},
        {"said_use": "no"},
        {"craving": 0},
        {"meetings": 0},
        {"what_helped": "x"},
    ):
        with pytest.raises(continuing_care.NotReached):
            continuing_care.record_call(episode=stay, outcome="message", by=counselor, **answers)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match="only_if_reached"), transaction.atomic():
        FollowUpCall.objects.create(
            client=stay.client, episode=stay, outcome="message", at=timezone.now(), by=counselor, craving=3
        )


def test_what_cannot_be_is_refused(
    stay: TreatmentEpisode, counselor: StaffMember, make_staff: Any, clock: Any, clinic: Clinic
) -> None:
    def call(**facts: Any) -> None:
        continuing_care.record_call(**{"episode": stay, "outcome": "reached", "by": counselor} | facts)

    now = timezone.now()
    for facts, refusal in (
        ({"at": now + ONE_DAY}, "future"),
        ({"at": now - 3 * ONE_DAY}, "before the discharge"),
        ({"next_on": day(1)}, "after this one"),
        ({"next_on": datetime.date(2033, 5, 1)}, "more than 5 years"),
        ({"next_on": datetime.date(26, 5, 9)}, "four-digit"),
        ({"due_on": datetime.date(26, 5, 9)}, "four-digit"),
        ({"craving": 11}, "0 to 10"),
        ({"meetings": -1}, "0 to 50"),
        ({"said_use": "maybe"}, "yes or no"),
        ({"outcome": "asleep"}, "was reached"),
    ):
        with pytest.raises(Refusal, match=refusal):
            call(**facts)
    with pytest.raises(NotPermitted):
        call(by=make_staff())
    with pytest.raises(continuing_care.NotDischarged):
        call(episode=factories.TreatmentEpisodeFactory(client=stay.client))
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharge_reason="died")
    with pytest.raises(continuing_care.Died):
        call()
    assert not FollowUpCall.objects.exists()


def test_a_call_stands_as_it_was_recorded(stay: TreatmentEpisode, counselor: StaffMember) -> None:
    call = continuing_care.record_call(episode=stay, outcome="reached", by=counselor, craving=2)
    with pytest.raises(IntegrityError, match="follow-up call"), transaction.atomic():
        FollowUpCall.objects.filter(pk=call.pk).update(craving=3)


def test_use_that_was_told_of_pauses_a_peer_mentor(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    """Whoever is told of use, every room hears of it (cases.recovery.use_reports)."""
    mentor = factories.MembershipFactory(client=client_record, group__program__clinic=counselor.clinic, mentor=True)
    assert mentoring.standing(mentor, day(1)) is MentorStatus.MENTOR
    clock.to(2)
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor, said_use="no")
    assert mentoring.standing(mentor, day(2)) is MentorStatus.MENTOR
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor, said_use="yes")
    clock.to(3)
    assert mentoring.standing(mentor, day(3)) is MentorStatus.BREAK


def test_the_source_of_reports_names_calls_that_told_of_use(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember
) -> None:
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor, said_use="yes")
    now = timezone.now()
    asked = {"client": client_record, "recovery": MAY_1, "until": now + ONE_DAY}
    assert sum(rows.count() for rows in use_reports.reports(since=now - ONE_DAY, **asked)) == 1
    assert said_use.in_follow_up_calls(since=now + ONE_DAY, **asked).count() == 0


def lines(browser: Any) -> str:
    return " ".join(browser.get("/").content.decode().split())


def test_today_asks_the_primary_counselor_once_for_each_client(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, make_staff: Any, signed_in: Any, clock: Any
) -> None:
    clock.to(15)
    page = lines(signed_in(counselor))
    assert page.count('ow-need__title">Follow-up call<') == 1
    assert "1 day late" in page or "since yesterday" in page
    other = make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=other, part="counselor")
    assert 'ow-need__title">Follow-up call<' not in lines(signed_in(other))
    continuing_care.record_call(episode=stay, outcome="reached", by=counselor)
    assert "Follow-up call<" not in lines(signed_in(counselor))


def test_the_first_call_stands_on_today_before_its_72_hours_are_over(
    stay: TreatmentEpisode, counselor: StaffMember, signed_in: Any
) -> None:
    assert "First call. Discharged May 1, 2026." in lines(signed_in(counselor))


def test_use_that_was_told_of_stands_on_today_until_it_is_taken_up(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any, clock: Any
) -> None:
    call = continuing_care.record_call(episode=stay, outcome="reached", by=counselor, said_use="yes")
    page = lines(signed_in(counselor))
    assert "Use reported in a follow-up call" in page
    assert reverse("appointments:follow_up_call", args=[client_record.pk, call.pk]) in page
    clock.to(2)
    factories.RelapseFactory(client=client_record, started_on=day(0), over=True, recorded_by=counselor)
    assert "Use reported in a follow-up call" not in lines(signed_in(counselor))

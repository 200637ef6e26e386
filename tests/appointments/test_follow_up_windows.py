"""A visit within 7 and 30 days after high-intensity care, never the day of discharge itself."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking, follow_up_windows, visits
from appointments.codes import Purpose
from appointments.models import Appointment, AppointmentStep
from cases.models import Client, LevelOfCarePeriod, TreatmentEpisode
from groups.models import Attendance, GroupSession
from staff.models import Clinic, StaffMember
from staff.models.clinic import Setting
from tests import factories
from tests.appointments.stories import discharged, signed_note
from tests.ownership import as_owner

MAY = [datetime.date(2026, 5, each) for each in range(1, 32)]


def test_scenario_19_a_visit_on_the_day_of_discharge_does_not_count() -> None:
    own = follow_up_windows.windows(MAY[0])
    assert (own.first_day, own.seven_ends, own.thirty_ends) == (MAY[1], MAY[7], MAY[30])
    found = follow_up_windows.standing(discharged_on=MAY[0], visits=[MAY[7], MAY[0]])
    assert found.seven_met_on == found.thirty_met_on == MAY[7]
    assert follow_up_windows.standing(discharged_on=MAY[0], visits=[MAY[0]]).thirty_met_on is None


@pytest.mark.parametrize(
    ("visit", "seven", "thirty"), [(MAY[1], True, True), (MAY[8], False, True), (MAY[30], False, True)]
)
def test_the_edges_of_the_windows(visit: datetime.date, seven: bool, thirty: bool) -> None:
    found = follow_up_windows.standing(discharged_on=MAY[0], visits=[visit])
    assert (found.seven_met_on is not None, found.thirty_met_on is not None) == (seven, thirty)
    assert follow_up_windows.standing(discharged_on=MAY[0], visits=[datetime.date(2026, 6, 1)]).thirty_met_on is None


def test_days_left() -> None:
    found = follow_up_windows.standing(discharged_on=MAY[0], visits=[])
    assert [found.days_left(day) for day in (MAY[0], MAY[1], MAY[7], MAY[8], MAY[30])] == [7, 7, 1, 23, 1]
    assert found.days_left(datetime.date(2026, 6, 1)) is None


def at(clinic: Clinic, day: int, hour: int = 10) -> datetime.datetime:
    return datetime.datetime(2026, 5, day, hour, tzinfo=clinic.zone)


def test_scenario_19_on_the_page(client_record: Client, counselor: StaffMember, signed_in: Any, clinic: Clinic) -> None:
    discharged(client_record, MAY[0], setting=Setting.RESIDENTIAL)
    url = reverse("appointments:follow_up", args=[client_record.pk])
    signed_note(client_record, counselor, at(clinic, 1, 16))
    with time_machine.travel(at(clinic, 2), tick=False):
        page = signed_in(counselor).get(url).content.decode()
        assert "Within 7 days: May 2 –" in page
        assert "7 days left" in " ".join(page.split())
        today = signed_in(counselor).get("/").content.decode()
        assert "Visit within 7 days of discharge" in today
    signed_note(client_record, counselor, at(clinic, 8))
    with time_machine.travel(at(clinic, 9), tick=False):
        page = " ".join(signed_in(counselor).get(url).content.decode().split())
        assert page.count("May 8, 2026") >= 2
        assert "May 31" in page
        assert "of discharge" not in signed_in(counselor).get("/").content.decode()


def test_without_a_counselor_it_stands_with_who_assigns_care_teams(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, signed_in: Any, clinic: Clinic
) -> None:
    """Nobody's own, and still somebody's: with no primary counselor, or one who is gone. With one it is only theirs."""
    alone = factories.ClientFactory(clinic=clinic, family_name="Samplealone")
    left = factories.ClientFactory(clinic=clinic, counselor=make_staff(is_active=False), family_name="Sampleleft")
    cared = factories.ClientFactory(clinic=clinic, counselor=counselor, family_name="Samplecared")
    for client in (alone, left, cared):
        discharged(client, MAY[0], setting=Setting.RESIDENTIAL)
    with time_machine.travel(at(clinic, 3), tick=False):
        page = " ".join(signed_in(supervisor).get("/").content.decode().split())
        assert page.count("No primary counselor: assign one.") == 2
        assert "Samplealone" in page
        assert "Sampleleft" in page
        assert "Samplecared" not in page
        assert reverse("appointments:book", args=[alone.pk]) in page
        own = signed_in(counselor).get("/").content.decode()
        assert "Samplecared" in own
        assert "No primary counselor" not in own
    with time_machine.travel(at(clinic, 4), tick=False):
        visit = booking.book(client=alone, staff_member=supervisor, starts_at=at(clinic, 4, 10), by=supervisor)
        booking.keep(appointment=visit, by=supervisor)
        page = " ".join(signed_in(supervisor).get("/").content.decode().split())
        assert page.count("No primary counselor: assign one.") == 1


def test_outpatient_care_has_no_such_window(
    client_record: Client, counselor: StaffMember, signed_in: Any, clinic: Clinic
) -> None:
    discharged(client_record, MAY[0], setting=Setting.INTENSIVE)
    with time_machine.travel(at(clinic, 2), tick=False):
        page = signed_in(counselor).get(reverse("appointments:follow_up", args=[client_record.pk])).content.decode()
        assert "Visits after discharge" not in page
        assert "Visit within" not in signed_in(counselor).get("/").content.decode()


def test_the_level_at_discharge_counts_and_not_the_one_before(
    client_record: Client, counselor: StaffMember, signed_in: Any, clinic: Clinic
) -> None:
    stay = discharged(client_record, MAY[0], setting=Setting.RESIDENTIAL)
    LevelOfCarePeriod.objects.filter(episode=stay).update(ends_at=at(clinic, 1, 0))
    LevelOfCarePeriod.objects.create(
        episode=stay,
        level_code="2.1",
        setting=Setting.INTENSIVE,
        starts_at=at(clinic, 1, 0),
        ends_at=at(clinic, 1, 9),
        decided_by=counselor,
    )
    with time_machine.travel(at(clinic, 2), tick=False):
        assert "Visit within" not in signed_in(counselor).get("/").content.decode()


def test_a_window_goes_on_while_they_are_in_care_again_and_ends_with_a_transfer(
    client_record: Client, counselor: StaffMember, signed_in: Any, clinic: Clinic
) -> None:
    stay = discharged(client_record, MAY[0], setting=Setting.RESIDENTIAL)
    again = factories.TreatmentEpisodeFactory(client=client_record, admitted_on=MAY[1])
    with time_machine.travel(at(clinic, 3), tick=False):
        assert "Visit within 7 days" in signed_in(counselor).get("/").content.decode()
        with as_owner():
            again.delete()
        TreatmentEpisode.objects.filter(pk=stay.pk).update(discharge_reason="transferred")
        assert "Visit within" not in signed_in(counselor).get("/").content.decode()


def test_the_windows_of_residential_care_go_on_after_a_short_step_down(
    client_record: Client, counselor: StaffMember, signed_in: Any, clinic: Clinic
) -> None:
    discharged(client_record, MAY[0], setting=Setting.RESIDENTIAL)
    discharged(client_record, MAY[4], setting=Setting.INTENSIVE)
    with time_machine.travel(at(clinic, 6), tick=False):
        page = signed_in(counselor).get(reverse("appointments:follow_up", args=[client_record.pk])).content.decode()
        assert "Within 7 days: May 2 –" in page
        assert "Visit within 7 days of discharge" in signed_in(counselor).get("/").content.decode()


def test_what_a_visit_is(client_record: Client, counselor: StaffMember, clinic: Clinic) -> None:
    """Kept appointments but no specimens, signed notes but no case management, attended sessions but no absences."""
    discharged(client_record, MAY[0])
    with time_machine.travel(at(clinic, 20), tick=False):
        kept = [
            booking.book(client=client_record, staff_member=counselor, starts_at=at(clinic, day), by=counselor, **facts)
            for day, facts in ((4, {}), (5, {"purpose": Purpose.SPECIMEN}), (6, {}))
        ]
    for appointment in kept[:2]:
        AppointmentStep.objects.create(appointment=appointment, step="kept", at=at(clinic, 6), by=counselor)
    assert Appointment.objects.count() == 3
    signed_note(client_record, counselor, at(clinic, 9))
    signed_note(client_record, counselor, at(clinic, 10), modality="case_management")
    membership = factories.MembershipFactory(client=client_record, group__program__clinic=clinic)
    for day, mark, minutes in ((11, "present", 90), (12, "unexcused", 0)):
        session = GroupSession.objects.create(group=membership.group, starts_at=at(clinic, day))
        Attendance.objects.create(
            session=session, membership=membership, mark=mark, minutes_credited=minutes, taken_at=at(clinic, 12),
            taken_by=counselor,
        )  # fmt: skip
    found = visits.since(clients=[client_record.pk], since=at(clinic, 1))
    assert [each.astimezone(clinic.zone).day for each in found[client_record.pk]] == [4, 9, 11]
    assert visits.since(clients=[], since=at(clinic, 1)) == {}

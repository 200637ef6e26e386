"""What stands on Today for those who answer the consultation line, and for who takes over."""

import datetime

import pytest
import time_machine

from cases.intake import inquiries
from cases.panels.today import needs
from staff.models import StaffMember
from staff.needs import Urgency

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def titles(staff_member: StaffMember, now: datetime.datetime = NOW) -> list[tuple[Urgency, str, str]]:
    found = sorted(needs(staff_member=staff_member, now=now), key=lambda need: need.urgency)
    return [(need.urgency, need.title, need.client_name) for need in found]


def test_danger_first_then_clocks_then_call_backs(intake: StaffMember, clock: object) -> None:
    inquiries.take(by=intake, given_name="Ordinary")
    inquiries.take(by=intake, given_name="Expecting", pregnant=True)
    inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide"])
    inquiries.save_draft(by=intake, given_name="Half")
    assert titles(intake) == [
        (Urgency.NOW, "Call back: danger sign", "Danger"),
        (Urgency.TODAY, "Admit, or start interim services", "Expecting"),
        (Urgency.TODAY, "Finish recording a call", "Half"),
        (Urgency.SOON, "Call back", "Ordinary"),
    ]
    later = clock.shift(datetime.timedelta(hours=49)) or NOW + datetime.timedelta(hours=49)
    assert (Urgency.NOW, "Admit, or start interim services", "Expecting") in titles(intake, later)
    assert (Urgency.TODAY, "Call back", "Ordinary") in titles(intake, later)


def test_a_counselor_sees_what_is_assigned_to_them_and_nothing_else(
    intake: StaffMember, counselor: StaffMember, make_client: object
) -> None:
    inquiries.take(by=intake, given_name="Stranger", danger_signs=["suicide"])
    mine = inquiries.take(by=intake, given_name="Robin")
    inquiries.link(inquiry=mine, client=make_client(), assigned_to=counselor, by=intake)
    assert {name for _, _, name in titles(counselor)} <= {"Robin"}


def test_nobody_without_the_line_is_bothered(
    intake: StaffMember, administrator: StaffMember, privacy_officer: StaffMember
) -> None:
    inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide"])
    assert titles(administrator) == titles(privacy_officer) == []

"""A dangerous withdrawal score is on Today before any assessment, for who can act on it and for who recorded it.

The one owner of which score is dangerous is cases.withdrawal_scores.dangerous.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import assessments
from cases.episodes import admissions
from cases.intake import inquiries
from cases.medical import medical_needs
from cases.models import CareTeamMember, Client
from counseling import measures
from staff.models import Role, StaffMember
from staff.models.clinic import Setting
from staff.needs import Urgency
from tests import factories

from .medical_today import COWS_4, COWS_5, COWS_25, HOUR, NOW, M, asked, ciwa, clock, decided, scored, words

__all__ = ["clock"]  # a fixture

SignIn = Callable[[StaffMember], Browser]


@pytest.mark.parametrize(
    ("instrument", "answers", "title"),
    [
        ("ciwa-ar", ciwa(19), "Arrange 24-hour medical care"),
        ("ciwa-ar", ciwa(10), "Get a medical evaluation"),
        ("ciwa-ar", ciwa(9), ""),
        ("cows", COWS_25, "Arrange 24-hour medical care"),
        ("cows", COWS_5, "Get a medical evaluation"),
        ("cows", COWS_4, ""),
    ],
)
def test_a_dangerous_withdrawal_score_is_on_today_before_any_assessment(
    client_record: Client, counselor: StaffMember, medical: StaffMember, make_staff: Any, other_clinic: Any,
    signed_in: SignIn, instrument: str, answers: list[int], title: str,
) -> None:  # fmt: skip
    measure = scored(client_record, medical, answers, instrument, taken_at=NOW - HOUR)
    found = asked(medical)
    assert [each.title for each in found] == ([title] if title else [])
    assert len(asked(counselor)) == len(found), "the care team"
    for stranger in (make_staff(), factories.StaffMemberFactory(clinic=other_clinic, role=Role.MEDICAL)):
        assert asked(stranger) == []
    for need in found:
        assert (need.urgency, need.is_danger, need.due) == (Urgency.NOW, True, NOW - HOUR)
        assert measure.get_instrument_display() in need.detail
        assert need.client_name == "Robin Sample"
        assert need.url == reverse("cases:assessment_new", args=[client_record.pk])
        assert title in words(signed_in(medical).get(reverse("desk:today")))
        assert signed_in(counselor).get(asked(counselor)[0].url).status_code == 200


def test_a_score_is_of_whoever_recorded_it_and_of_supervisors_once_it_cannot_wait(
    client_record: Client, medical: StaffMember, supervisor: StaffMember, counselor: StaffMember
) -> None:
    scored(client_record, counselor, ciwa(12))
    assert asked(supervisor) == []
    scored(client_record, supervisor, ciwa(13), taken_at=NOW - HOUR)
    [need] = asked(supervisor)
    assert "13" in need.detail or "12" in need.detail
    scored(client_record, counselor, ciwa(25))
    assert [each.title for each in asked(supervisor)] == ["Arrange 24-hour medical care"]


def test_the_worst_score_of_a_day_is_one_line_until_a_decision_or_an_evaluation(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    for hours, total in ((5, 15), (4, 22), (3, 11)):
        scored(client_record, counselor, ciwa(total), taken_at=NOW - hours * HOUR)
    [need] = asked(medical)
    assert "22" in need.detail
    row = assessments.record(client=client_record, by=counselor)
    [need] = asked(medical)
    assert need.url == reverse("cases:assessment", args=[client_record.pk, row.pk])
    row = assessments.decide(assessment=row, setting=1, medical=0, reason="Given diazepam.", by=counselor)
    assert asked(medical) == []
    clock.shift(HOUR)
    scored(client_record, counselor, ciwa(21))
    [need] = asked(medical, NOW + HOUR)
    assert need.url == reverse("cases:medical_evaluation", args=[client_record.pk, row.pk])
    clock.shift(HOUR)
    medical_needs.record_evaluation(assessment=row, found="A", done="B", need=M.NONE, by=medical)
    assert asked(medical, NOW + 2 * HOUR) == asked(counselor, NOW + 2 * HOUR) == []


def test_a_score_counts_as_long_as_it_does_in_an_assessment_and_not_once_it_was_taken_back(
    client_record: Client, counselor: StaffMember, medical: StaffMember
) -> None:
    measure = scored(client_record, counselor, ciwa(21))
    assert len(asked(medical, NOW + 24 * HOUR)) == 1
    assert asked(medical, NOW + 25 * HOUR) == []
    measures.withdraw(measure=measure, reason="Another client's.", by=counselor)
    assert asked(medical) == []


def test_whoever_is_in_24_hour_medical_care_is_looked_after_there(
    clinic: Any, counselor: StaffMember, medical: StaffMember, client_record: Client
) -> None:
    managed = factories.ProgramFactory(
        clinic=clinic, name="Detox", setting=Setting.RESIDENTIAL, level_code="3.7", medical_intensity=M.MANAGED
    )
    scored(client_record, counselor, ciwa(21))
    assert len(asked(medical)) == 1
    admissions.admit(client=client_record, program=managed, level_of_care="3.7", admitted_on=NOW.date(), by=counselor)
    assert asked(medical) == []


@pytest.mark.parametrize("promise", ["decided", "call"])
@pytest.mark.parametrize("total", [12, 21])
def test_a_score_of_somebody_in_24_hour_care_takes_no_promise_away(
    clinic: Any, counselor: StaffMember, medical: StaffMember, intake: StaffMember, client_record: Client, clock: Any,
    promise: str, total: int,
) -> None:  # fmt: skip
    managed = factories.ProgramFactory(
        clinic=clinic, name="Detox", setting=Setting.RESIDENTIAL, level_code="3.7", medical_intensity=M.MANAGED
    )
    admissions.admit(client=client_record, program=managed, level_of_care="3.7", admitted_on=NOW.date(), by=counselor)
    if promise == "decided":
        decided(client_record, counselor)
    else:
        call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
        inquiries.link(inquiry=call, client=client_record, by=intake)
    before = asked(medical)
    assert len(before) == 1
    clock.shift(600)
    scored(client_record, counselor, ciwa(total))
    assert asked(medical, NOW + HOUR) == before


def test_what_a_place_does_not_give_is_wanted_beside_what_it_gives(
    clinic: Any, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember, client_record: Client
) -> None:
    """Emergency care was decided for somebody at 3.7: it stands, and their score is shown with it."""
    managed = factories.ProgramFactory(
        clinic=clinic, name="Detox", setting=Setting.RESIDENTIAL, level_code="3.7", medical_intensity=M.MANAGED
    )
    admissions.admit(client=client_record, program=managed, level_of_care="3.7", admitted_on=NOW.date(), by=counselor)
    decided(client_record, supervisor, M.EMERGENCY)
    assert "Get emergency care now" in [each.title for each in asked(medical)]


# --- who recorded a score and may not see the person any more


def lost_sight(client: Client, of: StaffMember) -> None:
    CareTeamMember.objects.filter(client=client, staff_member=of).update(ends_at=timezone.now())


def test_who_recorded_a_score_hears_of_it_without_the_chart(
    client_record: Client, counselor: StaffMember, medical: StaffMember, make_staff: Any, signed_in: SignIn
) -> None:
    scored(client_record, counselor, ciwa(21), taken_at=NOW - HOUR)
    scored(client_record, medical, ciwa(25), taken_at=NOW - HOUR / 2)  # of what others recorded they hear nothing
    lost_sight(client_record, counselor)
    [need] = asked(counselor)
    assert (need.title, need.urgency, need.due) == ("Get a medical provider", Urgency.NOW, NOW - HOUR)
    assert "What you recorded on May 20, 2026 needs a medical provider." in need.detail
    assert (need.url, need.button, need.client_name, need.is_danger) == ("", "", "", True)
    shown = words(signed_in(counselor).get(reverse("desk:today")))
    assert need.title in shown
    for hidden in ("Robin", f"/clients/{client_record.pk}/", "CIWA"):
        assert hidden not in f"{need.title} {need.detail}"
        assert hidden not in shown
    assert asked(make_staff()) == [], "somebody else who is not on the care team"


def test_who_recorded_it_hears_until_somebody_has_looked_and_no_more_than_that(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = assessments.record(client=client_record, by=counselor)
    scored(client_record, counselor, ciwa(21))
    lost_sight(client_record, counselor)
    assert len(asked(counselor)) == 1
    clock.shift(HOUR)
    assessments.decide(assessment=row, setting=3, medical=M.MANAGED, reason="Asked.", by=medical)
    assert asked(counselor, NOW + HOUR) == [], "a decision on a person they may not see"
    assert len(asked(medical, NOW + HOUR)) == 1


def test_what_a_medical_provider_found_of_them_is_not_told_to_who_recorded_the_score(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor, M.NONE)
    clock.shift(HOUR)
    scored(client_record, counselor, ciwa(21))
    lost_sight(client_record, counselor)
    assert len(asked(counselor, NOW + HOUR)) == 1
    clock.shift(HOUR)
    medical_needs.record_evaluation(assessment=row, found="A", done="B", need=M.MANAGED, by=medical)
    assert len(asked(medical, NOW + 2 * HOUR)) == 1
    assert asked(counselor, NOW + 2 * HOUR) == []

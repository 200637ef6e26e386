"""A high C-SSRS in the evening: everybody who has to hear of it does, and nothing is closed before it is evaluated."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases import assessments
from cases.episodes import admissions
from cases.models import Client, SafetyEvaluation, TreatmentEpisode
from cases.people import care_team, registration
from cases.safety import safety_holds
from counseling import measures, notes, signing
from staff.models import Role, StaffMember
from tests import factories

from .house import House

D = datetime.date
DAY = datetime.timedelta(days=1)
THAT_DAY, NEXT_DAY = D(2026, 3, 2), D(2026, 3, 3)
QUESTION_4 = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
SignIn = Callable[[StaffMember], Browser]


@pytest.fixture
def resident(house: House) -> Client:
    house.it_is(THAT_DAY, 8)
    person = registration.register(by=house.intake, given_name="Robin", family_name="Samplefield")
    care_team.assign(client=person, staff_member=house.counselor, by=house.intake)
    return person


@pytest.fixture
def episode(house: House, resident: Client) -> TreatmentEpisode:
    return admissions.admit(
        client=resident, program=house.residence, level_of_care="3.5", admitted_on=THAT_DAY, by=house.counselor
    )


def today(signed_in: SignIn, reader: StaffMember) -> str:
    return signed_in(reader).get(reverse("desk:today")).content.decode()


def test_one_danger_from_the_first_answer_to_the_next_check(
    house: House, resident: Client, episode: TreatmentEpisode, signed_in: SignIn
) -> None:
    nurse = factories.StaffMemberFactory(clinic=house.clinic, role=Role.MEDICAL, credential="RN")
    elsewhere_in_the_clinic = factories.StaffMemberFactory(clinic=house.clinic, role=Role.COUNSELOR)
    evening = house.it_is(THAT_DAY, 18)
    hour = datetime.timedelta(hours=1)
    note = notes.start(
        client=resident,
        episode=episode,
        by=house.counselor,
        session_started_at=evening - 2 * hour,
        session_ended_at=evening - hour,
        sections={"subjective": "Very low.", "plan": "Tomorrow at nine."},
    )
    assessment = assessments.record(
        client=resident, by=house.counselor, emergency_signs=False, suicidal_intent=False, suicidal_behavior=False,
        use_days=1, span_days=1, use_stopped=True,
    )  # fmt: skip

    # The nurse asks. An earlier question 9 has its answer by that, and the danger does not vanish with it.
    measures.record(client=resident, instrument="phq-9", answers=[1] * 9, by=house.counselor)
    measures.record(client=resident, instrument="c-ssrs", answers=QUESTION_4, by=nurse)
    assert not measures.unanswered_alarms().filter(client=resident).exists()
    for reader in (house.counselor, nurse, house.supervisor):
        page = today(signed_in, reader)
        assert "Evaluate safety" in page
        assert "is high. 988: call or text." in page
    for reader in (elsewhere_in_the_clinic, house.intake, house.stranger):
        assert "Evaluate safety" not in today(signed_in, reader)

    # It stands beside the name wherever the chart is open.
    chart = signed_in(house.counselor)
    for name in ("desk:chart", "cases:relapses", "cases:episodes", "counseling:notes", "counseling:plan"):
        assert "Safety concern: evaluate now" in chart.get(reverse(name, args=[resident.pk])).content.decode(), name

    # Nothing is closed.
    with pytest.raises(safety_holds.HeldOpen, match="No clinician has recorded"):
        signing.sign(note=note, by=house.counselor)
    with pytest.raises(safety_holds.HeldOpen):
        admissions.discharge(episode=episode, discharged_on=THAT_DAY, reason="left", by=house.counselor)
    with pytest.raises(assessments.SafetyFirst):
        assessments.decide(assessment=assessment, setting=1, reason="She wants to go home", by=house.counselor)
    page = chart.get(reverse("counseling:note_sign", args=[resident.pk, note.pk])).content.decode()
    assert reverse("cases:safety", args=[resident.pk]) in page

    # The counselor evaluates: all of it is gone at once.
    said = {
        "evaluated_at": "2026-03-02T18:00",
        "found": "A plan, no means at hand; wants to live for her daughter.",
        "done": "Safety plan, medication locked away, one-to-one tonight.",
        "next_check_on": NEXT_DAY.isoformat(),
    }
    assert chart.post(reverse("cases:safety", args=[resident.pk]), said).status_code == 302
    assert SafetyEvaluation.objects.get().evaluated_by == house.counselor
    for reader in (house.counselor, nurse, house.supervisor):
        assert "Evaluate safety" not in today(signed_in, reader)
    assert "Safety concern" not in chart.get(reverse("desk:chart", args=[resident.pk])).content.decode()
    assert signing.sign(note=note, by=house.counselor).went_on_because == ""
    assessments.decide(assessment=assessment, setting=3, reason="Needs somebody near", by=house.counselor)

    # The next morning the check is due, until somebody has looked again.
    house.it_is(NEXT_DAY, 9)
    assert "Safety check due" in today(signed_in, house.counselor)
    chart = signed_in(house.counselor)
    again = {**said, "evaluated_at": "2026-03-03T09:00", "next_check_on": "2026-03-10"}
    assert chart.post(reverse("cases:safety", args=[resident.pk]), again).status_code == 302
    assert "Safety check due" not in today(signed_in, house.counselor)
    done = admissions.discharge(episode=episode, discharged_on=NEXT_DAY, reason="completed", by=house.counselor)
    assert done.discharge_went_on_because == ""

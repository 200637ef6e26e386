"""What tests of a medical provider's Today share: a clock that stands, needs that were decided, scores, calls."""

from __future__ import annotations

import datetime
import html
from typing import Any

import pytest
import time_machine

from cases import assessments
from cases.intake import inquiries
from cases.models import Client, LevelOfCareAssessment
from cases.panels import today_medical
from counseling import measures
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
M = MedicalIntensity


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def words(answer: Any) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def decided(client: Client, by: StaffMember, medical: int = M.EVALUATION, **more: Any) -> LevelOfCareAssessment:
    setting = {M.NONE: 1, M.EVALUATION: 1, M.MANAGED: 3, M.EMERGENCY: 4}[M(medical)]
    row = assessments.record(client=client, by=by)
    return assessments.decide(assessment=row, setting=setting, medical=medical, reason="Asked.", by=by, **more)


def asked(of: StaffMember, at: datetime.datetime = NOW) -> list[Need]:
    return today_medical.needs(staff_member=of, now=at)


def ciwa(total: int) -> list[int]:
    """Answers of a CIWA-Ar that come to a total: nine items up to 7, the last up to 4."""
    answers = []
    for highest in [7] * 9 + [4]:
        answers.append(min(highest, total - sum(answers)))
    return answers


# pulse, sweating, restlessness, pupils, aches, runny nose, stomach, tremor, yawning, anxiety, gooseflesh
COWS_4 = [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
COWS_5 = [0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0]
COWS_25 = [4, 4, 5, 5, 4, 0, 0, 0, 0, 0, 3]


def told_on_call(client: Client, intake: StaffMember, counselor: StaffMember) -> Any:
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    return inquiries.link(inquiry=call, client=client, assigned_to=counselor, by=intake)


def scored(client: Client, by: StaffMember, answers: list[int], instrument: str = "ciwa-ar", **more: Any) -> Any:
    return measures.record(client=client, instrument=instrument, answers=answers, by=by, **more)

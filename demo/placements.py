"""Placement reassessed during care: one evaluation pending, one overdue, one done."""

from __future__ import annotations

import datetime
import itertools

from cases import assessments, placement
from cases.medical import medical_needs
from cases.models import Inquiry, LevelOfCareAssessment
from cases.safety.danger_signs import FOR_MEDICAL_PROVIDER
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity

from .lives import Life

HOURS_AGO = (1, 30, 50)  # the first waits within its day, the second is late, the third has been seen
ANSWERS = {
    "emergency_signs": False,
    "suicidal_intent": False,
    "suicidal_behavior": False,
    "suicide_risk_moderate": False,
    "psychosis": False,
    "preference": "To stay with the same counselor and keep working.",
}
REASON = "Came to every session since. The nurse practitioner looks at sleep and blood pressure first."


def assess_again(lives: list[Life], *, medical: StaffMember, now: datetime.datetime) -> int:
    """Three decisions that ask for a medical evaluation; returns how many."""
    in_care = (life for life in lives[1:] if life.open_episode is not None and life.returns)
    safe = (life for life in in_care if not placement.suggest(LevelOfCareAssessment(client=life.client)).locked)
    made = 0
    for life, hours in zip(itertools.islice(safe, len(HOURS_AGO)), HOURS_AGO, strict=False):
        episode = life.open_episode
        assert episode is not None
        known = assessments.prefilled(client=life.client, relapse=life.returns[-1])
        row = assessments.record(
            client=life.client, relapse=life.returns[-1], by=life.counselor, **{**known, **ANSWERS}
        )
        row = assessments.decide(
            assessment=row,
            setting=episode.program.setting,
            medical=MedicalIntensity.EVALUATION,
            reason=REASON,
            by=life.counselor,
        )
        if hours == HOURS_AGO[-1]:
            medical_needs.record_evaluation(
                assessment=row,
                found="Sleeps four hours, blood pressure 138 over 88, no tremor.",
                done="Seen in the office; sleep plan made, blood pressure again in a week.",
                need=MedicalIntensity.NONE,
                by=medical,
            )
        _happened_at(row, now - datetime.timedelta(hours=hours))
        made += 1
    return made


def answer_calls(*, medical: StaffMember, now: datetime.datetime) -> int:
    """A medical provider has called back people in withdrawal days ago; calls since yesterday are waiting."""
    days_ago = now - datetime.timedelta(days=2)
    calls = Inquiry.objects.filter(danger_signs__overlap=sorted(FOR_MEDICAL_PROVIDER), taken_at__lt=days_ago)
    for call in calls:
        medical_needs.record_evaluation(
            inquiry=call,
            found="Shaky on the first day, slept the second night; no seizure before.",
            done="Called the same afternoon and the next morning. Comes in for blood pressure and a CIWA-Ar.",
            need=MedicalIntensity.NONE,
            by=medical,
        )
    return len(calls)


def _happened_at(row: LevelOfCareAssessment, moment: datetime.datetime) -> None:
    """The demo needs decisions of different ages; no one decides in the past, so no act does this."""
    LevelOfCareAssessment.objects.filter(pk=row.pk).update(assessed_at=moment, decided_at=moment)

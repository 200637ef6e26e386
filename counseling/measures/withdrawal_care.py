"""What a withdrawal score requires, by the clinic's placement thresholds (rules W1, W2, W5)."""

from __future__ import annotations

from cases.placement import thresholds
from counseling.codes import Instrument
from staff.models import Clinic
from staff.thresholds import values_for

_MANAGED = "24-hour medical care is the minimum"
_EVALUATION = "medical evaluation within 24 hours"


def asked_by(instrument: str, total: int | None, clinic: Clinic) -> str:
    """A sentence if the total is high enough, otherwise empty. It places no one: a clinician decides."""
    if total is None or instrument not in (Instrument.CIWA_AR, Instrument.COWS):
        return ""
    is_alcohol = instrument == Instrument.CIWA_AR
    high = thresholds.CIWA_SEVERE if is_alcohol else thresholds.COWS_SEVERE
    low = thresholds.CIWA_MODERATE if is_alcohol else thresholds.COWS_MILD
    numbers = values_for(clinic, (high, low))
    if total >= numbers[high.key]:
        return f"{numbers[high.key]} or more: {_MANAGED}."
    if total < numbers[low.key]:
        return ""
    offer = "" if is_alcohol else "; offer medication for opioid use disorder the same day"
    return f"{numbers[low.key]} or more: {_EVALUATION}{offer}."

"""Continued stay review intervals by level; each clinic sets its own."""

from __future__ import annotations

from cases.levels import CO_OCCURRING
from staff.models import Clinic
from staff.thresholds import Threshold, values_for

_OWN = "Product default. Payers and states set different dates; follow the clinic's contracts."


def _every(key: str, default: int, label: str) -> Threshold:
    return Threshold(
        f"review.{key}", default, "days", f"Continued stay review interval, {label}", _OWN, lowest=1, highest=366
    )


SHOWN_BEFORE = Threshold(
    "review.shown_before", 3, "days", "Show reviews on Today this far ahead", _OWN, lowest=0, highest=30
)
MEDICAL = _every("medical", 3, "24-hour medically managed care (3.7, 4, withdrawal management)")
HIGH_INTENSITY = _every("high_intensity", 7, "high-intensity residential care (3.3, 3.5)")
DAY = _every("day", 14, "partial hospitalization and high-intensity outpatient care (2.5, 2.7)")
LOW_INTENSITY = _every("low_intensity", 30, "intensive outpatient and low-intensity residential care (2.1, 3.1)")
OUTPATIENT = _every("outpatient", 90, "outpatient care (0.5, 1)")

_BY_LEVEL = {
    **dict.fromkeys(("3.7", "3.7-WM", "3.2-WM", "4", "4-WM"), MEDICAL),
    **dict.fromkeys(("3.3", "3.5"), HIGH_INTENSITY),
    **dict.fromkeys(("2.5", "2.7", "2-WM"), DAY),
    **dict.fromkeys(("2.1", "3.1"), LOW_INTENSITY),
    **dict.fromkeys(("0.5", "1", "1-WM", "1.0", "1.5", "1.7"), OUTPATIENT),
}


def interval_of(level_code: str) -> Threshold:
    """The number of days for a level of care of either edition (levels.LEVELS), co-occurring or not.

    An unknown code, from an old import, is reviewed too often rather than too seldom.
    """
    return _BY_LEVEL.get(level_code.removesuffix(CO_OCCURRING), HIGH_INTENSITY)


def of(clinic: Clinic) -> dict[str, int]:
    """The clinic's days by threshold key, in one query."""
    return values_for(clinic, {SHOWN_BEFORE, *_BY_LEVEL.values()})

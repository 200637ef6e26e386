"""The numbers in the placement rules: defaults, for a clinic's medical director to change."""

from __future__ import annotations

from staff.models import Clinic
from staff.thresholds import Threshold, values_for

RULES_VERSION = "2026.2"

_OWN = "Product default; the medical director decides."

CIWA_SEVERE = Threshold("placement.ciwa_severe", 19, "points", "CIWA-Ar score that requires 24-hour medical care", _OWN)
CIWA_MODERATE = Threshold(
    "placement.ciwa_moderate", 10, "points", "CIWA-Ar score that requires a medical evaluation", _OWN
)
ALCOHOL_HOURS = Threshold("placement.alcohol_hours", 72, "hours", "Watch for withdrawal after daily drinking for", _OWN)
COWS_MILD = Threshold("placement.cows_mild", 5, "points", "COWS score that requires a medical evaluation", _OWN)
COWS_SEVERE = Threshold("placement.cows_severe", 25, "points", "COWS score that requires 24-hour medical care", _OWN)
SCORE_DAYS = Threshold("placement.score_days", 7, "days", "How recent use must be to need a withdrawal score", _OWN)
OVERDOSE_DAYS = Threshold(
    "placement.overdose_days", 30, "days", "How recent an overdose calls for intensive care", _OWN
)
LAPSE_USE_DAYS = Threshold("placement.lapse_use_days", 3, "days", "Lapse: maximum days of use", _OWN)
LAPSE_WINDOW = Threshold("placement.lapse_window", 14, "days", "Lapse: within how many days", _OWN)
LONG_USE_DAYS = Threshold(
    "placement.long_use_days", 90, "days", "Length of use, on most days, that calls for residential care", _OWN
)
PHQ9_SEVERE = Threshold("placement.phq9_severe", 20, "points", "PHQ-9 score that requires co-occurring care", _OWN)
EARLY_RETURN_DAYS = Threshold(
    "placement.early_return_days", 90, "days", "How soon a return to use calls for a step up", _OWN
)
WITHDRAWAL_SCORE_HOURS = Threshold(
    "placement.withdrawal_score_hours", 24, "hours", "CIWA-Ar and COWS results are valid for", _OWN, lowest=1
)
CSSRS_DAYS = Threshold("placement.cssrs_days", 30, "days", "C-SSRS screener results are valid for", _OWN, lowest=1)
PHQ9_DAYS = Threshold("placement.phq9_days", 14, "days", "PHQ-9 results are valid for", _OWN, lowest=1)
EVALUATION_HOURS = Threshold(
    "placement.evaluation_hours", 24, "hours", "A required medical evaluation is due within", _OWN, lowest=1
)
NEED_DAYS = Threshold(
    "placement.medical_need_days", 90, "days", "An unaddressed medical need stays open for", _OWN, lowest=1
)

ALL = (
    CIWA_SEVERE,
    CIWA_MODERATE,
    ALCOHOL_HOURS,
    COWS_MILD,
    COWS_SEVERE,
    SCORE_DAYS,
    OVERDOSE_DAYS,
    LAPSE_USE_DAYS,
    LAPSE_WINDOW,
    LONG_USE_DAYS,
    PHQ9_SEVERE,
    EARLY_RETURN_DAYS,
    # How long what was measured counts: no rule reads these, but they are kept with the decision.
    WITHDRAWAL_SCORE_HOURS,
    CSSRS_DAYS,
    PHQ9_DAYS,
)
DEFAULTS = {threshold.key: threshold.default for threshold in ALL}


def of(clinic: Clinic) -> dict[str, int]:
    """The clinic's values by key, in one query."""
    return values_for(clinic, ALL)

"""The numbers in the placement rules: defaults, for a clinic's medical director to change."""

from __future__ import annotations

from staff.models import Clinic
from staff.thresholds import Threshold, values_for

RULES_VERSION = "2026.2"

_OWN = "Default of this product, for the medical director to decide."

CIWA_SEVERE = Threshold(
    "placement.ciwa_severe", 19, "points", "CIWA-Ar from which 24-hour medical care is the floor", _OWN
)
CIWA_MODERATE = Threshold("placement.ciwa_moderate", 10, "points", "CIWA-Ar from which a medical evaluation is", _OWN)
ALCOHOL_HOURS = Threshold("placement.alcohol_hours", 72, "hours", "After daily drinking, how long to watch", _OWN)
COWS_MILD = Threshold("placement.cows_mild", 5, "points", "COWS from which a medical evaluation is the floor", _OWN)
COWS_SEVERE = Threshold(
    "placement.cows_severe", 25, "points", "COWS from which 24-hour medical care is the floor", _OWN
)
SCORE_DAYS = Threshold("placement.score_days", 7, "days", "Use this recent needs a withdrawal score", _OWN)
OVERDOSE_DAYS = Threshold(
    "placement.overdose_days", 30, "days", "An overdose this recent asks for intensive care", _OWN
)
LAPSE_USE_DAYS = Threshold("placement.lapse_use_days", 3, "days", "At most so many days of use are a slip", _OWN)
LAPSE_WINDOW = Threshold("placement.lapse_window", 14, "days", "… within this many days", _OWN)
LONG_USE_DAYS = Threshold(
    "placement.long_use_days", 90, "days", "Use over so long, on most days, asks for residence", _OWN
)
PHQ9_SEVERE = Threshold("placement.phq9_severe", 20, "points", "PHQ-9 from which co-occurring care is the floor", _OWN)
EARLY_RETURN_DAYS = Threshold("placement.early_return_days", 90, "days", "A return this soon asks for a step up", _OWN)
WITHDRAWAL_SCORE_HOURS = Threshold(
    "placement.withdrawal_score_hours", 24, "hours", "A measured CIWA-Ar or COWS counts for", _OWN, lowest=1
)
CSSRS_DAYS = Threshold("placement.cssrs_days", 30, "days", "A C-SSRS screener counts for", _OWN, lowest=1)
PHQ9_DAYS = Threshold("placement.phq9_days", 14, "days", "A measured PHQ-9 counts for", _OWN, lowest=1)
EVALUATION_HOURS = Threshold(
    "placement.evaluation_hours", 24, "hours", "A medical evaluation that was decided is due within", _OWN, lowest=1
)
NEED_DAYS = Threshold(
    "placement.medical_need_days", 90, "days", "A medical need nobody has looked into stands for", _OWN, lowest=1
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

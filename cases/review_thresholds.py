"""How often a level of care is justified again, by setting: data that a clinic changes to what its payers ask for."""

from __future__ import annotations

from staff.models import Clinic
from staff.models.clinic import Setting
from staff.thresholds import Threshold, values_for

_OWN = "Default of this product. Payers and states ask for different dates; the clinic's contracts decide."

SHOWN_BEFORE = Threshold(
    "review.shown_before", 3, "days", "Show a review on Today this long before it is due", _OWN, lowest=0, highest=30
)
INTERVALS = {
    Setting.OUTPATIENT: Threshold(
        "review.outpatient", 90, "days", "Review outpatient care again after", _OWN, lowest=1, highest=366
    ),
    Setting.INTENSIVE: Threshold(
        "review.intensive", 30, "days", "Review intensive or day care again after", _OWN, lowest=1, highest=366
    ),
    Setting.RESIDENTIAL: Threshold(
        "review.residential", 14, "days", "Review residential care again after", _OWN, lowest=1, highest=366
    ),
    Setting.HOSPITAL: Threshold(
        "review.hospital", 3, "days", "Review hospital care again after", _OWN, lowest=1, highest=366
    ),
}


def of(clinic: Clinic) -> dict[str, int]:
    """The clinic's days by threshold key, in one query."""
    return values_for(clinic, [SHOWN_BEFORE, *INTERVALS.values()])

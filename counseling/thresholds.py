"""Numbers in counseling that a clinic may change."""

from staff.thresholds import Threshold

LATE_ENTRY_HOURS = Threshold(
    "counseling.late_entry",
    24,
    unit="hours",
    label="A note signed later than this after the session is a late entry",
    source="Common payer and accreditation practice; the clinic's policy decides.",
    lowest=1,
    highest=720,
)
UNSIGNED_REMINDER_HOURS = Threshold(
    "counseling.unsigned_reminder",
    20,
    unit="hours",
    label="Remind the author of an unsigned note this long after the session",
    lowest=1,
    highest=720,
)
WITHOUT_NOTE_DAYS = Threshold(
    "counseling.objective_without_note",
    30,
    unit="days",
    label="Ask about an objective that no signed note has worked on for",
    lowest=3,
    highest=366,
)
RISK_SLIP_MINUTES = Threshold(
    "counseling.risk_slip",
    10,
    unit="minutes",
    label="A high risk in a draft counts as a slip if it is taken back within",
    lowest=1,
    highest=60,
)
TABLET_IDLE_MINUTES = Threshold(
    "counseling.tablet_idle",
    10,
    unit="minutes",
    label="A tablet handed over closes when nothing was answered for",
    lowest=5,
    highest=60,
)
TABLET_LONGEST_MINUTES = Threshold(
    "counseling.tablet_longest",
    45,
    unit="minutes",
    label="A tablet handed over closes at the latest after",
    lowest=10,
    highest=240,
)
DISCHARGE_PLAN_DAYS = Threshold(
    "counseling.discharge_plan",
    30,
    unit="days",
    label="After somebody left without a discharge plan, ask for it for",
    lowest=1,
    highest=366,
)

_PLAN_OWN = "Default of this product. States, payers and accreditors name different times; the clinic's policy decides."


def _plan_due(key: str, default: int, unit: str, label: str) -> Threshold:
    return Threshold(
        f"plan.due_{key}", default, unit, f"A plan stands within, {label}", _PLAN_OWN, lowest=1, highest=366
    )


def _plan_review(key: str, default: int, label: str) -> Threshold:
    return Threshold(
        f"plan.review_{key}", default, "days", f"Review the plan every, {label}", _PLAN_OWN, lowest=1, highest=366
    )


PLAN_DUE_MEDICAL = _plan_due(
    "medical", 24, "hours", "medically managed around the clock (3.7, 4, withdrawal management)"
)
PLAN_DUE_HIGH_INTENSITY = _plan_due("high_intensity", 48, "hours", "residential care of high intensity (3.3, 3.5)")
PLAN_DUE_LOW_INTENSITY = _plan_due("low_intensity", 7, "days", "residences of low intensity (3.1)")
PLAN_DUE_OUTPATIENT = _plan_due("outpatient", 21, "days", "outpatient, intensive and day programs (0.5 to 2.7)")

PLAN_REVIEW_MEDICAL = _plan_review("medical", 3, "medically managed around the clock (3.7, 4, withdrawal management)")
PLAN_REVIEW_HIGH_INTENSITY = _plan_review("high_intensity", 7, "residential care of high intensity (3.3, 3.5)")
PLAN_REVIEW_DAY = _plan_review("day", 14, "day programs (2.5, 2.7)")
PLAN_REVIEW_LOW_INTENSITY = _plan_review(
    "low_intensity", 30, "intensive outpatient care and residences of low intensity (2.1, 3.1)"
)
PLAN_REVIEW_OUTPATIENT = _plan_review("outpatient", 90, "outpatient care (0.5, 1)")
INTEGRITY_SECONDS = Threshold(
    "counseling.integrity_seconds",
    30,
    unit="seconds",
    label="The nightly check of signed notes works for this long each minute until it is through",
    lowest=1,
    highest=50,
)

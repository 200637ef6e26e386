"""Numbers in counseling that a clinic can change."""

from staff.thresholds import Threshold

LATE_ENTRY_HOURS = Threshold(
    "counseling.late_entry",
    24,
    unit="hours",
    label="Notes signed later than this after the session are late entries",
    source="Common payer and accreditation practice. Follow your clinic’s policy.",
    lowest=1,
    highest=720,
)
UNSIGNED_REMINDER_HOURS = Threshold(
    "counseling.unsigned_reminder",
    20,
    unit="hours",
    label="Remind the author about an unsigned note this long after the session",
    lowest=1,
    highest=720,
)
COSIGN_REMINDER_HOURS = Threshold(
    "counseling.cosign_reminder",
    24,
    unit="hours",
    label="Remind the supervisor about a note to cosign this long after it was signed",
    source="Product default.",
    lowest=1,
    highest=720,
)
PLAN_NOTICE_DAYS = Threshold(
    "counseling.plan_notice_days",
    3,
    unit="days",
    label="Days before a treatment plan or its review is due that the counselor is told",
    source="Product default.",
    highest=30,
)
WITHOUT_NOTE_DAYS = Threshold(
    "counseling.objective_without_note",
    30,
    unit="days",
    label="Flag an objective with no signed note for",
    lowest=3,
    highest=366,
)
RISK_SLIP_MINUTES = Threshold(
    "counseling.risk_slip",
    10,
    unit="minutes",
    label="Treat a high-risk entry as a typing error if lowered within",
    lowest=1,
    highest=60,
)
TABLET_IDLE_MINUTES = Threshold(
    "counseling.tablet_idle",
    10,
    unit="minutes",
    label="Close a tablet session after no answer for",
    lowest=5,
    highest=60,
)
TABLET_LONGEST_MINUTES = Threshold(
    "counseling.tablet_longest",
    45,
    unit="minutes",
    label="Close a tablet session no later than",
    lowest=10,
    highest=240,
)
DISCHARGE_PLAN_DAYS = Threshold(
    "counseling.discharge_plan",
    30,
    unit="days",
    label="Keep asking for a missing discharge plan for",
    lowest=1,
    highest=366,
)

_PLAN_OWN = "Onward’s default. States, payers and accreditors differ. Follow your clinic’s policy."


def _plan_due(key: str, default: int, unit: str, label: str) -> Threshold:
    return Threshold(
        f"plan.due_{key}", default, unit, f"Treatment plan due within: {label}", _PLAN_OWN, lowest=1, highest=366
    )


def _plan_review(key: str, default: int, label: str) -> Threshold:
    return Threshold(
        f"plan.review_{key}", default, "days", f"Review the plan every: {label}", _PLAN_OWN, lowest=1, highest=366
    )


PLAN_DUE_MEDICAL = _plan_due("medical", 24, "hours", "24-hour medically managed care (3.7, 4, withdrawal management)")
PLAN_DUE_HIGH_INTENSITY = _plan_due("high_intensity", 48, "hours", "high-intensity residential care (3.3, 3.5)")
PLAN_DUE_LOW_INTENSITY = _plan_due("low_intensity", 7, "days", "low-intensity residential care (3.1)")
PLAN_DUE_OUTPATIENT = _plan_due(
    "outpatient", 21, "days", "outpatient, intensive outpatient and partial hospitalization (0.5 to 2.7)"
)

PLAN_REVIEW_MEDICAL = _plan_review("medical", 3, "24-hour medically managed care (3.7, 4, withdrawal management)")
PLAN_REVIEW_HIGH_INTENSITY = _plan_review("high_intensity", 7, "high-intensity residential care (3.3, 3.5)")
PLAN_REVIEW_DAY = _plan_review("day", 14, "partial hospitalization and high-intensity outpatient care (2.5, 2.7)")
PLAN_REVIEW_LOW_INTENSITY = _plan_review(
    "low_intensity", 30, "intensive outpatient and low-intensity residential care (2.1, 3.1)"
)
PLAN_REVIEW_OUTPATIENT = _plan_review("outpatient", 90, "outpatient care (0.5, 1)")
INTEGRITY_SECONDS = Threshold(
    "counseling.integrity_seconds",
    30,
    unit="seconds",
    label="Run the nightly check of signed notes for this long each minute until done",
    lowest=1,
    highest=50,
)

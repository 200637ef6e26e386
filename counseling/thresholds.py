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

"""Numbers of appointments that a clinic's medical director may change."""

from staff.thresholds import Threshold

LATE_CANCEL_HOURS = Threshold(
    "appointments.late_cancel_hours",
    24,
    unit="hours",
    label="A cancellation closer to the appointment than this is late",
    source="Product default; commonly 24 hours.",
    highest=168,
)
OPENING_STEP_MINUTES = Threshold(
    "appointments.opening_step",
    30,
    unit="minutes",
    label="Openings are offered every so many minutes",
    source="Product default.",
    lowest=5,
    highest=120,
)
NOTE_DUE_DAYS = Threshold(
    "appointments.note_due_days",
    1,
    unit="days",
    label="How long after a kept appointment Today asks for its note",
    source="Product default.",
    highest=30,
)
REMIND_DAYS_BEFORE = Threshold(
    "appointments.remind_days_before",
    1,
    unit="days",
    label="Remind clients so many days before an appointment (0: not)",
    source="Product default.",
    highest=14,
)
REMIND_HOURS_BEFORE = Threshold(
    "appointments.remind_hours_before",
    2,
    unit="hours",
    label="Remind clients so many hours before an appointment (0: not)",
    source="Product default.",
    highest=12,
)

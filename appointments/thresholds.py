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
UNMARKED_HOURS = Threshold(
    "appointments.unmarked_hours",
    1,
    unit="hours",
    label="How long after an appointment Today asks what happened",
    source="Product default.",
    highest=72,
)
REMIND_DAYS_BEFORE = Threshold(
    "appointments.remind_days_before",
    1,
    unit="days",
    label="Days before an appointment that clients are reminded (0: never)",
    source="Product default.",
    highest=14,
)
REMIND_HOURS_BEFORE = Threshold(
    "appointments.remind_hours_before",
    2,
    unit="hours",
    label="Hours before an appointment that clients are reminded again (0: never)",
    source="Product default.",
    highest=12,
)
MISSED_MESSAGE_HOURS = Threshold(
    "appointments.missed_message_hours",
    2,
    unit="hours",
    label="Hours after a missed appointment that clients are asked to call (0: never)",
    source="Product default.",
    highest=24,
)
NO_SHOW_SECOND_DAYS = Threshold(
    "appointments.no_show_second_days",
    2,
    unit="days",
    label="After a no-show: try another way after so many days",
    source="Product default. The call is made the same day.",
    highest=30,
)
NO_SHOW_REVIEW_DAYS = Threshold(
    "appointments.no_show_review_days",
    7,
    unit="days",
    label="After a no-show: the counselor reviews after so many days",
    source="Product default.",
    highest=60,
)
NO_SHOW_LETTER_DAYS = Threshold(
    "appointments.no_show_letter_days",
    14,
    unit="days",
    label="After a no-show: send a letter after so many days",
    source="Product default. No step ends treatment.",
    highest=90,
)
FIRST_CALL_HOURS = Threshold(
    "appointments.first_call_hours",
    72,
    unit="hours",
    label="First call after a discharge within",
    source="Product default; commonly 72 hours.",
    lowest=24,
    highest=336,
)
FIRST_CALL_HOURS_HIGH = Threshold(
    "appointments.first_call_hours_high",
    24,
    unit="hours",
    label="First call after a discharge from residential or hospital care within",
    source="Product default; commonly 24 hours.",
    lowest=24,
    highest=336,
)
WEEKLY_CALLS_WEEKS = Threshold(
    "appointments.weekly_calls_weeks",
    8,
    unit="weeks",
    label="After a discharge: call weekly for",
    source="Telephone continuing care.",
    lowest=1,
    highest=52,
)
TWICE_MONTHLY_MONTHS = Threshold(
    "appointments.twice_monthly_months",
    12,
    unit="months",
    label="After a discharge: then call twice a month through month",
    source="Telephone continuing care.",
    highest=24,
)
FOLLOW_UP_MONTHS = Threshold(
    "appointments.follow_up_months",
    24,
    unit="months",
    label="After a discharge: then call monthly through month",
    source="Product default.",
    lowest=1,
    highest=60,
)
CHECKUP_MONTHS = Threshold(
    "appointments.checkup_months",
    3,
    unit="months",
    label="After a discharge: a recovery checkup every",
    source="Recovery management checkups, quarterly.",
    lowest=1,
    highest=12,
)
CALL_EARLY_DAYS = Threshold(
    "appointments.call_early_days",
    3,
    unit="days",
    label="A call reaches so many days ahead: planned calls until then need no call of their own",
    source="Product default.",
    highest=14,
)
CALL_NOTICE_DAYS = Threshold(
    "appointments.call_notice_days",
    1,
    unit="days",
    label="After a discharge: days before a planned call that clients are told (0: never)",
    source="Product default.",
    highest=7,
)

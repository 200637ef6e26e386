"""Numbers of group work that a clinic's medical director may change."""

from staff.thresholds import Threshold

DEFAULT_CAPACITY = Threshold(
    "groups.capacity",
    12,
    unit="people",
    label="Default group capacity",
    source="Product default; commonly 8–12 in SAMHSA TIP 41.",
    lowest=2,
    highest=50,
)
DEFAULT_MINIMUM = Threshold(
    "groups.minimum", 2, unit="people", label="Default minimum group size", source="Product default.", lowest=1
)
MENTOR_RECOVERY_DAYS = Threshold(
    "groups.mentor_recovery_days",
    90,
    unit="days",
    label="Recovery days required to be a peer mentor",
    source="Product default.",
)
MENTOR_SESSIONS = Threshold(
    "groups.mentor_sessions",
    8,
    unit="sessions",
    label="Group sessions required to be a peer mentor",
    source="Product default.",
)
MENTOR_APPROVAL_DAYS = Threshold(
    "groups.mentor_approval_days",
    90,
    unit="days",
    label="How long a peer mentor’s approval lasts",
    source="Product default.",
    lowest=1,
    highest=730,
)
MENTOR_APPROVAL_NOTICE = Threshold(
    "groups.mentor_approval_notice",
    14,
    unit="days",
    label="How early an expiring approval shows on Today",
    source="Product default.",
)
MENTEES_PER_MENTOR = Threshold(
    "groups.mentees_per_mentor",
    3,
    unit="people",
    label="Most mentees per peer mentor",
    source="Product default.",
    lowest=1,
    highest=20,
)
LATE_ENTRY_HOURS = Threshold(
    "groups.late_entry_hours",
    24,
    unit="hours",
    label="A group note signed later than this is a late entry",
    source="Product default.",
    lowest=1,
)
REMIND_DAYS_BEFORE = Threshold(
    "groups.remind_days_before",
    1,
    unit="days",
    label="Days before a group session that members are reminded, once a week (0: never)",
    source="Product default.",
    highest=7,
)

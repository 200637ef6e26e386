"""Numbers of this app that a clinic may change."""

from staff.thresholds import Threshold

CRISIS_ANSWER_AGAIN = Threshold(
    "reminders.crisis_answer_again",
    10,
    unit="minutes",
    label="Time before 911 and 988 are sent again to someone who writes about danger",
    source="Product default",
    lowest=1,
    highest=120,
)
TASK_DAYS = Threshold(
    "reminders.task_days",
    1,
    unit="days",
    label="A task left to a person is due, and on supervisors’ Today, after so many business days",
    source="Product default",
    lowest=1,
    highest=10,
)
TASK_ADMINISTRATOR_DAYS = Threshold(
    "reminders.task_administrator_days",
    2,
    unit="days",
    label="A task that is still open is on the administrator’s Today after so many business days",
    source="Product default",
    lowest=1,
    highest=20,
)
TASK_URGENT_HOURS = Threshold(
    "reminders.task_urgent_hours",
    2,
    unit="hours",
    label="The same, if the client may be in danger or a message before an appointment may not have arrived",
    source="Product default; office hours, except in danger. Twice as long for the administrator.",
    lowest=1,
    highest=24,
)
BACKUP_HOURS = Threshold(
    "reminders.backup_hours",
    36,
    unit="hours",
    label="How old the last good backup may be before the privacy officer and the administrator are told",
    source="Product default: one night may fail, two may not; 45 CFR 164.308(a)(7)(ii)(A)",
    lowest=12,
    highest=168,
)

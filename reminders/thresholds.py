"""Numbers of this app that a clinic may change."""

from staff.thresholds import Threshold

CRISIS_ANSWER_AGAIN = Threshold(
    "reminders.crisis_answer_again",
    10,
    unit="minutes",
    label="How soon a person who writes of danger is sent 911 and 988 again",
    source="Product default",
    lowest=1,
    highest=120,
)

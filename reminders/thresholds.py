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

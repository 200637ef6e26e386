"""Numbers of this app that a clinic may change."""

from staff.thresholds import Threshold

EMERGENCY_MINUTES = Threshold(
    "privacy.emergency_minutes",
    60,
    unit="minutes",
    label="Length of emergency access to a chart",
    source="Product default; 42 CFR 2.51 limits the use to the emergency",
    lowest=10,
    highest=240,
)

"""Office hours: a call back or another staff task is due in office hours, not at 10:37 PM.

Tasks that are urgent by law or for safety keep their own deadlines; code that computes those does not use this module.
"""

from __future__ import annotations

import datetime

from staff.models import Clinic
from staff.thresholds import Threshold, values_for

OPENS = Threshold(
    "staff.office_opens", 8, unit="hours", label="Office opens (hour, 0–23)", source="Product default.",
    highest=12,
)  # fmt: skip
CLOSES = Threshold(
    "staff.office_closes", 17, unit="hours", label="Office closes (hour, 0–24)", source="Product default.",
    lowest=13, highest=23,
)  # fmt: skip
DAYS = Threshold(
    "staff.office_days", 5, unit="days", label="Days open each week (5 = Monday–Friday)",
    source="Product default.", lowest=1, highest=7,
)  # fmt: skip


def next_open(at: datetime.datetime, clinic: Clinic) -> datetime.datetime:
    """The moment itself if the office is open then, else when it opens next, on the clinic's clock, in UTC."""
    own = values_for(clinic, (OPENS, CLOSES, DAYS))
    local = at.astimezone(clinic.zone)
    opens, closes = datetime.time(own[OPENS.key]), datetime.time(own[CLOSES.key])
    day = local.date()
    if day.weekday() < own[DAYS.key] and opens <= local.time() < closes:
        return at
    if local.time() >= opens:
        day += datetime.timedelta(days=1)
    while day.weekday() >= own[DAYS.key]:
        day += datetime.timedelta(days=1)
    return datetime.datetime.combine(day, opens, tzinfo=clinic.zone).astimezone(datetime.UTC)

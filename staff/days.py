"""Days and moments in words, as American readers write them: “Nov 27, 2026”, “Nov 27, 2026, 3:40 PM”."""

from __future__ import annotations

import datetime
import zoneinfo


def day_in_words(day: datetime.date) -> str:
    """A calendar day, e.g. “Nov 27, 2026”."""
    return f"{day:%b} {day.day}, {day.year}"


def moment_in_words(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """A moment by the clocks of `zone`, e.g. “Nov 27, 2026, 3:40 PM”."""
    local = moment.astimezone(zone)
    return f"{day_in_words(local.date())}, {local:%I:%M %p}".replace(", 0", ", ")

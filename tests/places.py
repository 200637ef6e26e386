"""Where the people in tests live, and what their clocks say."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

NEW_YORK = ZoneInfo("America/New_York")  # where the clinics are, unless a test says otherwise

# Places whose clocks never change, by hours ahead of UTC: for tests that need a certain hour where somebody lives.
PLACES = {
    -11: "Pacific/Pago_Pago",
    -10: "Pacific/Honolulu",
    -9: "Pacific/Gambier",
    -8: "Pacific/Pitcairn",
    -7: "America/Phoenix",
    -6: "America/Costa_Rica",
    -5: "America/Panama",
    -4: "America/Puerto_Rico",
    -3: "America/Argentina/Buenos_Aires",
    -2: "America/Noronha",
    -1: "Atlantic/Cape_Verde",
    0: "Africa/Abidjan",
    1: "Africa/Lagos",
    2: "Africa/Johannesburg",
    3: "Africa/Nairobi",
    4: "Asia/Dubai",
    5: "Asia/Karachi",
    6: "Asia/Dhaka",
    7: "Asia/Bangkok",
    8: "Asia/Singapore",
    9: "Asia/Tokyo",
    10: "Australia/Brisbane",
    11: "Pacific/Guadalcanal",
    12: "Pacific/Majuro",
}


def where_it_is_noon() -> str:
    """A place where it is about noon: workers go by the real clock, and nobody is written to at night."""
    return PLACES[12 - timezone.now().hour]


def typed_moment(zone: ZoneInfo, *, hours_ago: int = 0) -> str:
    """So many hours ago, as somebody there types it into a form."""
    moment = timezone.localtime(timezone=zone) - datetime.timedelta(hours=hours_ago)
    return f"{moment:%Y-%m-%dT%H:%M}"

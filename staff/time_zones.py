"""The time zones for a clinic, a client or a meeting: places, whose clocks change when the place's clocks do.

Names such as EST are fixed offsets from Greenwich without daylight saving; each is read as the place that is meant.
"""

from __future__ import annotations

import functools
import zoneinfo

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q

AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_A_PLACE = rf"^({'|'.join(AREAS)})/[A-Za-z_/+-]+$"

# From east to west. Phoenix does not change its clocks, and Adak is an hour behind Anchorage.
UNITED_STATES = (
    "America/Puerto_Rico",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)

# Names without a place that people and feeds use, and a place of each zone.
MEANT = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "EST5EDT": "America/New_York",
    "US/Eastern": "America/New_York",
    "US/East-Indiana": "America/Indiana/Indianapolis",
    "US/Indiana-Starke": "America/Indiana/Knox",
    "US/Michigan": "America/Detroit",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "US/Central": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "MST7MDT": "America/Denver",
    "US/Mountain": "America/Denver",
    "US/Arizona": "America/Phoenix",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "US/Pacific": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "US/Alaska": "America/Anchorage",
    "US/Aleutian": "America/Adak",
    "HST": "Pacific/Honolulu",
    "US/Hawaii": "Pacific/Honolulu",
    "US/Samoa": "Pacific/Pago_Pago",
    # older names of places across the borders
    "Canada/Atlantic": "America/Halifax",
    "Canada/Central": "America/Winnipeg",
    "Canada/Eastern": "America/Toronto",
    "Canada/Mountain": "America/Edmonton",
    "Canada/Newfoundland": "America/St_Johns",
    "Canada/Pacific": "America/Vancouver",
    "Canada/Saskatchewan": "America/Regina",
    "Canada/Yukon": "America/Whitehorse",
    "Mexico/BajaNorte": "America/Tijuana",
    "Mexico/BajaSur": "America/Mazatlan",
    "Mexico/General": "America/Mexico_City",
}


@functools.cache
def places() -> frozenset[str]:
    """The names of all zones that are places."""
    return frozenset(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS)


@functools.cache
def listed() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The same as grouped choices: United States first, then each part of the world."""
    others = sorted(places().difference(UNITED_STATES))
    parts: list[tuple[str, tuple[str, ...]]] = [("United States", UNITED_STATES)]
    parts += [(area, tuple(name for name in others if name.startswith(f"{area}/"))) for area in AREAS]
    return tuple((part, tuple((name, name.replace("_", " ")) for name in names)) for part, names in parts)


def is_time_zone(value: str) -> None:
    """Refuse anything that is not a place with its own clock; suggest the place that is meant, if known."""
    if value in places():
        return
    if meant := MEANT.get(value):
        raise ValidationError(f"“{value}” doesn’t say when clocks change. Use a time zone name: {meant}.")
    raise ValidationError(
        "“%(value)s” is not a time zone. Use a name such as America/New_York.", params={"value": value}
    )


def meant_by(name: str) -> str:
    """The place that a time zone's name means, or an empty string."""
    name = name.strip()
    return name if name in places() else MEANT.get(name, "")


def known_time_zone(name: str, *, blank: bool = False) -> CheckConstraint:
    """A database constraint for a column `time_zone`: a place, or empty if allowed."""
    condition = Q(time_zone__regex=_A_PLACE)
    return CheckConstraint(condition=condition | Q(time_zone="") if blank else condition, name=name)

"""Made-up meetings around the demo clinic, as feeds in the Meeting Guide format: imported like any other."""

from __future__ import annotations

import random
from typing import Any

from referrals.fellowships import Fellowship

# Centers of real places, to make distances meaningful; the venues are made up.
PLACES = {
    "Albany": (42.6526, -73.7562, "12203"),
    "Troy": (42.7284, -73.6918, "12180"),
    "Schenectady": (42.8142, -73.9396, "12305"),
    "Saratoga Springs": (43.0831, -73.7846, "12866"),
    "Hudson": (42.2529, -73.7910, "12534"),
}
VENUES = [
    "Sample Hall",
    "Example Community Center",
    "Specimen Library Annex",
    "Placeholder Church Basement",
    "Demo House",
]
NAMES = [
    "Morning Light",
    "Noon Break",
    "Evening Quiet",
    "Second Wind",
    "Keep Coming",
    "Open Door",
    "First Snow",
    "Riverside",
]
AT_THEIR_HOUR = {"Morning Light": "07:00", "Noon Break": "12:15", "Evening Quiet": "19:30"}
TIMES = ["07:00", "09:30", "12:00", "12:15", "17:30", "18:30", "19:00", "19:30", "20:00", "23:30"]

# fellowship, number of weekly meetings, codes that it uses
FEEDS: list[tuple[Fellowship, int, list[str]]] = [
    (Fellowship.AA, 120, ["O", "C", "D", "BE", "W", "M", "X", "ST", "S"]),
    (Fellowship.NA, 70, ["O", "C", "BEG", "W", "M", "JFT", "STEP"]),
    (Fellowship.SMART, 16, []),
    (Fellowship.RECOVERY_DHARMA, 10, []),
    (Fellowship.LIFERING, 6, []),
    (Fellowship.WOMEN_FOR_SOBRIETY, 5, []),
    (Fellowship.CELEBRATE_RECOVERY, 8, []),
    (Fellowship.CA, 8, ["O", "C", "D"]),
    (Fellowship.MARA, 4, []),
    (Fellowship.AL_ANON, 18, []),
]


def feed_rows(fellowship: Fellowship, number: int, codes: list[str], chance: random.Random) -> list[dict[str, Any]]:
    """The rows of one feed. One meeting in six is online only, one in ten both."""
    rows = []
    for index in range(number):
        city = chance.choice(list(PLACES))
        latitude, longitude, postal_code = PLACES[city]
        start = chance.choice(TIMES)
        name = chance.choice(NAMES)
        start = AT_THEIR_HOUR.get(name, start)
        hour, minute = map(int, start.split(":"))
        row: dict[str, Any] = {
            "name": f"{name} {city if chance.random() < 0.4 else ''}".strip(),
            "slug": f"{fellowship.value}-{index}",
            "day": index % 7,
            "time": start,
            "end_time": f"{(hour + 1) % 24:02d}:{minute:02d}",
            "timezone": "America/New_York",
            "types": sorted(set(chance.sample(codes, k=min(2, len(codes))))),
            "notes": "Made up for the demo." if index % 9 else "Made up for the demo. No meeting on holidays.",
        }
        online = chance.random()
        if online < 0.27:
            row["conference_url"] = f"https://zoom.us/j/00000{index:05d}"
        if online >= 0.17:
            row |= {
                "location": chance.choice(VENUES),
                "formatted_address": f"{chance.randint(1, 300)} Sample Street, {city}, NY {postal_code}, USA",
                "latitude": round(latitude + chance.uniform(-0.04, 0.04), 6),
                "longitude": round(longitude + chance.uniform(-0.04, 0.04), 6),
            }
        rows.append(row)
    return rows

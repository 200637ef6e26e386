"""Where a meeting is: address, coordinates, time zone. All is looked up offline; no address leaves the machine."""

from __future__ import annotations

import functools
import re
import zoneinfo
from dataclasses import dataclass
from typing import Any

import tzfpy
import zipcodes

from staff import outside, time_zones

from . import cleaning
from .listing import LocatedBy

_PROVINCES = {
    "AB": "alberta", "BC": "british columbia", "MB": "manitoba", "NB": "new brunswick",
    "NL": "newfoundland and labrador", "NS": "nova scotia", "NT": "northwest territories", "NU": "nunavut",
    "ON": "ontario", "PE": "prince edward island", "QC": "quebec", "SK": "saskatchewan", "YT": "yukon",
}  # fmt: skip
_STATE_NAMES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI",
    "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip
_STATES = frozenset({*_STATE_NAMES.values(), "AS", "GU", "MP", "VI"})
_USA = {"us", "usa", "u.s.", "u.s.a.", "united states", "united states of america"}
_SPOKEN_ZONES = {  # beside those that staff.time_zones knows
    "eastern": "America/New_York", "et": "America/New_York", "central": "America/Chicago", "ct": "America/Chicago",
    "mountain": "America/Denver", "mt": "America/Denver", "pacific": "America/Los_Angeles",
    "pt": "America/Los_Angeles", "alaska": "America/Anchorage", "akdt": "America/Anchorage",
    "hawaii": "Pacific/Honolulu", "atlantic": "America/Halifax", "ast": "America/Halifax", "adt": "America/Halifax",
    "arizona": "America/Phoenix", "utc": "UTC", "etc/utc": "UTC", "gmt": "UTC",
}  # fmt: skip
_US_TAIL = re.compile(r"^\.?\s*([A-Za-z]{2})\b\.?\s*([0-9]{4,5})?(?:-[0-9]{4})?$")
_DASH = re.compile("\\s*[‐-―−﹘﹣－]\\s*")  # as word processors write the one in a ZIP+4
_ZIP_DASH = re.compile("([0-9]{4,5})\\s*[‐-―−﹘﹣－]\\s*([0-9]{4})(?![0-9])")
_CANADIAN_CODE = re.compile(r"\b([ABCEGHJ-NPRSTVXY]\d[A-Z])\s?(\d[A-Z]\d)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Spot:
    """Where a meeting is on the globe, how that is known, and the time zone there."""

    latitude: float | None
    longitude: float | None
    located_by: LocatedBy
    time_zone: str


@dataclass(frozen=True)
class Address:
    """An address in parts, and as one line that maps understand."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    line: str = ""

    @property
    def is_only_a_place(self) -> bool:
        """Fewer than three commas: a town or an area, not a street address (Meeting Guide convention)."""
        return self.line.count(",") < 3


@functools.cache
def _area(code: str) -> dict[str, Any] | None:
    rows = zipcodes.matching(code)
    return rows[0] if rows else None


def _zip_row(written: str) -> dict[str, Any] | None:
    """The area of a ZIP code, or None. The table gets five plain digits and nothing else, ever.

    It is compiled code that does not raise for other digits (`1234²`, `１２３４５`): it panics, and a panic is no
    Exception, passes every handler and ends the process.
    """
    code = written.strip()[:5]
    return _area(code) if re.fullmatch(r"[0-9]{5}", code) else None


def zip_point(code: str, state: str = "") -> tuple[float, float] | None:
    """The middle of a US ZIP area as (latitude, longitude); None for no such code, or one in another state."""
    row = _zip_row(code)
    if not row or (state and row["state"] != state):
        return None
    return float(row["lat"]), float(row["long"])


def zip_town(code: str) -> tuple[str, str]:
    """The town and state of a US ZIP area, as the post office calls it; empty for no such code."""
    row = _zip_row(code)
    return (str(row["city"]), str(row["state"])) if row else ("", "")


def zip_zone(code: str, state: str = "") -> str:
    """The time zone of a US ZIP area, or nothing."""
    row = _zip_row(code)
    return is_zone(row["timezone"]) if row and (not state or row["state"] == state) else ""


@functools.lru_cache(maxsize=1000)
def town_zone(town: str, state: str) -> str:
    """The time zone of a US town without its ZIP code: that of its ZIP areas, or of its state; nothing if they differ.

    Both by name, as somebody typed them. The table is asked for one of the known states only (see `_zip_row`).
    """
    code = _state(state)
    if code not in _STATES:
        return ""
    areas = zipcodes.filter_by_state(code)
    sought = town.strip().casefold()
    there = [
        each for each in areas if sought in {name.casefold() for name in (each["city"], *each["acceptable_cities"])}
    ]
    zones = {str(each["timezone"]) for each in there or areas}
    return is_zone(zones.pop()) if len(zones) == 1 else ""


@functools.cache
def _zones() -> tuple[frozenset[str], dict[str, str]]:
    fixed = ("Etc/", "posix/", "right/", "SystemV/")  # distances from Greenwich that know no summer, and doubles
    names = frozenset(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(fixed))
    cities: dict[str, list[str]] = {}
    for name in names:
        if not name.startswith("US/"):
            cities.setdefault(name.rsplit("/", 1)[1].casefold(), []).append(name)
    return names, {city: found[0] for city, found in cities.items() if len(found) == 1}


def is_zone(name: Any) -> str:
    """The IANA zone meant: an exact name, a part unique to one zone, or a common name ("Eastern"); or empty."""
    word = str(name or "").strip()
    if not word:
        return ""
    names, cities = _zones()
    if meant := time_zones.meant_by(word) or time_zones.meant_by(word.upper()):
        return meant
    if word in names:
        return word
    folded = word.casefold().replace(" ", "_")
    if spoken := _SPOKEN_ZONES.get(re.sub(r"_?(standard|daylight|time)\b", "", folded).strip("_")):
        return spoken
    return cities.get(folded.rsplit("/", 1)[-1], "")


def zone_at(latitude: float | None, longitude: float | None) -> str:
    """The time zone at a point, or nothing."""
    if latitude is None or longitude is None:
        return ""
    return is_zone(tzfpy.get_tz(longitude, latitude))


def coordinates(latitude: Any, longitude: Any, pair: Any = None) -> tuple[float, float] | None:
    """A usable point, to the decimeter. None for half a pair, a zero for a missing value, or a point off the globe."""
    if pair and latitude in (None, "") and longitude in (None, ""):
        latitude, _, longitude = str(pair).partition(",")
    north, east = outside.measure(latitude), outside.measure(longitude)
    if north is None or east is None:
        return None
    point = round(north, 6), round(east, 6)
    return None if 0.0 in point or not (abs(point[0]) <= 90 and abs(point[1]) <= 180) else point


def country_name(value: str, state: str = "") -> str:
    """USA for all its spellings; if missing, derived from a US or Canadian state."""
    if value:
        return "USA" if value.casefold() in _USA else value
    if state.upper() in _STATES:
        return "USA"
    if state.upper() in _PROVINCES or state.casefold() in _PROVINCES.values():
        return "Canada"
    return ""


def _state(value: str) -> str:
    bare = value.strip(" .,")
    if bare.upper() in _STATES or bare.upper() in _PROVINCES:
        return bare.upper()
    return _STATE_NAMES.get(bare.casefold(), bare)


def _postal(value: str, country: str) -> str:
    code = _DASH.sub("-", value.strip())
    if country == "USA" and re.fullmatch(r"[0-9]{3,5}", code):
        return code.zfill(5)  # spreadsheets eat New England's leading zero
    return code


@functools.lru_cache(maxsize=20_000)
def from_parts(*, street: str, city: str, state: str, postal_code: str, country: str) -> Address:
    """An address from its fields."""
    street = street.split("@")[0].strip(" ,")
    state = _state(state)
    country = country_name(country, state)
    postal_code = _postal(postal_code, country)
    line = ", ".join(part for part in (street, city, f"{state} {postal_code}".strip(), country) if part)
    return Address(street[:200], city[:120], state[:80], postal_code[:16], country[:80], line[:400])


def from_line(line: str) -> Address:
    """An address from one line, parsed from its end: country, state and code, city; the rest is the street."""
    line = _ZIP_DASH.sub(r"\1-\2", line)
    parts = [
        part for each in line.split(",") if (part := each.split("@")[0].strip())
    ]  # "1 Main St @ Elm": the first part
    if not parts:
        return Address()
    left = list(parts)
    country = state = postal_code = city = ""
    if left[-1].casefold() in _USA or left[-1].casefold() == "canada":
        country = country_name(left.pop())
    if left and (code := _CANADIAN_CODE.search(left[-1])):
        postal_code = f"{code[1]} {code[2]}".upper()
        remainder = _CANADIAN_CODE.sub("", left.pop()).strip()
        if remainder:
            left.append(remainder)
    if (
        left
        and (tail := _US_TAIL.match(left[-1]))
        and (country == "USA" or tail[1].upper() in _STATES or tail[1].upper() in _PROVINCES)
    ):
        state, postal_code = tail[1].upper(), postal_code or tail[2] or ""
        left.pop()
    elif left and (country or len(left) > 2) and country_name("", _state(left[-1])):
        state = _state(left.pop())
    country = country or country_name("", state)
    if left and (state or country):
        city = left.pop()
    postal_code = _postal(postal_code, country)
    whole = ", ".join(parts)
    if country == "USA" and parts[-1].casefold() in _USA:
        whole = ", ".join([*parts[:-1], "USA"])
    return Address(", ".join(left)[:200], city[:120], state[:80], postal_code[:16], country[:80], whole[:400])


def read_address(row: dict[str, Any]) -> Address:
    """The address of a Meeting Guide row, from its fields or from a single-line field."""
    said = row.get
    return _read_address(
        cleaning.text(said("formatted_address")),
        cleaning.text(said("address")),
        cleaning.text(said("city")),
        cleaning.text(said("state")),
        cleaning.text(said("postal_code")),
        cleaning.text(said("country")),
    )


@functools.lru_cache(maxsize=20_000)
def _read_address(line: str, street: str, city: str, state: str, postal_code: str, country: str) -> Address:
    if not line and street and not (city or state or postal_code):
        line = street
    if line:
        return from_line(line)
    return from_parts(street=street, city=city, state=state, postal_code=postal_code, country=country)


def locate(address: Address, latitude: Any, longitude: Any, pair: Any, stated_zone: Any, default_zone: str) -> Spot:
    """Coordinates as given, else the ZIP area's middle; the zone as stated, else of the point, the ZIP, the feed."""
    point = coordinates(latitude, longitude, pair)
    zone = str(stated_zone or "")[:80] if not isinstance(stated_zone, (list, dict)) else ""
    return _locate(address.postal_code, address.state, address.country, point, zone, default_zone)


@functools.lru_cache(maxsize=20_000)
def _locate(
    postal_code: str,
    state: str,
    country: str,
    point: tuple[float, float] | None,
    stated_zone: str,
    default_zone: str,
) -> Spot:
    located_by = LocatedBy.SOURCE
    in_usa = bool(postal_code) and country in ("USA", "")
    if point is None and in_usa:
        point, located_by = zip_point(postal_code, state), LocatedBy.ZIP
    zone = is_zone(stated_zone)
    if not zone and point:
        zone = zone_at(*point)
    if not zone and in_usa:
        zone = zip_zone(postal_code, state)
    if point is None:
        return Spot(None, None, LocatedBy.NOTHING, zone or default_zone)
    return Spot(point[0], point[1], located_by, zone or default_zone)

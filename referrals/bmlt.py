"""Reads BMLT root servers' responses (Narcotics Anonymous): GetSearchResults in JSON, or the Admin API's meetings.

Format keys and ids are local to each server, so they are read only through the server's own list of formats; without
one, the keys of an unmodified installation are assumed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from staff import outside

from . import cleaning, locations
from .fellowships import Fellowship, codes, languages, only_languages
from .listing import DEFAULT_DURATION, Attendance, ListedMeeting, ParsedFeed
from .meeting_guide import attendance
from .payloads import Broken, Payload, Row, Source
from .reading import read_whole

# Key → world id as a BMLT server is installed, for feeds that come without their list of formats.
_STOCK_KEYS = {
    "B": "BEG", "BT": "BT", "C": "CLOSED", "CH": "CH", "CL": "CAN", "D": "DISC", "GL": "GL", "IP": "IP", "IW": "IW",
    "JT": "JFT", "M": "M", "NC": "NC", "O": "OPEN", "RF": "VAR", "SD": "SPK", "SG": "SWG", "So": "SPK", "St": "STEP",
    "To": "TOP", "Tr": "TRAD", "TW": "TRAD", "W": "W", "WC": "WCHR", "YP": "Y", "BK": "LIT", "NS": "NS", "AB": "QA",
    "ME": "MED", "RA": "RA", "QA": "QA", "CW": "CW", "CP": "CPT", "LC": "LC", "VM": "VM", "TC": "TC", "HY": "HYBR",
    "SPAD": "SPAD", "ES": "LANG:S", "SL": "LANG:ASL",
}  # fmt: skip
_TO_OURS = {"CLOSED": "C", "OPEN": "O", "WCHR": "X"}
_DROPPED = {"LANG", "HYBR", "VM", ""}
_SPANISH = frozenset({"es", "esp", "spa", "span", "spanish", "español", "espanol"})
_WORLD_IDS = frozenset({*codes(Fellowship.NA), *_TO_OURS, "VM", "HYBR", "TC"})
_ADMIN_API = {
    "id": "id_bigint", "day": "weekday_tinyint", "startTime": "start_time", "duration": "duration_time",
    "timeZone": "time_zone", "venueType": "venue_type", "name": "meeting_name", "formatIds": "format_shared_id_list",
    "serviceBodyId": "service_body_bigint",
}  # fmt: skip
_SIGN = re.compile(r"\bASL\b|\bsign language\b|\bgebärdensprache\b", re.IGNORECASE)
_PREFIX = re.compile(r"^.*?#@-@#\s*", re.DOTALL)


def is_heading(cells: list[str]) -> bool:
    """Whether a table's heading is that of a BMLT server's CSV."""
    return {"id_bigint", "meeting_name", "weekday_tinyint", "start_time"} <= set(cells)


class Reader:
    """Reads rows of one feed."""

    no_rows = "The source lists no meetings. An aggregator needs a filter, such as a region."

    def __init__(
        self,
        *,
        formats: Any = None,
        fellowship: str = Fellowship.NA,
        default_time_zone: str = "",
        default_duration: int = DEFAULT_DURATION,
    ) -> None:
        self.formats = formats
        self.fellowship, self.default_time_zone = fellowship, default_time_zone
        self.default_duration = default_duration
        self.by_id: dict[str, str] = {}
        self.by_key: dict[str, str] = _STOCK_KEYS

    def rows(self, source: Source) -> Iterator[Row]:
        """The source's rows, once its list of formats is read: servers write it behind the meetings."""
        first = source.begins_with()
        if first == "{":
            said = source.member("formats")
            self.formats = said if isinstance(said, list) else self.formats
        entries = [each for each in self.formats or () if isinstance(each, dict)]
        if self.formats:
            self.by_id = {str(each["id"]): _world_id(each) for each in entries if each.get("id")}
            self.by_key = {_key(each): _world_id(each) for each in entries}
        if first not in "[{":
            return source.table(is_heading)
        return source.rows(under="meetings")

    def context(self) -> str:
        """What decides, beside a row itself, how it is read."""
        formats = sorted(self.by_id.items()), sorted(self.by_key.items())
        return f"bmlt {self.fellowship} {self.default_time_zone} {self.default_duration} {formats}"

    def meetings(self, index: int, raw: Any, into: ParsedFeed) -> list[ListedMeeting]:
        """What one row lists. Nothing, with the reason in the report, if it is no meeting."""
        if isinstance(raw, Broken):
            into.reject(index, "", raw.sentence)
            return []
        if not isinstance(raw, dict):
            into.reject(index, "", "This row isn’t a meeting. It has no fields.", is_meant=not raw)
            return []
        row = _from_admin_api(raw) if "startTime" in raw else raw
        name = cleaning.text(row.get("meeting_name"), longest=255)
        if "published" in row and str(row["published"]).casefold() not in ("1", "true"):
            into.reject(index, name, "The source hasn’t published this meeting.", is_meant=True)
            return []
        if problem := _problem(row, name):
            into.reject(index, name, problem, external_id=_external_id(row))
            return []
        try:
            meeting = _meeting(
                row, name, self.by_id, self.by_key, self.fellowship, self.default_time_zone, self.default_duration
            )
        except ValueError as error:
            said = f"“{outside.quoted(str(error))}” isn’t a time of day."
            into.reject(index, name, said, external_id=_external_id(row))
            return []
        if done := cleaning.conference_link(row.get("virtual_meeting_link"))[1]:
            into.remark(index, name, done)
        return [meeting]

    def finish(self, into: ParsedFeed) -> None:
        """Report what was seen over all rows."""
        if not self.formats:
            into.remark(-1, "", "The feed has no list of formats. A BMLT server’s default formats were used.")


def parse(
    payload: Payload,
    *,
    formats: list[dict[str, Any]] | None = None,
    fellowship: str = Fellowship.NA,
    default_time_zone: str = "",
    default_duration: int = DEFAULT_DURATION,
) -> ParsedFeed:
    """Read a whole feed. `formats`: the server's GetFormats, if the payload lacks it; `default_duration`: minutes."""
    reader = Reader(
        formats=formats,
        fellowship=fellowship,
        default_time_zone=default_time_zone,
        default_duration=default_duration,
    )
    return read_whole(Source(payload), reader)


def _from_admin_api(raw: dict[str, Any]) -> dict[str, Any]:
    """The Admin API's row under the search results' names; its days already count from 0, and it lists format ids."""
    row = {_ADMIN_API.get(key, key): value for key, value in raw.items()}
    day = row.get("weekday_tinyint")
    row["weekday_tinyint"] = day + 1 if isinstance(day, int) and not isinstance(day, bool) else day
    ids = raw.get("formatIds")
    row["format_shared_id_list"] = ",".join(str(each) for each in ids) if isinstance(ids, list) else ""
    return row


def _external_id(row: dict[str, Any]) -> str:
    """The server's own id, under the server's URL if an aggregator returns several; empty if there is none."""
    root, number = (cleaning.text(row.get(key), longest=255) for key in ("root_server_uri", "id_bigint"))
    return f"{root}#{number}"[:255] if root and number else number


def _problem(row: dict[str, Any], name: str) -> str:
    if not name:
        return "The meeting has no name."
    if not cleaning.text(row.get("id_bigint")):
        return "The meeting has no id."
    if str(row.get("weekday_tinyint") or "").strip() not in {"1", "2", "3", "4", "5", "6", "7"}:
        return f"“{outside.quoted(row.get('weekday_tinyint'))}” isn’t a day of the week (1 is Sunday, 7 is Saturday)."
    return ""


def _translations(entry: dict[str, Any]) -> list[dict[str, Any]]:
    found = entry.get("translations")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _key(entry: dict[str, Any]) -> str:
    first = next(iter(_translations(entry)), {})
    return str(entry.get("key_string") or first.get("key") or "")


def _world_id(entry: dict[str, Any]) -> str:
    """What a format is to all servers; for languages, `LANG:` and the vocabulary's codes of them.

    A server has one world id for all languages, often none for sign language, and none for a format that it made
    itself: its kind or its name says which. A format of two languages is both.
    """
    said = str(entry.get("world_id") or entry.get("worldId") or "").strip().upper()
    if said in _WORLD_IDS:
        return said
    translations = _translations(entry)
    names = [cleaning.text(each) for each in (entry.get("name_string"), *(each.get("name") for each in translations))]
    about = [
        cleaning.text(each)
        for each in (entry.get("description_string"), *(each.get("description") for each in translations))
    ]
    if "LANG" in (said, str(entry.get("format_type_enum") or "").strip().upper()):
        keys = [cleaning.text(each) for each in (_key(entry), *(each.get("key") for each in translations))]
        return f"LANG:{','.join(languages(*names, *keys, *about))}"
    if any(_SIGN.search(each) for each in (*names, *about)):
        return "LANG:ASL"
    found = next((found for each in names if (found := only_languages(each))), ())
    return f"LANG:{','.join(found)}" if found else said


def _world_ids(row: dict[str, Any], by_id: dict[str, str], by_key: dict[str, str]) -> set[str]:
    ids = [each.strip() for each in str(row.get("format_shared_id_list") or "").split(",") if each.strip()]
    if ids and by_id:
        return {by_id[each] for each in ids if each in by_id}
    keys = [each.strip() for each in str(row.get("formats") or "").split(",") if each.strip()]
    if by_key is _STOCK_KEYS:  # servers that made their own write it in their own way
        keys = ["ES" if each.casefold() in _SPANISH else each for each in keys]
    return {by_key[each] for each in keys if each in by_key}


def _attendance(row: dict[str, Any], world_ids: set[str], address_is_only_a_place: bool) -> Attendance:
    closed, venue = "TC" in world_ids, str(row.get("venue_type") or "").strip()
    if venue == "2" or (not venue and "VM" in world_ids and "HYBR" not in world_ids):
        return Attendance.ONLINE
    if venue == "3" or (not venue and "HYBR" in world_ids):
        return Attendance.ONLINE if closed else Attendance.HYBRID
    if venue == "1":
        return Attendance.INACTIVE if closed else Attendance.IN_PERSON
    online = bool(cleaning.conference_link(row.get("virtual_meeting_link"))[0])
    return attendance(closed=closed, online=online, approximate=online and address_is_only_a_place)


def _start(row: dict[str, Any]) -> tuple[datetime.time, int]:
    try:
        start = cleaning.clock(row.get("start_time"))
    except ValueError:
        start = None
    if start is None:
        raise ValueError(row.get("start_time") or "nothing")
    return start


def _duration(value: Any, default: int) -> int:
    """Minutes of "01:30:00". Empty and 00:00:00 mean the server's default; a whole day (24:00:00) is allowed."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?", str(value or "").strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else 0
    return minutes if 0 < minutes <= 24 * 60 else default


def _meeting(
    row: dict[str, Any],
    name: str,
    by_id: dict[str, str],
    by_key: dict[str, str],
    fellowship: str,
    default_time_zone: str,
    default_duration: int,
) -> ListedMeeting:
    def said(key: str, longest: int = 255) -> str:
        return cleaning.text(_PREFIX.sub("", str(row.get(key) or "")), longest=longest)

    start, next_day = _start(row)
    world_ids = _world_ids(row, by_id, by_key)
    address = locations.from_parts(
        street=said("location_street"),
        city=said("location_municipality") or said("location_city_subsection"),
        state=said("location_province"),
        postal_code=said("location_postal_code_1"),
        country=said("location_nation"),
    )
    spot = locations.locate(
        address, row.get("latitude"), row.get("longitude"), None, row.get("time_zone"), default_time_zone
    )
    url = cleaning.conference_link(row.get("virtual_meeting_link"))[0]
    phone = cleaning.dial_string(row.get("phone_meeting_number"))
    types = {
        _TO_OURS.get(code, code) for each in world_ids - _DROPPED for code in each.removeprefix("LANG:").split(",")
    }
    if {"O", "C"} <= types:
        types.remove("O")
    travel = [
        f"{label}: {line}" for label, key in (("Bus", "bus_lines"), ("Train", "train_lines")) if (line := said(key))
    ]
    return ListedMeeting(
        external_id=_external_id(row),
        name=name,
        weekday=(int(row["weekday_tinyint"]) - 1 + next_day) % 7,
        start=start,
        duration=_duration(row.get("duration_time"), default_duration),
        time_zone=spot.time_zone,
        types=tuple(sorted(each for each in types if each in codes(fellowship))),
        attendance=_attendance(row, world_ids, address.is_only_a_place).value,
        venue=said("location_text"),
        address=address.line,
        street=address.street,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        region=" · ".join(dict.fromkeys(filter(None, (said("location_sub_province"), said("location_neighborhood")))))[
            :200
        ],
        latitude=spot.latitude,
        longitude=spot.longitude,
        located_by=spot.located_by.value,
        conference_url=url,
        conference_url_notes=said("virtual_meeting_additional_info", 2000),
        conference_provider_known=not url or cleaning.is_known_provider(url),
        conference_phone=phone,
        conference_phone_notes="" if phone == said("phone_meeting_number") else said("phone_meeting_number", 2000),
        notes="\n".join(filter(None, [said("comments", 8000), *travel])),
        location_notes=said("location_info", 8000),
        entity=said("service_body_name"),
        source_updated=None,
    )

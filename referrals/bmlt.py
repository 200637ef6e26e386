"""Reads BMLT root servers' responses (Narcotics Anonymous): GetSearchResults in JSON, or the Admin API's meetings.

Format keys and ids are local to each server, so they are read only through the server's own list of formats; without
one, the keys of an unmodified installation are assumed.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from staff import outside

from . import cleaning, locations
from .fellowships import Fellowship, codes
from .listing import DEFAULT_DURATION, Attendance, ListedMeeting, ParsedFeed, SourceError
from .meeting_guide import as_text, attendance, parsed_json

# Key → world id as a BMLT server is installed, for feeds that come without their list of formats.
_STOCK_KEYS = {
    "B": "BEG", "BT": "BT", "C": "CLOSED", "CH": "CH", "CL": "CAN", "D": "DISC", "GL": "GL", "IP": "IP", "IW": "IW",
    "JT": "JFT", "M": "M", "NC": "NC", "O": "OPEN", "RF": "VAR", "SD": "SPK", "SG": "SWG", "So": "SPK", "St": "STEP",
    "To": "TOP", "Tr": "TRAD", "TW": "TRAD", "W": "W", "WC": "WCHR", "YP": "Y", "BK": "LIT", "NS": "NS", "AB": "QA",
    "ME": "MED", "RA": "RA", "QA": "QA", "CW": "CW", "CP": "CPT", "LC": "LC", "VM": "VM", "TC": "TC", "HY": "HYBR",
    "SPAD": "SPAD", "ES": "LANG",
}  # fmt: skip
_TO_OURS = {"CLOSED": "C", "OPEN": "O", "WCHR": "X"}
_DROPPED = {"LANG", "HYBR", "VM", ""}
_ADMIN_API = {
    "id": "id_bigint", "day": "weekday_tinyint", "startTime": "start_time", "duration": "duration_time",
    "timeZone": "time_zone", "venueType": "venue_type", "name": "meeting_name", "formatIds": "format_shared_id_list",
    "serviceBodyId": "service_body_bigint",
}  # fmt: skip
_PREFIX = re.compile(r"^.*?#@-@#\s*", re.DOTALL)


def parse(
    payload: bytes | str | list[Any] | dict[str, Any],
    *,
    formats: list[dict[str, Any]] | None = None,
    fellowship: str = Fellowship.NA,
    default_time_zone: str = "",
    default_duration: int = DEFAULT_DURATION,
) -> ParsedFeed:
    """Read a whole feed. `formats`: the server's GetFormats, if the payload lacks it; `default_duration`: minutes."""
    if isinstance(payload, (bytes, bytearray, str)):
        content: Any = parsed_json(as_text(payload))
    else:
        content = outside.whole(payload)
    if isinstance(content, dict):
        formats = content["formats"] if isinstance(content.get("formats"), list) else formats
        content = content.get("meetings")
    if not isinstance(content, list):
        raise SourceError("The source is JSON, but not from a BMLT server.")
    if not content:
        raise SourceError("The source lists no meetings. An aggregator needs a filter, such as a region.")

    by_id = {str(each["id"]): _world_id(each) for each in formats or [] if isinstance(each, dict) and each.get("id")}
    by_key = (
        {_key(each): _world_id(each) for each in formats or [] if isinstance(each, dict)} if formats else _STOCK_KEYS
    )
    feed = ParsedFeed()
    if not formats:
        feed.remark(-1, "", "The feed has no list of formats. A BMLT server’s default formats were used.")
    for index, raw in enumerate(content):
        if not isinstance(raw, dict):
            feed.reject(index, "", "This row isn’t a meeting. It has no fields.", is_meant=not raw)
            continue
        row = _from_admin_api(raw) if "startTime" in raw else raw
        name = cleaning.text(row.get("meeting_name"), longest=255)
        if "published" in row and str(row["published"]).casefold() not in ("1", "true"):
            feed.reject(index, name, "The source hasn’t published this meeting.", is_meant=True)
            continue
        problem = _problem(row, name)
        if problem:
            feed.reject(index, name, problem, external_id=_external_id(row))
            continue
        try:
            feed.add(index, _meeting(row, name, by_id, by_key, fellowship, default_time_zone, default_duration))
        except ValueError as error:
            feed.reject(
                index,
                name,
                external_id=_external_id(row),
                sentence=f"“{outside.quoted(str(error))}” isn’t a time of day.",
            )
    return feed


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


def _key(entry: dict[str, Any]) -> str:
    translations = entry.get("translations")
    first = translations[0] if isinstance(translations, list) and translations else {}
    return str(entry.get("key_string") or (first.get("key") if isinstance(first, dict) else "") or "")


def _world_id(entry: dict[str, Any]) -> str:
    return str(entry.get("world_id") or entry.get("worldId") or "").strip().upper()


def _world_ids(row: dict[str, Any], by_id: dict[str, str], by_key: dict[str, str]) -> set[str]:
    ids = [each.strip() for each in str(row.get("format_shared_id_list") or "").split(",") if each.strip()]
    if ids and by_id:
        return {by_id[each] for each in ids if each in by_id}
    keys = [each.strip() for each in str(row.get("formats") or "").split(",") if each.strip()]
    return {by_key[each] for each in keys if each in by_key}


def _attendance(row: dict[str, Any], world_ids: set[str], address_is_only_a_place: bool) -> Attendance:
    closed, venue = "TC" in world_ids, str(row.get("venue_type") or "").strip()
    if venue == "2" or (not venue and "VM" in world_ids and "HYBR" not in world_ids):
        return Attendance.ONLINE
    if venue == "3" or (not venue and "HYBR" in world_ids):
        return Attendance.ONLINE if closed else Attendance.HYBRID
    if venue == "1":
        return Attendance.INACTIVE if closed else Attendance.IN_PERSON
    online = bool(cleaning.link(row.get("virtual_meeting_link")))
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
    url = cleaning.link(row.get("virtual_meeting_link"))
    phone = cleaning.dial_string(row.get("phone_meeting_number"))
    types = {_TO_OURS.get(each, each) for each in world_ids - _DROPPED}
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
        attendance=_attendance(row, world_ids, address.is_only_a_place),
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
        located_by=spot.located_by,
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

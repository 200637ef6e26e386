"""Reads the Meeting Guide format (code4recovery/spec): JSON, a Google Sheet's JSON, or CSV, however messy.

Unlike the reference readers, a list of days does not shift every later row, and an end past midnight does not make a
negative length. Contacts' names, numbers and addresses are personal and are not read at all.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from typing import Any

from staff import outside

from . import cleaning, locations
from .fellowships import LOCATION_CLOSED, ONLINE, Fellowship, codes
from .listing import Attendance, ListedMeeting, ParsedFeed, SourceError

_ALIASES = {
    "zip": "postal_code", "zipcode": "postal_code", "zip_code": "postal_code", "postcode": "postal_code",
    "meeting": "name", "meeting_name": "name", "location_name": "location", "venue": "location",
    "full_address": "formatted_address", "start_time": "time", "starttime": "time", "endtime": "end_time",
    "time_zone": "timezone", "subregion": "sub_region", "conference_link": "conference_url", "lat": "latitude",
    "lng": "longitude", "lon": "longitude", "last_updated": "updated",
}  # fmt: skip
_SPOKEN_TYPES = {
    "online": ONLINE, "online meeting": ONLINE, "temporary closure": LOCATION_CLOSED,
    "temporarily closed": LOCATION_CLOSED, "step meeting": "ST", "step": "ST", "beginner": "BE", "beginners": "BE",
    "newcomer": "BE", "womens": "W", "mens": "M", "wheelchair": "X", "wheelchair accessible": "X",
    "handicap access": "X", "child friendly": "CF", "big book study": "B", "babysitting": "BA", "young": "Y",
    "gay & lesbian": "LGBTQ",
}  # fmt: skip


def as_text(payload: bytes | str) -> str:
    """The payload's text. Raises SourceError if it is empty, or a web page instead of a list."""
    content = (
        payload.decode("utf-8-sig", errors="replace")
        if isinstance(payload, (bytes, bytearray))
        else payload.lstrip("\ufeff")
    )
    content = outside.text(content).strip()
    if not content:
        raise SourceError("The source is empty. Earlier imports don’t change.")
    if content.startswith("<"):
        raise SourceError(
            "The source returned a web page, not a meeting list. Check the address, or ask the source’s owner."
        )
    return content


def parsed_json(content: str) -> Any:
    """The JSON, or SourceError with the place where it breaks."""
    try:
        return outside.from_json(content)
    except outside.Unreadable as error:
        raise SourceError(f"The source isn’t valid JSON: {error}.") from error


def rows_of(payload: bytes | str | list[Any] | dict[str, Any]) -> list[Any]:
    """A payload's rows. Raises SourceError if nothing in it could be a list of meetings."""
    content: Any = outside.whole(payload)
    if isinstance(payload, (bytes, bytearray, str)):
        written = as_text(payload)
        content = parsed_json(written) if written[0] in "[{" else _csv_rows(written)
    if isinstance(content, dict):
        values = content.get("values")
        if not isinstance(values, list):
            raise SourceError("The source is JSON, but not a list of meetings.")
        content = _table(values)
    if not isinstance(content, list):
        raise SourceError("The source is JSON, but not a list of meetings.")
    if not content:
        raise SourceError("The source lists no meetings. Earlier imports don’t change.")
    return content


def _csv_rows(written: str) -> list[Any]:
    first = written.splitlines()[0].casefold()
    if "," not in first or not ("name" in first or "meeting" in first):
        raise SourceError("The source isn’t JSON or a table with a header row.")
    try:
        return _table(list(csv.reader(io.StringIO(written))))
    except csv.Error as error:
        raise SourceError(f"The source’s table can’t be read: {error}.") from error


def _table(values: list[Any]) -> list[Any]:
    """Rows under a heading row, as a Google Sheet gives them: short rows miss their last cells."""
    if not values or not isinstance(values[0], list):
        return []
    heading = [str(cell) for cell in values[0]]
    return [dict(zip(heading, row, strict=False)) if isinstance(row, list) else row for row in values[1:] if row]


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    """The row under the specification's names; its own names win over aliases."""
    keyed: dict[str, Any] = {}
    for key, value in row.items():
        if key == "ID":
            keyed.setdefault("slug", value)
            continue
        name = re.sub(r"[^a-z0-9]+", "_", str(key).strip().casefold()).strip("_")
        target = _ALIASES.get(name, name)
        if target == name or keyed.get(target) in (None, ""):
            keyed[target] = value
    return keyed


def read_types(value: Any, fellowship: str) -> tuple[list[str], list[str]]:
    """Known codes and unknown words, from a list, "O,D", "[open]" or names, in any case. Open and closed is closed."""
    if isinstance(value, str):
        value = value.strip().strip("[]").split(",")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value]
    elif not isinstance(value, (list, tuple)):
        return [], []
    known = codes(fellowship)
    by_code = {code.casefold(): code for code in known}
    by_name = {name.casefold(): code for code, name in known.items()}
    found: list[str] = []
    unknown: list[str] = []
    for each in value:
        word = cleaning.text(each).strip("[]\"' ").casefold()
        code = by_code.get(word) or by_name.get(word) or _SPOKEN_TYPES.get(word)
        if code and code in known:
            found.append(code)
        elif word:
            unknown.append(word.upper())
    if "O" in found and "C" in found:
        found.remove("O")
    return sorted(set(found)), unknown


def attendance(*, closed: bool, online: bool, approximate: bool) -> Attendance:
    """How one attends, from whether the place is closed, a conference is given, and the address is only a town."""
    if closed:
        return Attendance.ONLINE if online else Attendance.INACTIVE
    if online:
        return Attendance.ONLINE if approximate else Attendance.HYBRID
    return Attendance.INACTIVE if approximate else Attendance.IN_PERSON


def parse(
    payload: bytes | str | list[Any] | dict[str, Any], *, fellowship: str = Fellowship.AA, default_time_zone: str = ""
) -> ParsedFeed:
    """Read a whole feed. Unreadable rows are rejected one by one; SourceError if there is no list."""
    feed = ParsedFeed()
    strangers: Counter[str] = Counter()
    for index, raw in enumerate(rows_of(payload)):
        if not isinstance(raw, dict):
            feed.reject(index, "", "This row isn’t a meeting. It has no fields.", is_meant=not raw)
            continue
        row = _keyed(raw)
        name = cleaning.text(row.get("name") or row.get("group") or row.get("location"), longest=255)
        if not name:
            is_blank = not any(cleaning.text(value) for value in row.values())
            feed.reject(index, "", "The meeting has no name.", external_id=_own_id(row), is_meant=is_blank)
            continue
        try:
            listed = _meeting(row, name, fellowship, default_time_zone, strangers)
        except _Unreadable as error:
            feed.reject(index, name, str(error), external_id=_external_id(row, name))
            continue
        for meeting in listed:
            feed.add(index, meeting)
            if meeting.conference_url and not meeting.conference_provider_known:
                feed.remark(
                    index,
                    name,
                    f"The online meeting link goes to an unknown site: {meeting.conference_url.split('/')[2]}.",
                )
        if (number := cleaning.text(row.get("conference_phone"))) and not listed[0].conference_phone:
            feed.remark(index, name, f"“{number[:60]}” can’t be dialed and was left out.")
    for word, count in sorted(strangers.items()):
        feed.remark(
            -1,
            "",
            f"The type “{word}” isn’t one of this fellowship’s types and was left out (rows: {count}).",
        )
    return feed


class _Unreadable(Exception):
    """A row that cannot be imported, with the sentence that says why."""


def _meeting(
    row: dict[str, Any], name: str, fellowship: str, default_time_zone: str, strangers: Counter[str]
) -> list[ListedMeeting]:
    try:
        days = cleaning.weekdays(row.get("day"))
    except ValueError:
        raise _Unreadable(
            f"“{outside.quoted(row.get('day'))}” isn’t a day of the week (0 is Sunday, 6 is Saturday)."
        ) from None
    try:
        start = cleaning.clock(row.get("time"))
    except ValueError:
        raise _Unreadable(f"“{outside.quoted(row.get('time'))}” isn’t a time of day.") from None
    try:
        end = cleaning.clock(row.get("end_time"))
    except ValueError:
        end = None  # a meeting is not lost for want of its end

    address = locations.read_address(row)
    said = str(row.get("approximate") or "").strip().casefold()
    approximate = (
        said in ("yes", "true", "1") if said in ("yes", "no", "true", "false", "1", "0") else address.is_only_a_place
    )
    spot = locations.locate(
        address,
        row.get("latitude"),
        row.get("longitude"),
        row.get("coordinates"),
        row.get("timezone"),
        default_time_zone,
    )
    types, unknown = read_types(row.get("types"), fellowship)
    strangers.update(set(unknown))
    url, phone = cleaning.link(row.get("conference_url")), cleaning.dial_string(row.get("conference_phone"))
    regions = row.get("regions") if isinstance(row.get("regions"), list) else [row.get("region"), row.get("sub_region")]

    meeting = ListedMeeting(
        external_id=_external_id(row, name),
        name=name,
        duration=cleaning.minutes_between(start[0], end[0]) if start and end else None,
        time_zone=spot.time_zone,
        types=tuple(code for code in types if code != ONLINE),
        attendance=attendance(closed=LOCATION_CLOSED in types, online=bool(url or phone), approximate=approximate),
        venue=cleaning.text(row.get("location"), longest=255),
        address=address.line,
        street=address.street,
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        region=" · ".join(dict.fromkeys(filter(None, (cleaning.text(each) for each in regions or []))))[:200],
        latitude=spot.latitude,
        longitude=spot.longitude,
        located_by=spot.located_by,
        approximate=approximate,
        conference_url=url,
        conference_url_notes=cleaning.text(row.get("conference_url_notes"), lines=True, longest=2000),
        conference_provider_known=not url or cleaning.is_known_provider(url),
        conference_phone=phone,
        conference_phone_notes=cleaning.text(row.get("conference_phone_notes"), lines=True, longest=2000),
        notes=cleaning.text(row.get("notes"), lines=True, longest=8000),
        location_notes=cleaning.text(row.get("location_notes"), lines=True, longest=8000),
        group_name=cleaning.text(row.get("group"), longest=255),
        group_notes=cleaning.text(row.get("group_notes"), lines=True, longest=8000),
        entity=cleaning.text(row.get("entity"), longest=255),
        entity_phone=cleaning.text(row.get("entity_phone"), longest=64),
        entity_url=cleaning.link(row.get("entity_url")),
        url=cleaning.link(row.get("url")),
        source_updated=cleaning.moment(row.get("updated")),
    )
    if start is None or days == [None]:
        return [meeting]  # by appointment
    several = len(days) > 1
    return [
        dataclasses.replace(
            meeting,
            external_id=f"{meeting.external_id}@{day}" if several else meeting.external_id,
            weekday=(day + start[1]) % 7,
            start=start[0],
        )
        for day in days
        if day is not None
    ]


def _own_id(row: dict[str, Any]) -> str:
    """The id that the source itself gives; empty if it gives none."""
    said = (cleaning.text(row.get(key), longest=200) for key in ("slug", "post_name", "id"))
    return next(filter(None, said), "")


def _external_id(row: dict[str, Any], name: str) -> str:
    if value := _own_id(row):
        return value
    words = next(filter(None, (cleaning.text(row.get(key)) for key in ("name", "group", "location"))), name)
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")[:200] or "meeting"

"""Reads the Meeting Guide format (code4recovery/spec): JSON, a Google Sheet's JSON, or CSV, however messy.

Unlike the reference readers, a list of days does not shift every later row, and an end past midnight does not make a
negative length. Contacts' names, numbers and addresses are personal and are not read at all.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from staff import outside

from . import cleaning, locations
from .fellowships import LOCATION_CLOSED, ONLINE, Fellowship, read_as
from .listing import REPORTED, Attendance, ListedMeeting, ParsedFeed, SourceError, id_of_name, made_up_id
from .payloads import Broken, Payload, Row, Source
from .reading import read_whole

_ALIASES = {
    "zip": "postal_code", "zipcode": "postal_code", "zip_code": "postal_code", "postcode": "postal_code",
    "meeting": "name", "meeting_name": "name", "location_name": "location", "venue": "location",
    "full_address": "formatted_address", "start_time": "time", "starttime": "time", "endtime": "end_time",
    "time_zone": "timezone", "subregion": "sub_region", "conference_link": "conference_url", "lat": "latitude",
    "lng": "longitude", "lon": "longitude", "last_updated": "updated", "weekday": "day", "day_of_week": "day",
    "meeting_day": "day", "meeting_time": "time", "start": "time", "starts": "time", "end": "end_time",
    "ends": "end_time", "zip_postal_code": "postal_code", "online_link": "conference_url",
    "meeting_link": "conference_url", "zoom_link": "conference_url",
}  # fmt: skip
_SPOKEN_TYPES = {
    "online": ONLINE, "online meeting": ONLINE, "temporary closure": LOCATION_CLOSED,
    "temporarily closed": LOCATION_CLOSED, "step meeting": "ST", "step": "ST", "beginner": "BE", "beginners": "BE",
    "newcomer": "BE", "womens": "W", "mens": "M", "wheelchair": "X", "wheelchair accessible": "X",
    "handicap access": "X", "child friendly": "CF", "big book study": "B", "babysitting": "BA", "young": "Y",
    "gay & lesbian": "LGBTQ",
}  # fmt: skip


WANTED = (
    "name", "slug", "post_name", "id", "day", "time", "end_time", "timezone", "types", "location", "group",
    "formatted_address", "address", "city", "state", "postal_code", "country", "latitude", "longitude", "coordinates",
    "approximate", "regions", "region", "sub_region", "conference_url", "conference_url_notes", "conference_phone",
    "conference_phone_notes", "notes", "location_notes", "group_notes", "entity", "entity_phone", "entity_url", "url",
    "updated",
)  # fmt: skip
_PLACE = frozenset({
    "formatted_address", "address", "city", "postal_code", "location", "latitude", "coordinates", "conference_url",
    "conference_phone",
})  # fmt: skip
_ANOTHER_STANDARD = "This list comes from a BMLT server. Set the feed’s format to BMLT in its settings."


def _name_of(key: object) -> str:
    if key == "ID":
        return "slug"
    name = re.sub(r"[^a-z0-9]+", "_", str(key).strip().casefold()).strip("_")
    return _ALIASES.get(name, name)


@functools.lru_cache(maxsize=500)
def _fields(
    keys: tuple[str, ...],
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...], bool]:
    """Which of a row's keys holds what: those with one key, and those with several, the specification's own first.

    And whether all are named as specified already.
    """
    found: dict[str, list[str]] = {}
    for key in keys:
        target = _name_of(key)
        if target in WANTED:
            is_own = re.sub(r"[^a-z0-9]+", "_", key.strip().casefold()).strip("_") == target
            found.setdefault(target, []).insert(0 if is_own else len(found[target]) if target in found else 0, key)
    single = tuple((target, named[0]) for target, named in found.items() if len(named) == 1)
    several = tuple((target, tuple(named)) for target, named in found.items() if len(named) > 1)
    return single, several, not several and all(target == key for target, key in single)


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    """The row under the specification's names; its own names win over aliases unless they are empty."""
    single, several, is_as_specified = _fields(tuple(row))
    if is_as_specified:
        return row
    keyed = {target: row[key] for target, key in single}
    for target, keys in several:
        keyed[target] = next((row[key] for key in keys if row[key] not in (None, "")), None)
    return keyed


def is_heading(cells: list[str]) -> bool:
    """Whether a table's heading is that of a meeting list: it has a name, and a day and a time or one of them and a
    place. A name and a day alone are a roster, whose people would become meetings. A BMLT server's passes, to say so.
    """
    names = {_name_of(cell) for cell in cells}
    when = names & {"day", "time", "weekday_tinyint"}
    return "name" in names and (len(when) == 2 or (bool(when) and not names.isdisjoint(_PLACE)))


def read_types(value: Any, fellowship: str) -> tuple[list[str], list[str]]:
    """Known codes and unknown words, from a list, "O,D", "[open]" or names, in any case. Open and closed is closed."""
    if isinstance(value, str):
        value = value.strip().strip("[]").split(",")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value]
    elif not isinstance(value, (list, tuple)):
        return [], []
    known, unknown = _of_texts(_types_said, tuple(value), fellowship)
    return list(known), list(unknown)


def _of_texts(read: Any, values: tuple[Any, ...], *others: str) -> Any:
    """What a function that remembers says of texts; of all else, what it says anew: a memory takes 1 for True."""
    return (read if {*map(type, values)} <= _TEXTS else read.__wrapped__)(values, *others)


_TEXTS = {str, type(None)}


@functools.lru_cache(maxsize=20_000)
def _types_said(said: tuple[Any, ...], fellowship: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _types(tuple(cleaning.text(each, longest=100) for each in said), fellowship)


@functools.lru_cache(maxsize=20_000)
def _types(said: tuple[str, ...], fellowship: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    meant = read_as(fellowship)
    found: set[str] = set()
    unknown: list[str] = []
    for each in said:
        word = each.strip("[]\"' ").casefold()
        spoken = _SPOKEN_TYPES.get(word, "")
        if code := meant.get(word) or (spoken if spoken in meant.values() else ""):
            found.add(code)
        elif word:
            unknown.append(word.upper())
    if "C" in found:
        found.discard("O")
    return tuple(sorted(found)), tuple(unknown)


def attendance(*, closed: bool, online: bool, approximate: bool) -> Attendance:
    """How one attends, from whether the place is closed, a conference is given, and the address is only a town."""
    if closed:
        return Attendance.ONLINE if online else Attendance.INACTIVE
    if online:
        return Attendance.ONLINE if approximate else Attendance.HYBRID
    return Attendance.INACTIVE if approximate else Attendance.IN_PERSON


class Reader:
    """Reads rows of one feed."""

    is_heading = staticmethod(is_heading)
    no_rows = "The source lists no meetings. Earlier imports don’t change."

    def __init__(self, *, fellowship: str = Fellowship.AA, default_time_zone: str = "") -> None:
        self.fellowship, self.default_time_zone = fellowship, default_time_zone
        self.strangers: Counter[str] = Counter()

    def rows(self, source: Source) -> Iterator[Row]:
        """The source's rows. Raises SourceError if nothing in it could be a list of meetings."""
        first = source.begins_with()
        if first == "[":
            return source.rows()
        return source.sheet(is_heading) if first == "{" else source.table(is_heading)

    def context(self) -> str:
        """What decides, beside a row itself, how it is read."""
        return f"meeting-guide {self.fellowship} {self.default_time_zone}"

    def meetings(self, index: int, raw: Any, into: ParsedFeed) -> list[ListedMeeting]:
        """What one row lists: a meeting for each of its days. Nothing, with the reason in the report, if it is none."""
        if isinstance(raw, Broken):
            into.reject(index, "", raw.sentence)
            return []
        if not isinstance(raw, dict):
            into.reject(index, "", "This row isn’t a meeting. It has no fields.", is_meant=not raw)
            return []
        if "weekday_tinyint" in raw and "day" not in raw:
            raise SourceError(_ANOTHER_STANDARD)
        row = _keyed(raw)
        name = cleaning.text(row.get("name") or row.get("group") or row.get("location"), longest=255)
        if not name:
            is_blank = not any(cleaning.text(value) for value in raw.values())
            into.reject(index, "", "The meeting has no name.", external_id=_own_id(row), is_meant=is_blank)
            return []
        try:
            meeting, days, next_day = _meeting(row, name, self.fellowship, self.default_time_zone, self.strangers)
        except _Unreadable as error:
            into.reject(index, name, str(error), external_id=_own_id(row) or id_of_name(name))
            return []
        if row.get("conference_url"):
            url, done = cleaning.conference_link(row["conference_url"])
            if done:
                into.remark(index, name, done)
            if url and not meeting.conference_provider_known:
                into.remark(index, name, f"The online meeting link goes to an unknown site: {url.split('/')[2]}.")
        if not meeting.conference_phone and (number := cleaning.text(row.get("conference_phone"))):
            into.remark(index, name, f"“{number[:60]}” can’t be dialed and was left out.")
        if len(days) == 1:
            meeting.weekday = None if days[0] is None else (days[0] + next_day) % 7
            listed = [meeting]
        else:
            base = meeting.external_id[:250]
            listed = [
                dataclasses.replace(meeting, external_id=f"{base}@{day}", weekday=(day + next_day) % 7)
                for day in days
                if day is not None
            ]
        if not meeting.external_id:
            for each in listed:
                each.external_id = made_up_id(each)
        return listed

    def finish(self, into: ParsedFeed) -> None:
        """Report what was seen over all rows."""
        for word, count in sorted(self.strangers.items())[:REPORTED]:
            into.remark(
                -1,
                "",
                f"The type “{word}” isn’t one of this fellowship’s types and was left out (rows: {count}).",
            )


def parse(payload: Payload, *, fellowship: str = Fellowship.AA, default_time_zone: str = "") -> ParsedFeed:
    """Read a whole feed. Unreadable rows are rejected one by one; SourceError if there is no list."""
    return read_whole(Source(payload), Reader(fellowship=fellowship, default_time_zone=default_time_zone))


class _Unreadable(Exception):
    """A row that cannot be imported, with the sentence that says why."""


def _meeting(
    row: dict[str, Any], name: str, fellowship: str, default_time_zone: str, strangers: Counter[str]
) -> tuple[ListedMeeting, list[int | None], int]:
    """The meeting on no day yet, its days, and 1 if it begins at midnight after them."""
    said = row.get
    try:
        days = cleaning.weekdays(said("day"))
    except ValueError:
        raise _Unreadable(
            f"“{outside.quoted(said('day'))}” isn’t a day of the week (0 is Sunday, 6 is Saturday)."
        ) from None
    try:
        start = cleaning.clock(said("time"))
    except ValueError:
        raise _Unreadable(f"“{outside.quoted(said('time'))}” isn’t a time of day.") from None
    try:
        end = cleaning.clock(said("end_time"))
    except ValueError:
        end = None  # a meeting is not lost for want of its end
    if start is None or days == [None]:
        days = [None]  # by appointment

    place = _of_place(
        (said("formatted_address"), said("address"), said("city"), said("state"), said("postal_code"), said("country")),
        *(said("latitude"), said("longitude"), said("coordinates"), said("timezone"), said("approximate")),
        default_time_zone,
    )
    listed = said("regions")
    regions = listed if isinstance(listed, list) else [said("region"), said("sub_region")]
    shared = _of_texts(_shared, tuple(map(said, _SHARED)))
    url, phone = shared["conference_url"], shared["conference_phone"]
    types, unknown = read_types(said("types"), fellowship)
    if unknown:
        strangers.update(set(unknown))
    text = cleaning.text
    meeting = ListedMeeting(
        external_id=_own_id(row),
        name=name,
        start=None if start is None or days == [None] else start[0],
        duration=cleaning.minutes_between(start[0], end[0]) if start and end else None,
        types=tuple(code for code in types if code != ONLINE),
        attendance=attendance(
            closed=LOCATION_CLOSED in types, online=bool(url or phone), approximate=place["approximate"]
        ).value,
        region=_of_texts(_regions, tuple(regions)),
        notes=text(said("notes"), lines=True, longest=8000),
        url=cleaning.link(said("url")),
        source_updated=cleaning.moment(said("updated")),
        **place,
        **shared,
    )
    return meeting, days, start[1] if start else 0


def _of_place(address: tuple[Any, ...], *others: Any) -> dict[str, Any]:
    """Where it is: address, coordinates and time zone. Many meetings are in one place."""
    if {*map(type, address)} <= _TEXTS and {*map(type, others)} <= _PLAIN:
        return _place(address, *others)
    return _place.__wrapped__(address, *others)


_PLAIN = _TEXTS | {int, float}


@functools.lru_cache(maxsize=10_000, typed=True)
def _place(
    written: tuple[Any, ...], latitude: Any, longitude: Any, pair: Any, zone: Any, approximate: Any, default_zone: str
) -> dict[str, Any]:
    address = locations.read_address(dict(zip(_ADDRESS, written, strict=True)))
    is_approximate = _YES_OR_NO.get(str(approximate or "").strip().casefold())
    spot = locations.locate(address, latitude, longitude, pair, zone, default_zone)
    return {
        "time_zone": spot.time_zone,
        "address": address.line,
        "street": address.street,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
        "latitude": spot.latitude,
        "longitude": spot.longitude,
        "located_by": spot.located_by.value,
        "approximate": address.is_only_a_place if is_approximate is None else is_approximate,
    }


_ADDRESS = ("formatted_address", "address", "city", "state", "postal_code", "country")
_SHARED = (
    "location", "location_notes", "group", "group_notes", "entity", "entity_phone", "entity_url", "conference_url",
    "conference_url_notes", "conference_phone", "conference_phone_notes",
)  # fmt: skip


@functools.lru_cache(maxsize=5_000)
def _shared(written: tuple[Any, ...]) -> dict[str, Any]:
    """What the meetings of one group have in common: where they meet, who they are, and how one joins them."""
    said, text = dict(zip(_SHARED, written, strict=True)), cleaning.text
    url = cleaning.conference_link(said["conference_url"])[0]
    return {
        "venue": text(said["location"], longest=255),
        "location_notes": text(said["location_notes"], lines=True, longest=8000),
        "group_name": text(said["group"], longest=255),
        "group_notes": text(said["group_notes"], lines=True, longest=8000),
        "entity": text(said["entity"], longest=255),
        "entity_phone": text(said["entity_phone"], longest=64),
        "entity_url": cleaning.link(said["entity_url"]),
        "conference_url": url,
        "conference_url_notes": text(said["conference_url_notes"], lines=True, longest=2000),
        "conference_provider_known": not url or cleaning.is_known_provider(url),
        "conference_phone": cleaning.dial_string(said["conference_phone"]),
        "conference_phone_notes": text(said["conference_phone_notes"], lines=True, longest=2000),
    }


@functools.lru_cache(maxsize=10_000)
def _regions(written: tuple[Any, ...]) -> str:
    return " · ".join(dict.fromkeys(filter(None, map(cleaning.text, written))))[:200]


_YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _own_id(row: dict[str, Any]) -> str:
    """The id that the source itself gives; empty if it gives none."""
    said = (cleaning.text(row.get(key), longest=200) for key in ("slug", "post_name", "id"))
    return next(filter(None, said), "")

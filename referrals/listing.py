"""The parsed meeting feed: one `ListedMeeting` per weekly occurrence, whatever the feed's format."""

from __future__ import annotations

import datetime
import functools
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, fields

from django.db import models

from staff.refusals import Refusal

REPORTED = 2_000  # rows in a report
DEFAULT_DURATION = 60  # minutes, where a feed gives no end (Meeting Guide specification)


class Attendance(models.TextChoices):
    """How one attends. Derived from address, conference and closure, never taken from the feed's own word for it."""

    IN_PERSON = "in_person", "In person"
    ONLINE = "online", "Online"
    HYBRID = "hybrid", "In person or online"
    INACTIVE = "inactive", "Not meeting now"


class LocatedBy(models.TextChoices):
    """The source of the coordinates."""

    SOURCE = "source", "the feed"
    ZIP = "zip", "the middle of its ZIP area"
    NOTHING = "", "nothing"


class SourceError(Refusal):
    """The source itself is unusable: nothing that was imported before may change because of it."""

    sentence = "The source can’t be read."


@dataclass(frozen=True)
class Remark:
    """A row that could not be imported as it is, or was imported with a notable change."""

    index: int  # place of the row in the feed, from 0
    name: str
    sentence: str


_NOTHING = "\0"  # in a column where nothing is something else than blank; no text that was cleaned has one
# As COPY reads it: what stands for nothing last, or its own sign would be escaped.
_ESCAPED = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), (_NOTHING, "\\N"))


@dataclass(kw_only=True, slots=True)
class ListedMeeting:
    """One weekly occurrence of a meeting. Weekday 0 is Sunday; weekday and start are both None by appointment."""

    external_id: str
    name: str
    weekday: int | None = None
    start: datetime.time | None = None
    duration: int | None = None  # minutes; None: the feed gives no end
    time_zone: str = ""  # empty: nothing in the row tells
    types: tuple[str, ...] = ()
    attendance: str = Attendance.IN_PERSON.value
    venue: str = ""
    address: str = ""  # as one line
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    region: str = ""
    latitude: float | None = None
    longitude: float | None = None
    located_by: str = LocatedBy.NOTHING.value
    approximate: bool = False
    conference_url: str = ""
    conference_url_notes: str = ""
    conference_provider_known: bool = True
    conference_phone: str = ""
    conference_phone_notes: str = ""
    notes: str = ""
    location_notes: str = ""
    group_name: str = ""
    group_notes: str = ""
    entity: str = ""
    entity_phone: str = ""
    entity_url: str = ""
    url: str = ""
    source_updated: datetime.datetime | None = None

    @property
    def ends_next_day(self) -> bool:
        """The meeting runs to midnight or through it."""
        return bool(
            self.start and self.duration and self.start.hour * 60 + self.start.minute + self.duration >= 24 * 60
        )

    def line(self) -> str:
        """All but its id as PostgreSQL's COPY reads it, in the order of `SAID`."""
        weekday, duration, updated = self.weekday, self.duration, self.source_updated
        cells = (
            self.name,
            _NOTHING if weekday is None else str(weekday),
            _NOTHING if self.start is None else str(self.start),
            _NOTHING if duration is None else str(duration),
            self.time_zone,
            f"{{{','.join(self.types)}}}",
            self.attendance,
            self.venue,
            self.address,
            self.street,
            self.city,
            self.state,
            self.postal_code,
            self.country,
            self.region,
            _NOTHING if self.latitude is None else repr(self.latitude),
            _NOTHING if self.longitude is None else repr(self.longitude),
            self.located_by,
            "t" if self.approximate else "f",
            self.conference_url,
            self.conference_url_notes,
            "t" if self.conference_provider_known else "f",
            self.conference_phone,
            self.conference_phone_notes,
            self.notes,
            self.location_notes,
            self.group_name,
            self.group_notes,
            self.entity,
            self.entity_phone,
            self.entity_url,
            self.url,
            _NOTHING if updated is None else str(updated),
        )
        line = "\t".join(cells)
        if line.count("\t") != len(cells) - 1:
            line = "\t".join(cell.replace("\t", " ") for cell in cells)
        for written, escaped in _ESCAPED:
            if written in line:
                line = line.replace(written, escaped)
        return line

    @property
    def content_hash(self) -> str:
        """SHA-256 of everything the feed says, to skip unchanged rows."""
        return hashlib.sha256(self.line().encode()).hexdigest()


SAID = tuple(each.name for each in fields(ListedMeeting) if each.name != "external_id")


_MADE_UP = re.compile(r"~[0-9a-f]{10}(?=-[0-9]+$|$)")


def made_up_id(meeting: ListedMeeting) -> str:
    """An id for a meeting whose list gives none: from its name, day, time and place, so that it is the same wherever
    in the list it stands. What counts as its place, `staging` counts too.
    """
    is_online = meeting.attendance == Attendance.ONLINE or not meeting.address
    place = (meeting.conference_url, meeting.conference_phone) if is_online else ()
    said = (_words(meeting.name), str(meeting.weekday), str(meeting.start), meeting.address.casefold(), *place)
    digest = hashlib.blake2b("\x1f".join(said).encode(), digest_size=5).hexdigest()
    return f"{id_of_name(meeting.name)}~{digest}"


def is_made_up(external_id: str) -> bool:
    """Whether an id is one of those."""
    return bool(_MADE_UP.search(external_id))


def id_of_name(name: str) -> str:
    """What stands for all meetings of one name whose list gives no ids."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:200] or "meeting"


class ParsedFeed:
    """What is read of a feed: what can be imported, what cannot and why, and what was corrected.

    Of reports, the first rows are kept (`REPORTED`): nobody reads a hundred thousand. They are counted all the same.
    """

    def __init__(self) -> None:
        self.meetings: list[ListedMeeting] = []  # filled by `parse` alone: an import of 130,000 keeps none of them
        self.rejected: list[Remark] = []
        self.remarks: list[Remark] = []
        self.rows = self.rejected_rows = self.remarked = 0
        self.unidentified = 0  # rejected rows that do not even say which meeting they are
        self.ids: set[str] = set()
        self._listed: dict[int, str] = {}
        self._rejected_ids: set[str] = set()
        self._numbered: dict[str, int] = {}

    def reject(self, index: int, name: str, sentence: str, *, external_id: str = "", is_meant: bool = False) -> None:
        """Skip a row, with the reason. `is_meant`: the source itself says there is no such meeting."""
        self.rejected_rows += 1
        if len(self.rejected) < REPORTED:
            self.rejected.append(Remark(index, name, sentence))
        if external_id:
            self._rejected_ids.add(_compared(external_id))
        elif not is_meant:
            self.unidentified += 1

    def may_be_rejected(self, external_id: str) -> bool:
        """Whether a meeting missing from the feed may be in a rejected row with an id.

        Such a row stands for all meetings with this id, on any day and under any number.
        """
        return bool(self._rejected_ids) and not _rows_of(external_id).isdisjoint(self._rejected_ids)

    def strangers(self, known: Collection[str]) -> int:
        """How many rejected ids are those of no meeting that is known: the list may have renamed it."""
        left = {each for each in self._rejected_ids if each not in known}
        for external_id in known:
            if not left:
                break
            left -= _rows_of(external_id)
        return len(left)

    def remark(self, index: int, name: str, sentence: str) -> None:
        """Record what was changed or odd about an imported row."""
        self.remarked += 1
        if len(self.remarks) < REPORTED or index < 0:
            self.remarks.append(Remark(index, name, sentence))

    def add(self, index: int, meeting: ListedMeeting) -> ListedMeeting:
        """Give a meeting an id unique in the feed; remark on a taken id and on a meeting listed twice."""
        external_id = meeting.external_id
        if external_id in self.ids:
            suffix = self._numbered.get(external_id, 1)
            while external_id in self.ids:
                suffix += 1
                external_id = f"{meeting.external_id[:240]}-{suffix}"
            self._numbered[meeting.external_id] = suffix
            if not is_made_up(external_id):  # the list gives none: the next remark says what there is to say
                self.remark(
                    index,
                    meeting.name,
                    f"Another row already has the ID “{meeting.external_id}”; kept as “{external_id}”.",
                )
            meeting.external_id = external_id
        self.ids.add(external_id)
        same = hash((_words(meeting.name), meeting.weekday, meeting.start, meeting.address.casefold()))
        if (first := self._listed.setdefault(same, external_id)) != external_id:
            self.remark(index, meeting.name, f"Same name, day, time, and address as “{first}”: probably a duplicate.")
        return meeting


def _compared(external_id: str) -> str:
    """An id as a server that moved keeps it: without http or https, www, and a slash at the end of its address."""
    return re.sub(r"^https?://(?:www\.)?", "", external_id.lower()).replace("/#", "#")


def _rows_of(external_id: str) -> set[str]:
    """The ids of the rows that may list a meeting: its own, without the day and the number that make it unique; of one
    that was made up, its name's.
    """
    own = _MADE_UP.sub("", _compared(external_id))
    without_number = re.sub(r"-[0-9]+$", "", own)
    return {each for one in (own, without_number) for each in (one, re.sub(r"@[0-6]$", "", one))}


@functools.lru_cache(maxsize=20_000)
def _words(name: str) -> str:
    return re.sub(r"\W+", " ", name.casefold()).strip()

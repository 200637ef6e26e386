"""The parsed meeting feed: one `ListedMeeting` per weekly occurrence, whatever the feed's format."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import dataclass, field, replace

from django.db import models

from staff.refusals import Refusal

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


@dataclass(frozen=True, kw_only=True)
class ListedMeeting:
    """One weekly occurrence of a meeting. Weekday 0 is Sunday; weekday and start are both None by appointment."""

    external_id: str
    name: str
    weekday: int | None = None
    start: datetime.time | None = None
    duration: int | None = None  # minutes; None: the feed gives no end
    time_zone: str = ""  # empty: nothing in the row tells
    types: tuple[str, ...] = ()
    attendance: str = Attendance.IN_PERSON
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
    located_by: str = LocatedBy.NOTHING
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

    @property
    def content_hash(self) -> str:
        """SHA-256 of everything the feed says, to skip unchanged rows."""
        said = {name: value for name, value in self.__dict__.items() if value not in (None, "", ())}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


@dataclass
class ParsedFeed:
    """A whole feed: what can be imported, what cannot and why, and what was corrected."""

    meetings: list[ListedMeeting] = field(default_factory=list)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids: set[str] = set()
        self._listed: dict[tuple[object, ...], str] = {}
        self._rejected_ids: set[str] = set()
        self.unidentified = 0  # rejected rows that do not even say which meeting they are

    def reject(self, index: int, name: str, sentence: str, *, external_id: str = "", is_meant: bool = False) -> None:
        """Skip a row, with the reason. `is_meant`: the source itself says there is no such meeting."""
        self.rejected.append(Remark(index, name, sentence))
        if external_id:
            self._rejected_ids.add(external_id)
        elif not is_meant:
            self.unidentified += 1

    def may_be_rejected(self, external_id: str) -> bool:
        """Whether a meeting missing from `meetings` may be in a rejected row with an id.

        Such a row stands for all meetings with this id, on any day and under any number.
        """
        without_number = re.sub(r"-[0-9]+$", "", external_id)
        ids = {each for one in (external_id, without_number) for each in (one, re.sub(r"@[0-6]$", "", one))}
        return not ids.isdisjoint(self._rejected_ids)

    def remark(self, index: int, name: str, sentence: str) -> None:
        """Record what was changed or odd about an imported row."""
        self.remarks.append(Remark(index, name, sentence))

    def add(self, index: int, meeting: ListedMeeting) -> None:
        """Keep a meeting under an id unique in the feed; remark on a taken id and on a meeting listed twice."""
        external_id, suffix = meeting.external_id, 1
        while external_id in self._ids:
            suffix += 1
            external_id = f"{meeting.external_id}-{suffix}"
        if suffix > 1:
            self.remark(
                index, meeting.name, f"Another row already has the ID “{meeting.external_id}”; kept as “{external_id}”."
            )
            meeting = replace(meeting, external_id=external_id)
        self._ids.add(external_id)
        same = (
            re.sub(r"\W+", " ", meeting.name.casefold()).strip(),
            meeting.weekday,
            meeting.start,
            meeting.address.casefold(),
        )
        if (first := self._listed.setdefault(same, external_id)) != external_id:
            self.remark(index, meeting.name, f"Same name, day, time, and address as “{first}”: probably a duplicate.")
        self.meetings.append(meeting)

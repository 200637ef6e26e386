"""When a meeting is, in words: on the clock of its place, and on that of the person who goes if theirs differs."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

from staff.days import later

_SPOKEN = {
    "EST": "Eastern", "EDT": "Eastern", "CST": "Central", "CDT": "Central", "MST": "Mountain", "MDT": "Mountain",
    "PST": "Pacific", "PDT": "Pacific", "AKST": "Alaska", "AKDT": "Alaska", "HST": "Hawaii", "AST": "Atlantic",
    "ADT": "Atlantic",
}  # fmt: skip


@dataclass(frozen=True)
class When:
    """One time a meeting is held."""

    starts: datetime.datetime  # on the clock of its place
    ends: datetime.datetime
    reader: datetime.datetime  # the start, on the clock of the person who goes
    now: datetime.datetime  # in UTC: two times of one zone are compared by the wall, which shows an hour twice

    @property
    def day(self) -> str:
        """Today, Tomorrow, a weekday of this week or a date, where the person is."""
        ahead = (self.reader.date() - self.now.astimezone(self.reader.tzinfo).date()).days
        if ahead in (0, 1):
            return ("Today", "Tomorrow")[ahead]
        return f"{self.reader:%A}" if 1 < ahead < 7 else f"{self.reader:%A, %b %-d}"

    @property
    def is_elsewhere(self) -> bool:
        """The two clocks differ."""
        return self.starts.utcoffset() != self.reader.utcoffset()

    @property
    def begins_at(self) -> str:
        """Its start on the clock of its place, with what tells that clock apart if that is needed."""
        return _clock(self.starts) + (f" {zone_words(self.starts)}" if self.is_elsewhere else "")

    @property
    def reader_at(self) -> str:
        """Its start where the person is, on that clock by name; with the day if it is another one there."""
        day = f"{self.starts:%A} there, " if self.starts.date() != self.reader.date() else ""
        return day + _named(self.reader)

    @property
    def ends_at(self) -> str:
        """Its end on the clock of its place."""
        return _clock(self.ends)

    @property
    def has_begun(self) -> bool:
        """It is on."""
        return self.starts <= self.now

    @property
    def minutes_ahead(self) -> int:
        """Until it begins, for what does so within two hours; else 0."""
        ahead = (self.starts - self.now).total_seconds()
        return int(-(-ahead // 60)) if 0 < ahead <= 2 * 60 * 60 else 0


def when(
    start: datetime.datetime, *, minutes: int, there: zoneinfo.ZoneInfo, reader: datetime.tzinfo, now: datetime.datetime
) -> When:
    """The time that starts then. Its end is so many minutes later, whatever clocks do meanwhile."""
    ends = later(start, datetime.timedelta(minutes=minutes))
    return When(start.astimezone(there), ends.astimezone(there), start.astimezone(reader), now.astimezone(datetime.UTC))


@dataclass(frozen=True)
class Said:
    """One time of a meeting as everybody says it: on its own clock, by name, and on that of the person who goes."""

    starts: datetime.datetime  # on the clock of its place
    reader: datetime.datetime  # on the clock of the person who goes
    whose: str  # what to call them

    def __str__(self) -> str:
        """Tue, Mar 3, 7:00 PM Pacific (10:00 PM Eastern for Alex)."""
        return f"{self.day}, {self.clock}{self._aside(f'{self.reader:%a}, ')}"

    @property
    def day(self) -> str:
        """Tue, Mar 3."""
        return f"{self.starts:%a, %b %-d}"

    @property
    def clock(self) -> str:
        """7:00 PM Pacific."""
        return _named(self.starts)

    @property
    def other(self) -> str:
        """10:00 PM Eastern for Alex; blank where their clock is the same."""
        return self._other(f"{self.reader:%a}, ")

    @property
    def weekly(self) -> str:
        """Tuesday 7:00 PM Pacific (10:00 PM Eastern for Alex)."""
        return f"{self.starts:%A} {self.clock}{self._aside(f'{self.reader:%A} ')}"

    def _other(self, day: str) -> str:
        if self.starts.utcoffset() == self.reader.utcoffset():
            return ""
        return f"{day if self.starts.date() != self.reader.date() else ''}{_named(self.reader)} for {self.whose}"

    def _aside(self, day: str) -> str:
        words = self._other(day)
        return f" ({words})" if words else ""


def said(moment: datetime.datetime, *, there: datetime.tzinfo, reader: datetime.tzinfo, whose: str) -> Said:
    """A meeting's time in words: `str()` for one of its days, `.weekly` for all of them.

    The one way in which pages and Today say when a meeting is.
    """
    return Said(moment.astimezone(there), moment.astimezone(reader), whose)


def zone_words(moment: datetime.datetime) -> str:
    """What people call its clock: Eastern, Arizona, London."""
    name = getattr(moment.tzinfo, "key", "")
    if name == "America/Phoenix":
        return "Arizona"
    if name.startswith(("America/", "Pacific/Honolulu")) and (spoken := _SPOKEN.get(moment.tzname() or "")):
        return spoken
    return name.rsplit("/", 1)[-1].replace("_", " ") if "/" in name else moment.tzname() or ""


def _named(moment: datetime.datetime) -> str:
    """7:00 PM Eastern; in the hour that comes twice its own name is enough."""
    words = _clock(moment)
    return f"{words} {zone_words(moment)}" if words.endswith("M") else words


def _clock(moment: datetime.datetime) -> str:
    """7:00 PM; in the hour that comes twice, 1:30 AM EDT or EST."""
    words = f"{moment:%-I:%M %p}"
    comes_twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    really = moment.astimezone(datetime.UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(
        tzinfo=None
    )
    return f"{words} {moment:%Z}" if comes_twice and really else words

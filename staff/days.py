"""When a local day begins and ends; days and moments in words, as American readers write them: “Nov 27, 2026”."""

from __future__ import annotations

import calendar
import datetime
import zoneinfo


def beginning_of(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """The first moment of a local day."""
    return datetime.datetime.combine(day, datetime.time.min, zone)


def end_of(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """The first moment after a local day: anything earlier belongs to that day or one before."""
    return beginning_of(day + datetime.timedelta(days=1), zone)


def later(moment: datetime.datetime, length: datetime.timedelta) -> datetime.datetime:
    """The moment after so much time has passed, in UTC. Plain addition moves a wall clock on instead, and is an hour
    off when the clocks change meanwhile.
    """
    return moment.astimezone(datetime.UTC) + length


def sunday_of(day: datetime.date) -> datetime.date:
    """The first day of a day's week."""
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month so many months later, or that month's last day: a year after Feb 29 is Feb 28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_in_words(day: datetime.date) -> str:
    """A calendar day, e.g. “Nov 27, 2026”."""
    return f"{day:%b} {day.day}, {day.year}"


def moment_in_words(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """A moment by the clocks of `zone`, e.g. “Nov 27, 2026, 3:40 PM”."""
    local = moment.astimezone(zone)
    return f"{day_in_words(local.date())}, {local:%I:%M %p}".replace(", 0", ", ")

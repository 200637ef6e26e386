"""The one place that validates dates, times, and years that people type, in a form, a URL, or a function call.

Nothing happened before 1900, nothing is planned for 2200, and a year such as 88 is questioned. The fields in
`typed_fields.py` say so beside the input; functions that write call `check_days` and `check_moment`; columns that hold
such days have a rule from `day_rules` in the database. A client's days are also checked against the birth date
(`cases.possible_days`).
"""

from __future__ import annotations

import datetime
import re

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from staff.days import day_in_words
from staff.refusals import Refusal

EARLIEST_DAY = datetime.date(1900, 1, 1)
FIRST_DAY_TOO_LATE = datetime.date(2200, 1, 1)
LATEST_DAY = FIRST_DAY_TOO_LATE - datetime.timedelta(days=1)

# How far ahead a day may lie, in days after today. Beyond it a mistyped year is likelier than a plan.
PLANS = 5 * 366
LONG_TERM = 50 * 366

_MISTYPED_CENTURY = 50 * 365  # days ahead from which the same day a hundred years ago is more likely meant
_AS_IN_ADDRESSES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_THE_CLOCKS_TICK = datetime.timedelta(minutes=1)


class DayNotPossible(Refusal):
    """An implausible day."""

    sentence = "This date isn’t valid. Check the year."


class LongPast(DayNotPossible):
    """A day longer ago than a lifetime."""

    sentence = "This date is before 1900. Check the year."


class FarAhead(DayNotPossible):
    """A day further ahead than anyone plans."""

    sentence = "This date is too far in the future. Check the year."


class StillAhead(DayNotPossible):
    """A future day for something that has already happened."""

    sentence = "This date is in the future. Enter today or earlier."


class SkippedTime(DayNotPossible):
    """A time of day that does not exist on that day, since the clocks go forward over it."""


def check_days(*days: datetime.date | None, ahead: int | None = None, today: datetime.date | None = None) -> None:
    """Refuse days before 1900 and after 2199, and those more than `ahead` days after `today`, if both are given.

    Raises LongPast, FarAhead, and StillAhead for any day after today if `ahead` is 0.
    """
    latest = LATEST_DAY if ahead is None or today is None else today + datetime.timedelta(days=ahead)
    for day in days:
        if day is None:
            continue
        if day < EARLIEST_DAY:
            raise LongPast(_years_of_two_digits(day, latest))
        if day > latest:
            raise (StillAhead if ahead == 0 and day <= LATEST_DAY else FarAhead)(_century_too_late(day, latest, ahead))


def check_year(year: int, *, today: datetime.date) -> None:
    """Refuse a year in which nothing can have happened: before 1900, or after today's.

    Raises LongPast, StillAhead, FarAhead.
    """
    if not 1 <= year <= LATEST_DAY.year:
        refusal = LongPast if year < 1 else FarAhead
        raise refusal(refusal.sentence.replace("date", "year").replace("today", "this year"))
    check_days(datetime.date(year, 1, 1), ahead=0, today=today)


def check_moments(*moments: datetime.datetime | None) -> None:
    """Refuse aware moments outside 1900 to 2199, which no clock of a clinic can show. Raises LongPast, FarAhead."""
    for moment in moments:
        if moment is not None:
            check_days(moment.date())


def check_past(*moments: datetime.datetime | None, now: datetime.datetime) -> None:
    """The same for past events, with a minute of tolerance for clocks that differ. Raises StillAhead, too."""
    check_moments(*moments)
    if any(moment is not None and moment > now + _THE_CLOCKS_TICK for moment in moments):
        raise StillAhead("This time is in the future. Enter a time that has passed.")


def wall_clock(day: datetime.date, time: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """The moment at which the clocks of `zone` show that time on that day.

    A time that occurs twice in fall means its first occurrence, everywhere. Raises SkippedTime for one that the clocks
    skip in spring, LongPast and FarAhead for an impossible day.
    """
    check_days(day)
    shown = datetime.datetime.combine(day, time.replace(tzinfo=None, fold=0))
    moment = shown.replace(tzinfo=zone)
    if moment.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != shown:
        skipped = f"{shown:%I:%M %p}".lstrip("0")
        raise SkippedTime(
            f"{skipped} doesn’t exist on {day_in_words(day)}: clocks spring forward that night. Enter a time "
            "before or after the missing hour."
        )
    return moment


def wall_clock_or_next(day: datetime.date, time: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """The same for scheduled times that no one types: a time that the clocks skip moves to the next valid hour."""
    try:
        return wall_clock(day, time, zone)
    except SkippedTime:
        shown = datetime.datetime.combine(day, time).replace(tzinfo=zone)
        return shown.astimezone(datetime.UTC).astimezone(zone)


def wall_clock_after(begun: datetime.datetime, time: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """The next moment after `begun` at which the clocks of `zone` show that time: the same night or the next day.

    If the time occurs twice and its first occurrence is over, it is the second. Raises like `wall_clock`.
    """
    day = begun.astimezone(zone).date()
    first = wall_clock(day, time, zone)
    for moment in (first, first.replace(fold=1)):
        if moment.timestamp() > begun.timestamp():
            return moment
    return wall_clock(day + datetime.timedelta(days=1), time, zone)


def minutes_between(begun: datetime.datetime, ended: datetime.datetime) -> int:
    """Real minutes from one moment to another, even overnight across a clock change."""
    return int((ended.timestamp() - begun.timestamp()) // 60)


def day_in_address(text: str) -> datetime.date | None:
    """A day as an address carries it, 2026-03-08; None for anything else and for days that cannot be."""
    try:
        day = datetime.date.fromisoformat(text) if _AS_IN_ADDRESSES.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and EARLIEST_DAY <= day <= LATEST_DAY else None


def moment_in_address(text: str) -> datetime.datetime | None:
    """A moment with its time zone from an address that we made: ISO 8601; None if it is anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return None if found is None or timezone.is_naive(found) else found


def _years_of_two_digits(day: datetime.date, latest: datetime.date) -> str | None:
    """For the year 88, which a browser sends as 0088: which year is likely meant."""
    if day.year >= 100:
        return None
    meant = next((year for year in (2000 + day.year, 1900 + day.year) if year <= latest.year), 1900 + day.year)
    return f"This is the year {day.year}. Did you mean {meant}? Enter a four-digit year."


def _century_too_late(day: datetime.date, latest: datetime.date, ahead: int | None) -> str | None:
    if (day - latest).days > _MISTYPED_CENTURY and day.year - 100 <= latest.year:
        still = "is in the future" if ahead == 0 else "is too far in the future"
        return f"This date {still}. Did you mean {day.year - 100}? Enter a four-digit year."
    if ahead == PLANS:
        return "This date is more than 5 years in the future. Check the year."
    return None

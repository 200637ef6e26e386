"""Spans of use and the stretches between them, and how exactly their ends are known.

A last day known only to the month or the year is stored as one day of it. This module computes the earliest it can have
been. A date that the client states within that month is then more exact, not a contradiction.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.codes import Precision
from cases.models import Relapse, SobrietyStatement

EXACT = Precision.DAY
ONE_DAY = datetime.timedelta(days=1)
IN_REMISSION = datetime.timedelta(days=90)  # early remission begins at three months (DSM-5): a recovery of its own


@dataclass(frozen=True)
class Stretch:
    """Days without use, half-open: `end` is the first day that no longer belongs to it."""

    start: datetime.date
    end: datetime.date
    about: bool = False  # one of its edges is not known to the day

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days


@dataclass(frozen=True)
class Use:
    """Adjacent returns to use as one span. `earliest` is the earliest possible last day."""

    first: datetime.date
    last: datetime.date
    earliest: datetime.date
    first_about: bool
    last_precision: Precision

    def joined_to(self, later: Use) -> Use:
        """This one and another that begins no earlier and touches it."""
        ends_with = max(self, later, key=lambda each: (each.last, each.last_precision != EXACT))
        return Use(
            self.first, ends_with.last, max(self.earliest, later.earliest), self.first_about, ends_with.last_precision
        )


def stretches(events: Iterable[Relapse], statements: Iterable[SobrietyStatement], on: datetime.date) -> list[Stretch]:
    """Every stretch without use up to a day, oldest first. Time before anything is known counts for nothing.

    Nor does time after use that stopped no one knows when, but from a date that the client has stated.
    """
    stated = [each.sobriety_date for each in in_order(statements) if each.sobriety_date <= on]
    edges: list[tuple[Use | None, datetime.date, bool]] = []
    before: Use | None = None
    for use in uses(events, on):
        edges.append((before, use.first, use.first_about))
        before = use
    edges.append((before, on, False))
    found = []
    for earlier, end, end_about in edges:
        first, first_about = _beginning(earlier, [day for day in stated if day < end])
        if first is not None and first < end:
            found.append(Stretch(first, end, about=first_about or end_about))
    return found


def uses(events: Iterable[Relapse], on: datetime.date) -> list[Use]:
    """Spans of use up to a day, merged if they touch; open use lasts until that day."""
    found: list[Use] = []
    for event in sorted((each for each in events if not each.is_voided), key=lambda each: each.started_on):
        goes_on = event.ended_on is None or event.ended_on > on
        use = Use(
            event.started_on,
            on if goes_on else event.ended_on or on,
            on if goes_on else earliest_end(event),
            event.started_precision != EXACT,
            EXACT if goes_on else Precision(event.ended_precision),
        )
        if found and use.first <= found[-1].last + ONE_DAY:
            found[-1] = found[-1].joined_to(use)
        else:
            found.append(use)
    return found


def earliest_end(event: Relapse) -> datetime.date:
    """The earliest possible last day of use of a return to use that has ended."""
    assert event.ended_on is not None
    match event.ended_precision:
        case Precision.MONTH:
            return max(event.started_on, event.ended_on.replace(day=1))
        case Precision.YEAR:
            return max(event.started_on, event.ended_on.replace(month=1, day=1))
        case Precision.UNKNOWN:
            return event.started_on
    return event.ended_on


def latest_end(event: Relapse, told: datetime.date) -> datetime.date:
    """The latest possible last day of use of a return to use that has ended, reported on a local day.

    If no one knows when it stopped, it may have lasted until the day it was reported.
    """
    assert event.ended_on is not None
    match event.ended_precision:
        case Precision.DAY:
            return event.ended_on
        case Precision.MONTH:
            last = calendar.monthrange(event.ended_on.year, event.ended_on.month)[1]
            latest = event.ended_on.replace(day=last)
        case Precision.YEAR:
            latest = event.ended_on.replace(month=12, day=31)
        case _:
            latest = told
    return max(event.ended_on, min(latest, told))


def in_order(statements: Iterable[SobrietyStatement]) -> list[SobrietyStatement]:
    """Statements in the order in which they were made."""
    return sorted(statements, key=lambda each: (each.stated_at, each.pk))


def that_add(
    events: Sequence[Relapse], statements: Iterable[SobrietyStatement], others: Iterable[Relapse] = ()
) -> list[SobrietyStatement]:
    """General statements that apply to one substance; `events` are its returns to use, `others` all of them.

    A stated date applies to the substance too. The exception: if something else was used in between, three months or
    more after this substance's last use, the date refers to that use, and the longer time without this substance
    counts. If there are several before its first known use, the earliest counts, which adds the time before.
    """
    if not events:
        return []
    first = min(event.started_on for event in events)
    before = [each for each in statements if each.sobriety_date < first]
    since = [each for each in statements if each.sobriety_date >= first]
    kept = [min(before, key=lambda each: each.sobriety_date)] if before else []
    return [*kept, *(each for each in since if _holds(each.sobriety_date, events, others))]


def _holds(stated: datetime.date, events: Sequence[Relapse], others: Iterable[Relapse]) -> bool:
    """Whether a stated date refers to this substance and not to another one used since."""
    ended = [event for event in events if event.ended_on is not None and earliest_end(event) < stated]
    if not ended:
        return True
    last = max(event.ended_on for event in ended if event.ended_on is not None)
    own = {event.pk for event in events}
    later = (each for each in others if each.pk not in own and each.counts and each.started_on < stated)
    return not any((each.ended_on or each.started_on) - last >= IN_REMISSION for each in later)


def _beginning(earlier: Use | None, stated: list[datetime.date]) -> tuple[datetime.date | None, bool]:
    """The first day of the stretch after some use, and whether it is approximate. None if unknown."""
    if earlier is None:
        return (stated[-1] if stated else None), False
    inside = [day for day in stated if day > earlier.earliest]
    if inside:
        return inside[-1], False
    if earlier.last_precision == Precision.UNKNOWN:
        return None, False
    return earlier.last + ONE_DAY, earlier.last_precision != EXACT


def days_of_use(events: Sequence[Relapse], on: datetime.date) -> int | None:
    """Days of use in several returns to use up to a day, or None if one of them does not say.

    Overlapping returns share days: together they never have more days than there were. If the last day of one is
    unknown, the number of days is unknown.
    """
    if not events or any(each.days_used is None for each in events):
        return None
    used = sum(each.days_used or 0 for each in events)
    if any(each.ended_on is not None and each.ended_precision != Precision.DAY for each in events):
        return used
    days = {
        each.started_on + datetime.timedelta(days=place)
        for each in events
        for place in range(((each.ended_on or on) - each.started_on).days + 1)
    }
    return min(used, len(days))

"""Where somebody stands in recovery, derived from what is recorded; no counter is stored anywhere.

A return to use never erases what came before it: lifetime recovery days and the longest streak keep counting every
stretch without use. Medication taken as prescribed never moves a date.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from cases.codes import Precision, Substance
from cases.models import Client, Relapse, SobrietyStatement
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

EXACT = Precision.DAY
DAY_MILESTONES = (1, 30, 60, 90)
MONTH_MILESTONES = (6, 9, 12, 18)
YEARS_AHEAD = 5


class DateStillToCome(Refusal):
    """A sobriety date in the future."""

    sentence = "A sobriety date cannot be in the future."


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on one day. All counts are whole local days; None where nothing can honestly be counted."""

    currently_using: bool
    last_use_date: datetime.date | None
    sobriety_date: datetime.date | None
    days_since_last_use: int | None
    recovery_days: int | None
    lifetime_recovery_days: int
    longest_streak: int
    approximate: bool  # the last use is known to the month or year only: say “about”, celebrate nothing


@dataclass(frozen=True)
class Milestone:
    """A day worth marking."""

    label: str
    on: datetime.date


@dataclass(frozen=True)
class Stretch:
    """Days without use, half-open: `end` is the first day that no longer belongs to it."""

    start: datetime.date
    end: datetime.date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days


def standing(client: Client, on: datetime.date, *, substance: Substance | None = None) -> Standing:
    """Where the client stands on a local day, over all substances or for one of them.

    Only confirmed returns to use count. A return to use that has not ended by that day means “currently using”: then
    there is a last known use but no counter.
    """
    return standing_from(events_of(client, substance=substance), statements_of(client), on)


def standing_from(events: Sequence[Relapse], statements: Sequence[SobrietyStatement], on: datetime.date) -> Standing:
    """`standing` over rows already at hand, for pages that show many people at once."""
    begun = [event for event in events if event.is_confirmed and event.started_on <= on]
    past = stretches(begun, statements, on)
    using = any(event.ended_on is None or event.ended_on > on for event in begun)
    ended = [event for event in begun if event.ended_on is not None and event.ended_on <= on]
    last = max(ended, key=lambda event: event.ended_on or event.started_on, default=None)
    last_use = last.ended_on if last else None
    lifetime, longest = sum(each.days for each in past), max((each.days for each in past), default=0)
    if using:
        return Standing(True, last_use, None, None, None, lifetime, longest, approximate=False)
    date = _sobriety_date(last_use, statements, on)
    stated_later = date is not None and last_use is not None and date > last_use + datetime.timedelta(days=1)
    return Standing(
        currently_using=False,
        last_use_date=last_use,
        sobriety_date=date,
        days_since_last_use=(on - last_use).days if last_use else None,
        recovery_days=max(0, (on - date).days) if date else None,
        lifetime_recovery_days=lifetime,
        longest_streak=longest,
        approximate=last is not None and last.ended_precision != EXACT and not stated_later,
    )


def stretches(events: Iterable[Relapse], statements: Iterable[SobrietyStatement], on: datetime.date) -> list[Stretch]:
    """Every stretch without use up to a day, oldest first. Time before anything is known counts for nothing."""
    spans = _joined(events, on)
    stated = sorted(
        (each for each in statements if each.sobriety_date <= on), key=lambda each: (each.stated_at, each.pk)
    )
    edges: list[tuple[datetime.date | None, datetime.date]] = []
    previous: datetime.date | None = None
    for start, end in spans:
        edges.append((previous, start))
        previous = end + datetime.timedelta(days=1)
    edges.append((previous, on))
    found = []
    for begin, end in edges:
        inside = [
            each.sobriety_date
            for each in stated
            if (begin is None or each.sobriety_date > begin) and each.sobriety_date < end
        ]
        first = inside[-1] if inside else begin
        if first is not None and first < end:
            found.append(Stretch(first, end))
    return found


def state(*, client: Client, sobriety_date: datetime.date, by: StaffMember) -> SobrietyStatement:
    """Record the sobriety date as the client states it. Earlier statements stay. Raises NotPermitted, DateStillToCome.

    It stands where it is later than the last known use; a later return to use moves the date on by itself.
    """
    demand(by, Permission.RELAPSE_RECORD, client)
    if sobriety_date > timezone.localdate(timezone=client.clinic.zone):
        raise DateStillToCome
    with act("cases.state_sobriety_date", by=by, client=client) as entry:
        statement = SobrietyStatement.objects.create(
            client=client, sobriety_date=sobriety_date, stated_at=timezone.now(), recorded_by=by
        )
        entry.about(statement)
    return statement


def milestones(client: Client, *, substance: Substance | None = None) -> list[Milestone]:
    """The milestones of the client's present stretch, past ones and those of the next years, each once.

    None while somebody is using, and none where the last use is known to the month or year only. Days are counted from
    the sobriety date; months and years are calendar ones, clamped to the month's end: 29 Feb + 1 year = 28 Feb.
    """
    today = timezone.localdate(timezone=client.zone)
    now = standing(client, today, substance=substance)
    if now.currently_using or now.approximate or now.sobriety_date is None:
        return []
    return milestones_from(now.sobriety_date, until=_plus_months(today, 12 * YEARS_AHEAD))


def milestones_from(date: datetime.date, *, until: datetime.date) -> list[Milestone]:
    """Milestones after a sobriety date, up to a day."""
    marks = [
        Milestone("1 day" if days == 1 else f"{days} days", date + datetime.timedelta(days=days))
        for days in DAY_MILESTONES
    ]
    marks += [Milestone(f"{months} months", _plus_months(date, months)) for months in MONTH_MILESTONES if months % 12]
    year = 1
    while _plus_months(date, 12 * year) <= until:
        marks.append(Milestone("1 year" if year == 1 else f"{year} years", _plus_months(date, 12 * year)))
        year += 1
    return sorted((mark for mark in marks if mark.on <= until), key=lambda mark: mark.on)


def events_of(client: Client, *, substance: Substance | None = None) -> list[Relapse]:
    """The client's returns to use, oldest first; those with one substance if told."""
    events = Relapse.objects.filter(client=client).order_by("started_on", "pk")
    if substance is not None:
        events = events.filter(substances__substance=substance)
    return list(events)


def statements_of(client: Client) -> list[SobrietyStatement]:
    """Every sobriety date that the client has stated, oldest statement first."""
    return list(SobrietyStatement.objects.filter(client=client).order_by("stated_at", "pk"))


def _sobriety_date(
    last_use: datetime.date | None, statements: Sequence[SobrietyStatement], on: datetime.date
) -> datetime.date | None:
    stated = [each for each in statements if each.sobriety_date <= on]
    latest = max(stated, key=lambda each: (each.stated_at, each.pk)).sobriety_date if stated else None
    if last_use is None:
        return latest
    if latest is not None and latest > last_use:
        return latest
    return last_use + datetime.timedelta(days=1)


def _joined(events: Iterable[Relapse], on: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    """Spans of use as (first day, last day), joined where they touch; open use lasts until the day asked about."""
    spans: list[tuple[datetime.date, datetime.date]] = []
    for event in sorted(events, key=lambda each: each.started_on):
        end = min(event.ended_on or on, on)
        if spans and event.started_on <= spans[-1][1] + datetime.timedelta(days=1):
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((event.started_on, end))
    return spans


def _plus_months(date: datetime.date, months: int) -> datetime.date:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return date.replace(year=year, month=month + 1, day=min(date.day, calendar.monthrange(year, month + 1)[1]))

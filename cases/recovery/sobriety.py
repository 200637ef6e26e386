"""Recovery status, derived from recorded dates; no counter is stored.

A return to use never erases what came before it: lifetime recovery days and the longest streak keep counting every
stretch without use. Medication taken as prescribed never moves a date.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from cases.codes import Precision, Substance
from cases.models import Client, Relapse, SobrietyStatement
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.days import months_after
from staff.models import StaffMember
from staff.reading import Reading, known, query, reads, rows, together
from staff.refusals import Refusal

from .spans import EXACT, ONE_DAY, Stretch, earliest_end, in_order, stretches, that_add

__all__ = [
    "DateStillToCome",
    "Milestone",
    "Standing",
    "Stretch",
    "events_of",
    "milestones",
    "milestones_from",
    "standing",
    "standing_from",
    "state",
    "statements_of",
    "stretches",
]

DAY_MILESTONES = (1, 30, 60, 90)
MONTH_MILESTONES = (6, 9, 12, 18)
YEARS_AHEAD = 5


class DateStillToCome(Refusal):
    """A sobriety date in the future."""

    sentence = "The sobriety date can’t be in the future."


@dataclass(frozen=True)
class Standing:
    """Recovery status on one day. All counts are whole local days; None if nothing can honestly be counted."""

    currently_using: bool
    last_use_date: datetime.date | None
    sobriety_date: datetime.date | None
    days_since_last_use: int | None
    recovery_days: int | None
    lifetime_recovery_days: int
    longest_streak: int
    approximate: bool  # the sobriety date is not known to the day: say “about”, celebrate nothing
    last_use_approximate: bool = False  # nor is the last use, whatever date the client has stated since
    lifetime_approximate: bool = False
    longest_approximate: bool = False

    @property
    def lives_its_longest(self) -> bool:
        """Whether the current stretch is the longest so far, so its days may be shown first."""
        return bool(self.recovery_days) and self.recovery_days == self.longest_streak


@dataclass(frozen=True)
class Milestone:
    """A day worth marking."""

    label: str
    on: datetime.date


@reads
def standing(client: Client, on: datetime.date, *, substance: Substance | None = None) -> Reading[Standing]:
    """Recovery status on a local day, over all substances or for one.

    Only confirmed returns to use count. A return to use that has not ended by that day means “currently using”: then
    there is a last known use but no counter. A substance that was never used has no standing: nothing is counted.
    """
    events, others, statements = yield from together(
        events_of.part(client, substance=substance),
        known([]) if substance is None else events_of.part(client),
        statements_of.part(client),
    )
    return standing_from(events, statements, on, one_substance=substance is not None, others=others)


def standing_from(
    events: Sequence[Relapse],
    statements: Sequence[SobrietyStatement],
    on: datetime.date,
    *,
    one_substance: bool = False,
    others: Sequence[Relapse] = (),
) -> Standing:
    """`standing` for rows already loaded, for pages that show many people at once.

    With `one_substance`, `events` are those with that substance and `others` are all of the person's. A client's
    statement covers all use, so it applies to each substance; `spans.that_add` handles the exception.
    """
    begun = [event for event in events if event.counts and event.started_on <= on]
    if one_substance:
        statements = that_add(begun, statements, [event for event in others if event.started_on <= on])
    past = stretches(begun, statements, on)
    longest = max(past, key=lambda each: each.days, default=None)
    ended = [event for event in begun if event.ended_on is not None and event.ended_on <= on]
    last = max(ended, key=lambda event: (event.ended_on, event.ended_precision != EXACT), default=None)
    using = any(event.ended_on is None or event.ended_on > on for event in begun)
    date, is_stated = (None, False) if using else _sobriety_date(last, ended, statements, on)
    when_known = last is not None and last.ended_precision != Precision.UNKNOWN and not using
    about = last is not None and last.ended_precision != EXACT and not using
    return Standing(
        currently_using=using,
        last_use_date=last.ended_on if last else None,
        sobriety_date=date,
        days_since_last_use=(on - last.ended_on).days if when_known and last and last.ended_on else None,
        recovery_days=max(0, (on - date).days) if date else None,
        lifetime_recovery_days=sum(each.days for each in past),
        longest_streak=longest.days if longest else 0,
        approximate=about and not is_stated,
        last_use_approximate=about,
        lifetime_approximate=any(each.about for each in past),
        longest_approximate=longest is not None and longest.about,
    )


def state(*, client: Client, sobriety_date: datetime.date, by: StaffMember) -> SobrietyStatement:
    """Record a sobriety date as the client states it. Earlier statements are kept.

    Raises NotPermitted, DateStillToCome, BeforeBirth, LongPast.

    It counts if it is later than the last known use; a later return to use moves the date automatically.
    """
    demand(by, Permission.RELAPSE_RECORD, client)
    if sobriety_date > client.today:
        raise DateStillToCome
    check_possible(client, sobriety_date)
    with act("cases.state_sobriety_date", by=by, client=client) as entry:
        statement = SobrietyStatement.objects.create(
            client=client, sobriety_date=sobriety_date, stated_at=timezone.now(), recorded_by=by
        )
        entry.about(statement)
    return statement


@reads
def milestones(client: Client, *, substance: Substance | None = None) -> Reading[list[Milestone]]:
    """The milestones of the client's present stretch, past ones and those of the next years, each once.

    None while someone is using, or if the last use is known only to the month or year. Days are counted from the
    sobriety date; months and years are calendar ones, clamped to the month's end: Feb 29 + 1 year = Feb 28.
    """
    today = client.today
    now = yield from standing.part(client, today, substance=substance)
    if now.currently_using or now.approximate or now.sobriety_date is None:
        return []
    return milestones_from(now.sobriety_date, until=months_after(today, 12 * YEARS_AHEAD))


def milestones_from(date: datetime.date, *, until: datetime.date) -> list[Milestone]:
    """Milestones after a sobriety date, up to a day."""
    marks = [
        Milestone("1 day" if days == 1 else f"{days} days", date + datetime.timedelta(days=days))
        for days in DAY_MILESTONES
    ]
    marks += [Milestone(f"{months} months", months_after(date, months)) for months in MONTH_MILESTONES if months % 12]
    year = 1
    while months_after(date, 12 * year) <= until:
        marks.append(Milestone("1 year" if year == 1 else f"{year} years", months_after(date, 12 * year)))
        year += 1
    return sorted((mark for mark in marks if mark.on <= until), key=lambda mark: mark.on)


@reads
def events_of(client: Client, *, substance: Substance | None = None) -> Reading[list[Relapse]]:
    """The client's returns to use, oldest first; those with one substance if told."""
    return (yield from rows(query(_events, client=client, substance=substance)))


def _events(client: Client, substance: str | None) -> QuerySet[Relapse]:
    events = Relapse.objects.filter(client=client).order_by("started_on", "pk")
    return events if substance is None else events.filter(substances__substance=substance)


@reads
def statements_of(client: Client) -> Reading[list[SobrietyStatement]]:
    """Every sobriety date that the client has stated, oldest statement first."""
    stated = query(
        lambda client: SobrietyStatement.objects.filter(client=client).order_by("stated_at", "pk"), client=client
    )
    return (yield from rows(stated))


def _sobriety_date(
    last: Relapse | None, ended: Sequence[Relapse], statements: Sequence[SobrietyStatement], on: datetime.date
) -> tuple[datetime.date | None, bool]:
    """The date recovery is counted from, and whether the client stated it.

    The client's statement counts if it is later than the last use, or than the earliest day the last use can have been.
    """
    stated = [each.sobriety_date for each in in_order(statements) if each.sobriety_date <= on]
    if stated and stated[-1] > max((earliest_end(event) for event in ended), default=datetime.date.min):
        return stated[-1], True
    if last is None or last.ended_on is None or last.ended_precision == Precision.UNKNOWN:
        return None, False
    return last.ended_on + ONE_DAY, False

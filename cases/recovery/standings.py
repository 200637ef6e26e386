"""Recovery status by substance, and the status of every recorded sobriety date."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cases.codes import Precision, Substance
from cases.models import Relapse, SobrietyStatement

from .sobriety import Milestone, Standing, milestones_from, standing_from
from .spans import earliest_end

NEXT_WITHIN = datetime.timedelta(days=731)


@dataclass(frozen=True)
class SubstanceStanding:
    """The status for one substance. `standing` is that of sobriety.standing(…, substance=substance)."""

    substance: Substance
    standing: Standing
    returns: int  # confirmed returns to use with it
    last_use_precision: Precision
    next_milestone: Milestone | None = None


class Became(Enum):
    """The current status of a stated date."""

    STANDS = "current"
    LATER_USE = "superseded by a later return to use"
    STATED_ANEW = "replaced by a newer date"


@dataclass(frozen=True)
class StatedDate:
    """One statement, unchanged. `used_on` is the first day of later use, if any."""

    statement: SobrietyStatement
    became: Became
    used_on: datetime.date | None = None
    used_precision: Precision = Precision.DAY


def by_substance(
    events: Sequence[Relapse], statements: Sequence[SobrietyStatement], on: datetime.date
) -> list[SubstanceStanding]:
    """One standing per substance ever used: those in use first, then by latest last use.

    `events` come with their substances prefetched. A stated sobriety date covers all use and applies to each of them
    (spans.that_add). A return to use without a recorded substance changes none of them.
    """
    used: dict[Substance, list[Relapse]] = {}
    for event in events:
        if event.counts and event.started_on <= on:
            for each in event.substances.all():
                used.setdefault(Substance(each.substance), []).append(event)
    found = [_one(substance, rows, statements, on, others=events) for substance, rows in used.items()]
    return sorted(
        found,
        key=lambda each: (
            not each.standing.currently_using,
            -(each.standing.last_use_date or datetime.date.min).toordinal(),
            each.substance.label,
        ),
    )


def without_substance(events: Sequence[Relapse]) -> int:
    """How many confirmed returns to use have no substance recorded, so none of the lines above include them."""
    return sum(event.counts and not event.substances.all() for event in events)


def stated_dates(
    events: Sequence[Relapse], statements: Sequence[SobrietyStatement], on: datetime.date
) -> list[StatedDate]:
    """Every statement, latest first, with its current status."""
    begun = [event for event in events if event.counts and event.started_on <= on]
    latest_first = sorted(statements, key=lambda each: (each.stated_at, each.pk), reverse=True)
    found = []
    for place, statement in enumerate(latest_first):
        later = min(
            (event for event in begun if event.ended_on is None or earliest_end(event) >= statement.sobriety_date),
            key=lambda event: event.started_on,
            default=None,
        )
        if later is not None:
            precision = Precision(later.started_precision)
            found.append(StatedDate(statement, Became.LATER_USE, later.started_on, precision))
        else:
            found.append(StatedDate(statement, Became.STATED_ANEW if place else Became.STANDS))
    return found


def _one(
    substance: Substance,
    events: Sequence[Relapse],
    statements: Sequence[SobrietyStatement],
    on: datetime.date,
    *,
    others: Sequence[Relapse],
) -> SubstanceStanding:
    now = standing_from(events, statements, on, one_substance=True, others=others)
    known = {Precision(each.ended_precision) for each in events if each.ended_on and each.ended_on == now.last_use_date}
    precision = next(iter(known - {Precision.DAY}), Precision.DAY)
    marks: list[Milestone] = []
    if now.sobriety_date is not None and not now.approximate:
        marks = milestones_from(now.sobriety_date, until=on + NEXT_WITHIN)
    return SubstanceStanding(
        substance, now, len(events), precision, next_milestone=next((mark for mark in marks if mark.on > on), None)
    )

"""Patterns across a client's returns to use, and what helped; unknown values are left out and listed.

High-risk situations are Marlatt's (Relapse Prevention, 1985). Nothing here predicts anything, and fewer than three
events are never called a pattern. An approximate date is never assigned to a weekday or a point in treatment, and an
unknown one to nothing.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from cases.codes import CopingOutcome, HighRiskSituation, Precision
from cases.recovery.sobriety import Stretch

from .relapse_summaries import Learned, LookingBack, Occasion, Treatment

FEWEST = 3  # fewer events, or fewer tries, say nothing about a pattern
_TO_THE_MONTH = frozenset({Precision.DAY, Precision.MONTH})


class InTreatment(Enum):
    """Point in treatment a return to use began, by whole days after the last discharge."""

    DURING = "During an episode of care"
    WITHIN_30 = "In the first 30 days after discharge"
    WITHIN_90 = "31 to 90 days after discharge"
    WITHIN_365 = "91 to 365 days after discharge"
    LATER = "More than a year after discharge"
    BEFORE = "Before any treatment on record"


@dataclass(frozen=True)
class SituationCount:
    """How often one situation played a part, and how often it was the main one."""

    situation: HighRiskSituation
    times: int
    as_primary: int

    @property
    def besides(self) -> int:
        """Times it played a part without being the main one."""
        return self.times - self.as_primary


@dataclass(frozen=True)
class Interval:
    """Days without use before a return to use; None if the dates are not known well enough to count."""

    earlier: Occasion
    later: Occasion
    days: int | None
    since: datetime.date | None = None  # the sobriety date that the person stated in between, where they did
    about: bool = False  # one of the two dates is known to the month only


@dataclass(frozen=True)
class Theme:
    """A trigger or a warning sign, and in which returns to use it was there, the earliest return first."""

    item: Learned
    there: tuple[bool, ...]

    @property
    def times(self) -> int:
        """In how many returns to use."""
        return sum(self.there)


@dataclass(frozen=True)
class Held:
    """A strategy's result in each return to use, earliest first; None if it was not tried."""

    strategy: Learned
    outcomes: tuple[CopingOutcome | None, ...]

    @property
    def tries(self) -> int:
        """How often it was tried."""
        return sum(outcome is not None for outcome in self.outcomes)

    @property
    def helped(self) -> int:
        """How often it helped."""
        return self.outcomes.count(CopingOutcome.HELPED)

    @property
    def partly(self) -> int:
        """How often it helped partly."""
        return self.outcomes.count(CopingOutcome.PARTLY)

    @property
    def did_not(self) -> int:
        """How often it did not help."""
        return self.outcomes.count(CopingOutcome.DID_NOT)


@dataclass(frozen=True)
class Placed:
    """Point in treatment one return to use began. `days_after` counts from discharge; None during and before care."""

    occasion: Occasion
    where: InTreatment
    level: str  # the level of care then, or the last one before
    days_after: int | None = None


@dataclass(frozen=True)
class Pattern:
    """Everything that the page shows. Sequences over returns to use go from the earliest to the latest."""

    occasions: tuple[Occasion, ...]
    situations: tuple[SituationCount, ...]  # the most frequent first
    without_situation: int
    intervals: tuple[Interval, ...]
    longest: Stretch | None
    triggers: tuple[Theme, ...]
    signs: tuple[Theme, ...]
    strategies: tuple[Held, ...]
    months: tuple[int, ...]  # January first; twelve counts
    without_month: int
    weekdays: tuple[int, ...]  # Monday first; seven counts
    without_day: int
    placed: tuple[Placed, ...] | None  # None where the reader may not see episodes
    unconfirmed: int

    @property
    def total(self) -> int:
        """How many returns to use are compared."""
        return len(self.occasions)

    @property
    def too_few(self) -> bool:
        """Whether there are too few of them to see a pattern."""
        return self.total < FEWEST

    @property
    def with_situation(self) -> int:
        """How many have a recorded situation: the base for the shares of situations."""
        return self.total - self.without_situation

    def where(self, where: InTreatment) -> tuple[Placed, ...]:
        """Those that began at that point."""
        return tuple(each for each in self.placed or () if each.where is where)


def compare(back: LookingBack, stretches: Iterable[Stretch] = ()) -> Pattern:
    """Compare all returns to use. `stretches` comes from sobriety.stretches.

    They give the longest stretch, and intervals whose start the client has stated as later than recorded.
    """
    occasions = tuple(sorted(back.occasions, key=lambda each: (each.started_on, each.pk)))
    stretches = tuple(stretches)
    exact = [each for each in occasions if each.day_is_known]
    to_the_month = [each for each in occasions if each.month_is_known]
    months = Counter(each.started_on.month for each in to_the_month)
    weekdays = Counter(each.started_on.weekday() for each in exact)
    return Pattern(
        occasions=occasions,
        situations=situations_of(occasions),
        without_situation=sum(not each.situations for each in occasions),
        intervals=intervals_of(occasions, stretches),
        longest=max(stretches, key=lambda each: each.days, default=None),
        triggers=_themes([each.triggers for each in occasions]),
        signs=_themes([each.signs for each in occasions]),
        strategies=strategies_of(occasions),
        months=tuple(months[month] for month in range(1, 13)),
        without_month=len(occasions) - len(to_the_month),
        weekdays=tuple(weekdays[day] for day in range(7)),
        without_day=len(occasions) - len(exact),
        placed=None if back.treatments is None else tuple(placed_in(each, back.treatments) for each in exact),
        unconfirmed=back.unconfirmed,
    )


def situations_of(occasions: Iterable[Occasion]) -> tuple[SituationCount, ...]:
    """Each situation that ever played a part, the most frequent first; of equals, the more often main one."""
    rows = list(occasions)
    times = Counter(situation for each in rows for situation in set(each.situations))
    primary = Counter(each.primary for each in rows if each.primary)
    order = list(HighRiskSituation)
    found = (SituationCount(situation, times[situation], primary[situation]) for situation in times)
    return tuple(sorted(found, key=lambda each: (-each.times, -each.as_primary, order.index(each.situation))))


def intervals_of(occasions: Sequence[Occasion], stretches: Iterable[Stretch] = ()) -> tuple[Interval, ...]:
    """The days without use before each return to use but the first, counted from the latest last day before it.

    Use that runs into the next leaves none: 0 days.
    """
    began = {each.end: each.start for each in stretches}
    found = []
    for place, later in enumerate(occasions[1:], start=1):
        earlier = max(occasions[:place], key=lambda each: each.ended_on or datetime.date.max)
        found.append(_interval(earlier, later, began.get(later.started_on)))
    return tuple(found)


def strategies_of(occasions: Sequence[Occasion]) -> tuple[Held, ...]:
    """Each strategy that was tried, the one that held most often first."""
    outcomes = [{each.strategy: each.outcome for each in occasion.tries} for occasion in occasions]
    strategies = dict.fromkeys(strategy for tried in outcomes for strategy in tried)
    found = (Held(strategy, tuple(tried.get(strategy) for tried in outcomes)) for strategy in strategies)
    return tuple(sorted(found, key=lambda each: (-each.helped, -each.partly, each.did_not, each.strategy.pk)))


def placed_in(occasion: Occasion, treatments: Iterable[Treatment]) -> Placed:
    """The point in treatment at which a return to use with an exact first day began.

    The day of discharge is still in the episode. A return to use never counts as during the episode it led to, even if
    both began on the same day.
    """
    day = occasion.started_on
    begun = [each for each in treatments if each.admitted_on <= day and each.brought_by != occasion.pk]
    current = [each for each in begun if each.discharged_on is None or each.discharged_on >= day]
    if current:
        episode = max(current, key=lambda each: each.admitted_on)
        return Placed(occasion, InTreatment.DURING, episode.level_on(day))
    left = [(each.discharged_on, each) for each in begun if each.discharged_on is not None]
    if not left:
        return Placed(occasion, InTreatment.BEFORE, "")
    discharged_on, episode = max(left, key=lambda each: each[0])
    days = (day - discharged_on).days
    limits = ((30, InTreatment.WITHIN_30), (90, InTreatment.WITHIN_90), (365, InTreatment.WITHIN_365))
    where = next((where for limit, where in limits if days <= limit), InTreatment.LATER)
    return Placed(occasion, where, episode.level_on(discharged_on), days)


def _interval(earlier: Occasion, later: Occasion, began: datetime.date | None) -> Interval:
    precisions = {earlier.ended_precision, later.started_precision}
    if earlier.ended_on is None:
        return Interval(earlier, later, None)
    derived = earlier.ended_on + datetime.timedelta(days=1)
    stated = began if began is not None and began != derived else None
    if stated is not None:
        precisions = {later.started_precision}
    if not precisions <= _TO_THE_MONTH:
        return Interval(earlier, later, None)
    days = max(0, (later.started_on - (stated or derived)).days)
    return Interval(earlier, later, days, stated, about=Precision.MONTH in precisions)


def _themes(each_time: Sequence[Sequence[Learned]]) -> tuple[Theme, ...]:
    items = dict.fromkeys(item for there in each_time for item in there)
    found = (Theme(item, tuple(item in there for there in each_time)) for item in items)
    return tuple(sorted(found, key=lambda each: (-each.times, each.item.pk)))

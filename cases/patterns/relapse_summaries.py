"""Summaries of returns to use, with just what is needed to compare them.

Reading is separate from comparing (cases.patterns), so tests can compare recorded summaries.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from cases.codes import CopingOutcome, HighRiskSituation, Precision
from cases.models import Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from staff.access import Permission, can
from staff.models import StaffMember
from staff.models.clinic import Setting
from staff.reading import Reading, known, query, reads, rows, together


@dataclass(frozen=True)
class Learned:
    """A trigger, a warning sign or a strategy, by its row and in the person's words."""

    pk: int
    wording: str


@dataclass(frozen=True)
class Try:
    """A strategy that was tried once, and its result."""

    strategy: Learned
    outcome: CopingOutcome


@dataclass(frozen=True)
class Occasion:
    """One confirmed return to use. `ended_on` is the last day of use; None while it is ongoing."""

    pk: int
    started_on: datetime.date
    ended_on: datetime.date | None
    started_precision: Precision = Precision.DAY
    ended_precision: Precision = Precision.DAY
    situations: tuple[HighRiskSituation, ...] = ()
    primary: HighRiskSituation | None = None
    triggers: tuple[Learned, ...] = ()
    signs: tuple[Learned, ...] = ()
    tries: tuple[Try, ...] = ()
    feeling: str = ""
    precipitant: str = ""

    @property
    def day_is_known(self) -> bool:
        """Whether the first day is known exactly: only then does it have a weekday and a place in treatment."""
        return self.started_precision is Precision.DAY

    @property
    def month_is_known(self) -> bool:
        """Whether the first day is known at least to the month."""
        return self.started_precision in {Precision.DAY, Precision.MONTH}


@dataclass(frozen=True)
class Level:
    """A level of care from a local day on, until the next one or the end of the episode."""

    since: datetime.date
    name: str


@dataclass(frozen=True)
class Treatment:
    """One episode of care. `brought_by` is the return to use that led to it."""

    admitted_on: datetime.date
    discharged_on: datetime.date | None
    levels: tuple[Level, ...] = ()
    brought_by: int | None = None

    def level_on(self, day: datetime.date) -> str:
        """The level of care on a day, or the last level before discharge for a day after it. Empty if unknown."""
        begun = [level.name for level in self.levels if level.since <= day]
        return begun[-1] if begun else ""


@dataclass(frozen=True)
class LookingBack:
    """The parts of a person's past that a reader may see. `treatments` is None if they may not see episodes."""

    occasions: tuple[Occasion, ...]  # the earliest first
    treatments: tuple[Treatment, ...] | None
    unconfirmed: int  # reports that no one has confirmed, which are not compared


@reads
def looking_back(client: Client, *, staff_member: StaffMember) -> Reading[LookingBack]:
    """Read it: three statements, however many returns to use there were."""
    recorded = query(
        lambda client, by: (
            Relapse.objects.visible_to(by)
            .filter(client=client)
            .prefetch_related("triggers", "warning_signs", "coping__strategy")
            .order_by("started_on", "pk")
        ),
        client=client,
        by=staff_member,
    )
    returns, treatments = yield from together(
        rows(recorded),
        _treatments(client, staff_member) if can(staff_member, Permission.EPISODE_VIEW) else known(None),
    )
    return LookingBack(
        occasions=tuple(_occasion(row) for row in returns if row.is_confirmed),
        treatments=treatments,
        unconfirmed=sum(not row.is_confirmed for row in returns),
    )


def _occasion(row: Relapse) -> Occasion:
    return Occasion(
        pk=row.pk,
        started_on=row.started_on,
        ended_on=row.ended_on,
        started_precision=Precision(row.started_precision),
        ended_precision=Precision(row.ended_precision),
        situations=tuple(HighRiskSituation(each) for each in row.situations),
        primary=HighRiskSituation(row.primary_situation) if row.primary_situation else None,
        triggers=tuple(Learned(each.pk, each.wording) for each in row.triggers.all()),
        signs=tuple(Learned(each.pk, each.wording) for each in row.warning_signs.all()),
        tries=tuple(
            Try(Learned(each.strategy_id, each.strategy.wording), CopingOutcome(each.outcome))
            for each in row.coping.all()
        ),
        feeling=row.emotional_state.strip(),
        precipitant=row.precipitant.strip(),
    )


def _treatments(client: Client, staff_member: StaffMember) -> Reading[tuple[Treatment, ...]]:
    levels, episodes = yield from together(
        rows(
            query(
                lambda client, by: (
                    LevelOfCarePeriod.objects.visible_to(by).filter(episode__client=client).order_by("starts_at")
                ),
                client=client,
                by=staff_member,
            )
        ),
        rows(
            query(
                lambda client, by: (
                    TreatmentEpisode.objects.visible_to(by).filter(client=client).order_by("admitted_on", "pk")
                ),
                client=client,
                by=staff_member,
            )
        ),
    )
    periods: dict[int, list[LevelOfCarePeriod]] = {}
    for period in levels:
        periods.setdefault(period.episode_id, []).append(period)
    return tuple(
        Treatment(
            admitted_on=episode.admitted_on,
            discharged_on=episode.discharged_on,
            levels=tuple(_levels(periods.get(episode.pk, ()), client)),
            brought_by=episode.relapse_id,
        )
        for episode in episodes
    )


def _levels(periods: Iterable[LevelOfCarePeriod], client: Client) -> Iterable[Level]:
    for period in periods:
        name = f"Level {period.level_code}, {Setting(period.setting).in_sentence}"
        yield Level(timezone.localdate(period.starts_at, client.clinic.zone), name)

"""Which measures are due, derived from episodes, levels of care and completed measures; nothing is stored.

The first is due so many days after the client entered a group of levels, the next so many days after the last one in
this episode. A measure with a missing answer, or one entered in error, does not count.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.utils import timezone

from cases.models import Client, LevelOfCarePeriod, TreatmentEpisode
from counseling.codes import CareGroup, Instrument
from counseling.models import Measure
from staff.models import Clinic
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, query, reads, rows, together

from . import measure_schedule
from .measure_schedule import Rule, Schedule

_ORDER = list(Instrument)


@dataclass(frozen=True)
class Due:
    """When one instrument is due for one client."""

    instrument: Instrument
    due_on: datetime.date
    last_on: datetime.date | None  # the last one of this episode
    today: datetime.date

    @property
    def is_overdue(self) -> bool:
        """The day is over."""
        return self.due_on < self.today

    @property
    def is_now(self) -> bool:
        """It is due: from the day of admission if never completed, otherwise from its due date."""
        return not self.is_overdue and (self.last_on is None or self.due_on <= self.today)

    @property
    def is_asked_for(self) -> bool:
        """It should be completed now, or is overdue."""
        return self.is_overdue or self.is_now

    @property
    def words(self) -> str:
        """“overdue since Nov 3”, “due today”, “due by Nov 12”, “next on Dec 1”."""
        day = f"{self.due_on:%b %-d}" if self.due_on.year == self.today.year else f"{self.due_on:%b %-d, %Y}"
        if self.is_overdue:
            return f"overdue since {day}"
        if self.due_on == self.today:
            return "due today"
        return f"due {day}" if self.is_now else f"next on {day}"


@reads
def of_client(client: Client, now: datetime.datetime) -> Reading[list[Due]]:
    """Everything due now or later for one client, earliest first; empty for clients not in care."""
    episodes = query(
        lambda client: TreatmentEpisode.objects.filter(client=client).open().select_related("program"), client=client
    )
    found = yield from of_episodes.part(episodes, client.clinic, now)
    return found.get(client.pk, [])


@reads
def of_episodes(
    episodes: QuerySet[TreatmentEpisode] | Query[TreatmentEpisode], clinic: Clinic, now: datetime.datetime
) -> Reading[dict[int, list[Due]]]:
    """The same for many open episodes of one clinic, by client, in two statements however many there are.

    A prepared query of them comes with their programs.
    """
    asked = episodes.select_related("program") if isinstance(episodes, QuerySet) else episodes
    in_care, schedule = yield from together(rows(asked), measure_schedule.of.part(clinic))
    levels, last = yield from together(
        rows(
            query(
                lambda episodes: LevelOfCarePeriod.objects.filter(IsOneOf("episode", episodes)).order_by(),
                episodes=[each.pk for each in in_care],
            )
        ),
        _last_taken({each.client_id for each in in_care}, clinic),
    )
    periods: dict[int, list[LevelOfCarePeriod]] = defaultdict(list)
    for period in levels:
        periods[period.episode_id].append(period)
    found: dict[int, dict[Instrument, Due]] = defaultdict(dict)
    for episode in in_care:
        for due in _of_episode(episode, periods[episode.pk], schedule, last, clinic, now):
            known = found[episode.client_id].get(due.instrument)
            if known is None or due.due_on < known.due_on:
                found[episode.client_id][due.instrument] = due
    return {
        client: sorted(own.values(), key=lambda each: (each.due_on, _ORDER.index(each.instrument)))
        for client, own in found.items()
    }


def _of_episode(
    episode: TreatmentEpisode,
    periods: Iterable[LevelOfCarePeriod],
    schedule: Schedule,
    last: dict[tuple[int, str], datetime.date],
    clinic: Clinic,
    now: datetime.datetime,
) -> Iterable[Due]:
    group, since = _where(episode, periods, clinic, now)
    today = timezone.localdate(now, clinic.zone)
    for instrument, rule in schedule[group].items():
        taken = last.get((episode.client_id, instrument.value))
        if taken is not None and taken < episode.admitted_on:
            taken = None
        due_on = _due_on(rule, since, taken)
        if due_on is not None:
            yield Due(instrument, due_on, taken, today)


def _due_on(rule: Rule, since: datetime.date, taken: datetime.date | None) -> datetime.date | None:
    if taken is None:
        return since + datetime.timedelta(days=(rule.every or 0) if rule.within is None else rule.within)
    if rule.every is None:
        return None
    # who moves to another level is not late on the day of the move
    return max(taken + datetime.timedelta(days=rule.every), since + datetime.timedelta(days=rule.within or 0))


def _where(
    episode: TreatmentEpisode, periods: Iterable[LevelOfCarePeriod], clinic: Clinic, now: datetime.datetime
) -> tuple[CareGroup, datetime.date]:
    """The group of levels that the person is at, and the day on which they came to it."""
    latest_first = sorted(periods, key=lambda each: each.starts_at, reverse=True)
    begun = [each for each in latest_first if each.starts_at <= now]
    if not begun:  # admitted without an hour: the program's level, since that day
        return measure_schedule.group_of(episode.program.level_code), episode.admitted_on
    group, since = measure_schedule.group_of(begun[0].level_code), begun[0].starts_at
    for period in begun[1:]:
        if measure_schedule.group_of(period.level_code) != group:
            break
        since = period.starts_at
    return group, timezone.localdate(since, clinic.zone)


def _last_taken(clients: set[int], clinic: Clinic) -> Reading[dict[tuple[int, str], datetime.date]]:
    """The day of the last scored filling-in, by client and instrument."""
    scored = query(
        lambda clients: (
            Measure.objects.counted()
            .scored()
            .filter(IsOneOf("client", clients))
            .order_by()
            .values_list("client", "instrument")
            .annotate(at=Max("taken_at"))
        ),
        clients=sorted(clients),
    )
    last = yield from rows(scored)
    return {(client, instrument): timezone.localdate(at, clinic.zone) for client, instrument, at in last}

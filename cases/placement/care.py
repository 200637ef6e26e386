"""The client's care around a return to use, from the record: the only input to rule R1.

Use that extends into an episode, ongoing or ended, is use during care, wherever it began, so more days of use never
lead to less care. The day of discharge is a day in care. If only a month or a year is known, any day that may have been
in care counts.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, Relapse, TreatmentEpisode
from cases.recovery.spans import latest_end
from staff.reading import Reading, reads, together
from staff.reading import rows as all_rows

from . import thresholds

Days = tuple[datetime.date, datetime.date]  # first and last day of use


@dataclass(frozen=True)
class CareRead:
    """A client's episodes with their levels, and confirmed returns to use that are not voided, newest first."""

    episodes: Sequence[TreatmentEpisode]
    returns: Sequence[Relapse]


@reads
def read(client: Client) -> Reading[CareRead]:
    """Load what the facts about care are derived from, in two statements."""
    episodes = TreatmentEpisode.objects.filter(client=client).select_related("program")
    returns = Relapse.objects.filter(client=client, is_confirmed=True).order_by("-started_on", "-pk")
    stays, confirmed = yield from together(
        all_rows(episodes.prefetch_related("level_of_care_periods")), all_rows(returns)
    )
    return CareRead(stays, confirmed)


def facts(
    *,
    client: Client,
    relapse: Relapse | None,
    on: datetime.date,
    numbers: Mapping[str, int],
    typed: Days | None = None,
    rows: CareRead | None = None,
) -> dict[str, Any]:
    """Answers about care by their names in `Inputs`; anything not on record is left out.

    If no return to use is named, the latest one counts if it is ongoing or ended within the days of rule R1. `typed`
    are days of use from the assessment itself, whether or not a return to use was recorded. `rows` are what a page has
    already read.
    """
    rows = rows or read(client)
    episodes = [each for each in rows.episodes if each.admitted_on <= on]
    if not episodes:
        return {}
    known: dict[str, Any] = {}
    present = [_setting(episode, None, client) for episode in episodes if episode.is_open]
    if present:
        known["present_setting"] = max(present)
    ended = sorted((each for each in episodes if each.discharged_on), key=lambda each: (each.discharged_on, each.pk))
    if ended:
        known["prior_setting"] = _setting(ended[-1], None, client)
    spell = _spell(relapse, on, numbers, rows.returns)
    led_to = {each.relapse_id: each.admitted_on for each in episodes if each.relapse_id is not None}
    uses = [_Use.of(each, on, client.zone, led_to.get(each.pk)) for each in spell]
    if typed is not None:
        uses.append(_Use(*typed))
    during = [(episode, use.days) for episode in episodes for use in uses if use.reaches_into(episode)]
    if during:
        known["used_during_care"] = True
        known["prior_setting"] = max(_setting(episode, days, client) for episode, days in during)
    elif present and spell and (relapse is not None or typed is not None):
        known["used_during_care"] = False
    if ended and uses:
        left = ended[-1].discharged_on
        assert left is not None
        first = min((max(use.first, left) for use in uses if use.last >= left), default=max(use.last for use in uses))
        if first >= left or during:  # use before that care says nothing of what came after it
            known["days_from_discharge_to_use"] = (first - left).days
    return known


def spell_of(relapse: Relapse, window: datetime.timedelta, returns: Sequence[Relapse]) -> list[Relapse]:
    """This return to use and those shortly before it: two slips in a week are judged together.

    Shortly means the window of days that the clinic counts as a slip (rule D1). `returns` are the client's (`read`).
    """
    spell = [relapse]
    for each in returns:
        if each.pk == relapse.pk or each.started_on > relapse.started_on:
            continue
        if (each.ended_on or spell[-1].started_on) + window <= spell[-1].started_on:
            break
        spell.append(each)
    return spell


def latest(on: datetime.date, numbers: Mapping[str, int], returns: Sequence[Relapse]) -> Relapse | None:
    """The last confirmed return to use, if it is ongoing or ended recently enough to matter for placement."""
    begun = [each for each in returns if each.started_on <= on]
    found = max(begun, key=lambda each: (each.ended_on or datetime.date.max, each.started_on, each.pk), default=None)
    if found is None or found.ended_on is None:  # use that goes on comes first
        return found
    return found if (on - found.ended_on).days <= numbers[thresholds.EARLY_RETURN_DAYS.key] else None


def _spell(
    relapse: Relapse | None, on: datetime.date, numbers: Mapping[str, int], returns: Sequence[Relapse]
) -> list[Relapse]:
    named = relapse if relapse is not None and not relapse.is_voided else latest(on, numbers, returns)
    return spell_of(named, datetime.timedelta(days=numbers[thresholds.LAPSE_WINDOW.key]), returns) if named else []


@dataclass(frozen=True)
class _Use:
    """Days of use, recorded or typed, from the first to the last that may have been one.

    `begun_by` is the last day on which recorded use can have begun; what was typed gives none.
    """

    first: datetime.date
    last: datetime.date
    begun_by: datetime.date | None = None
    recorded: Relapse | None = None

    @classmethod
    def of(cls, relapse: Relapse, on: datetime.date, zone: zoneinfo.ZoneInfo, led_on: datetime.date | None) -> _Use:
        """Use up to a day: use that has not ended is ongoing.

        Use that led to an admission began before it, and continued past it only if its last day is known.
        """
        first, begun_by = relapse.started_on, relapse.begun_by
        if led_on is not None:
            begun_by = max(first, min(begun_by, led_on))
        if relapse.ended_on is None:
            last = on
        elif led_on is not None and relapse.ended_precision != Precision.DAY:
            last = first
        else:
            last = latest_end(relapse, timezone.localdate(relapse.recorded_at, zone))
        return cls(first, max(last, begun_by), begun_by, relapse)

    @property
    def days(self) -> Days:
        """First and last day."""
        return self.first, self.last

    def reaches_into(self, episode: TreatmentEpisode) -> bool:
        """Whether some of it was in an episode: beyond the day of admission, and begun by the day of discharge.

        The last use before care is often on the day of admission; use that is recorded as begun on that day counts.
        """
        if episode.discharged_on is not None and self.first > episode.discharged_on:
            return False
        if self.recorded is not None and self.recorded.pk == episode.relapse_id:
            return not self.recorded.is_open and self.last > episode.admitted_on
        began = self.begun_by is not None and self.begun_by >= episode.admitted_on
        return began or self.last > episode.admitted_on


def _setting(episode: TreatmentEpisode, days: Days | None, client: Client) -> int:
    """The setting of an episode's level of care: the highest one on these days, or its last one."""
    zone = client.clinic.zone
    periods = sorted(episode.level_of_care_periods.all(), key=lambda each: each.starts_at)
    if days is None or not periods:
        return periods[-1].setting if periods else episode.program.setting
    first, last = days
    begun = [(each.starts_at.astimezone(zone).date(), each.setting) for each in periods]
    at_first = [setting for day, setting in begun if day <= first][-1:]
    return max(at_first + [setting for day, setting in begun if first < day <= last] or [begun[0][1]])

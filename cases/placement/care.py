"""What the record says of the client's care around a return to use: rule R1 reads nothing else.

Use that began in an episode, its last day included, is use during care. Where only a month or a year is known, any day
that may have been in care counts as one.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.models import Client, Relapse, TreatmentEpisode

from . import thresholds

Days = tuple[datetime.date, datetime.date]  # first and last day of use


@dataclass(frozen=True)
class CareRead:
    """A client's episodes with their levels, and the confirmed returns to use that stand, the newest first."""

    episodes: Sequence[TreatmentEpisode]
    returns: Sequence[Relapse]


def read(client: Client) -> CareRead:
    """What the facts about care are worked out from, in three queries."""
    episodes = TreatmentEpisode.objects.filter(client=client).select_related("program")
    returns = Relapse.objects.filter(client=client, is_confirmed=True).order_by("-started_on", "-pk")
    return CareRead(list(episodes.prefetch_related("level_of_care_periods")), list(returns))


def facts(
    *,
    client: Client,
    relapse: Relapse | None,
    on: datetime.date,
    numbers: Mapping[str, int],
    typed: Days | None = None,
    rows: CareRead | None = None,
) -> dict[str, Any]:
    """Answers about care by their names in `Inputs`; what the record does not say is left out.

    Without a return to use named, the latest one counts if it goes on or ended within the days of rule R1. `typed` are
    days of use that the assessment itself gives, whether a return to use was recorded or not. `rows` are what a page
    has read already.
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
    during = [(episode, use.begun_by) for episode in episodes for use in spell if _began_in(use, episode)]
    if typed is not None:
        during += [(episode, typed[1]) for episode in episodes if _used_in(typed, episode)]
    if during:
        known["used_during_care"] = True
        known["prior_setting"] = max(_setting(episode, day, client) for episode, day in during)
    elif present and spell and (relapse is not None or typed is not None):
        known["used_during_care"] = False
    days = [use.started_on for use in spell] or ([typed[0]] if typed is not None else [])
    if ended and days:
        left = ended[-1].discharged_on
        assert left is not None
        first = min((day for day in days if day >= left), default=max(days))
        if first >= left or during:  # use before that care says nothing of what came after it
            known["days_from_discharge_to_use"] = (first - left).days
    return known


def spell_of(relapse: Relapse, window: datetime.timedelta, returns: Sequence[Relapse]) -> list[Relapse]:
    """This return to use and those shortly before it: two slips in a week are judged together, not each by itself.

    Shortly is the window of days within which the clinic counts days of use as a slip (rule D1). `returns` are the
    client's (`read`).
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
    """The last confirmed return to use, if it goes on or ended lately enough to bear on placement."""
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


def _began_in(use: Relapse, episode: TreatmentEpisode) -> bool:
    """Whether use began while the episode ran. What brought somebody into an episode did not begin in it."""
    if use.pk == episode.relapse_id:
        return False
    return use.begun_by >= episode.admitted_on and (
        episode.discharged_on is None or use.started_on <= episode.discharged_on
    )


def _used_in(use: Days, episode: TreatmentEpisode) -> bool:
    """Whether typed days of use reach into an episode: beyond the day of admission, not beyond the discharge."""
    first, last = use
    if episode.discharged_on is None:
        return last > episode.admitted_on
    return episode.admitted_on < first <= episode.discharged_on


def _setting(episode: TreatmentEpisode, day: datetime.date | None, client: Client) -> int:
    """The setting of an episode's level of care on a day, or of its last one."""
    periods = sorted(episode.level_of_care_periods.all(), key=lambda each: each.starts_at)
    if day is not None:
        zone = client.clinic.zone
        periods = [each for each in periods if each.starts_at.astimezone(zone).date() <= day] or periods[:1]
    return periods[-1].setting if periods else episode.program.setting

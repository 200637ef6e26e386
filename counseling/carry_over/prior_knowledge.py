"""What earlier episodes know, as unsaved carry-over items, for one episode or a whole caseload.

The number of queries does not grow with the number of episodes, so Today can query everyone at once.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.carry_over_source import CarryOverSource
from cases.models import CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, GoalStatus, HomeworkOutcome, Verdict
from counseling.models import CarryOverItem, DischargePlan, Goal, Homework, SafetyPlan
from counseling.models.carry_over import SOURCE_FIELDS

LEARNED: dict[CarryOverKind, type[Trigger | WarningSign | CopingStrategy]] = {
    CarryOverKind.TRIGGER: Trigger,
    CarryOverKind.WARNING_SIGN: WarningSign,
    CarryOverKind.STRATEGY: CopingStrategy,
}
_SETTLED = (Verdict.HELD, Verdict.DID_NOT_HOLD, Verdict.NO_LONGER_TRUE)

Earlier = dict[int, TreatmentEpisode]


@dataclass(frozen=True)
class _Facts:
    """Rows for everyone in the query, keyed by client where the name says so."""

    written: dict[CarryOverKind, dict[int, list[Any]]]  # the current one first
    learned: dict[CarryOverKind, dict[int, list[Any]]]
    goals: dict[int, list[Goal]]
    homework: dict[int, list[Homework]]
    over: dict[CarryOverKind, set[tuple[int, int]]]  # (episode, goal or homework) taken over or dropped there
    elsewhere: list[Mapping[int, Iterable[CarryOverSource]]]  # by episode asked about


def knowledge_before(episodes: Sequence[TreatmentEpisode]) -> dict[int, list[CarryOverItem]]:
    """Unsaved items for all that earlier episodes know and that nobody has dropped since, by episode asked about."""
    earlier = _earlier(episodes)
    back = [episode for episode in episodes if earlier[episode.pk]]
    facts = _facts(back) if back else None
    return {
        episode.pk: list(_items(episode, earlier[episode.pk], facts)) if facts and earlier[episode.pk] else []
        for episode in episodes
    }


def _earlier(episodes: Sequence[TreatmentEpisode]) -> dict[int, Earlier]:
    """For each episode, those that `EpisodeQuerySet.before` finds."""
    rows = TreatmentEpisode.objects.filter(client__in={each.client_id for each in episodes}).select_related("program")
    of_client: dict[int, list[TreatmentEpisode]] = defaultdict(list)
    for row in rows:
        of_client[row.client_id].append(row)
    return {
        episode.pk: {
            row.pk: row
            for row in of_client[episode.client_id]
            if (row.admitted_on, row.pk) < (episode.admitted_on, episode.pk)
        }
        for episode in episodes
    }


def _facts(episodes: Sequence[TreatmentEpisode]) -> _Facts:
    clients = {episode.client_id for episode in episodes}
    settled = CarryOverItem.objects.filter(client__in=clients, verdict__in=_SETTLED)
    goals = Goal.objects.filter(client__in=clients)
    homework = Homework.objects.filter(client__in=clients)
    return _Facts(
        written={
            CarryOverKind.SAFETY_PLAN: _by_client(
                SafetyPlan.objects.filter(client__in=clients)
                .select_related("client__clinic")
                .order_by("-written_at", "-pk")
            ),
            CarryOverKind.DISCHARGE_PLAN: _by_client(
                DischargePlan.objects.filter(client__in=clients).select_related("client__clinic").latest_stay_first()
            ),
        },
        learned={
            kind: _by_client(model._default_manager.filter(client__in=clients, no_longer_true_since=None))
            for kind, model in LEARNED.items()
        },
        goals=_by_client(goals.active()),
        homework=_by_client(homework.open()),
        over={
            CarryOverKind.GOAL: {
                *settled.filter(goal__isnull=False).values_list("episode", "goal"),
                *_taken_over(goals.exclude(status=GoalStatus.SET_ASIDE)),
            },
            CarryOverKind.HOMEWORK: {
                *settled.filter(homework__isnull=False).values_list("episode", "homework"),
                *_taken_over(homework.exclude(outcome=HomeworkOutcome.LET_GO)),
            },
        },
        elsewhere=[import_string(path)(episodes=episodes) for path in settings.CARRY_OVER_SOURCES],
    )


def _taken_over(rows: Any) -> Any:
    return rows.filter(carried_from__isnull=False).values_list("episode", "carried_from")


def _by_client(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.client_id].append(row)
    return found


def _items(episode: TreatmentEpisode, earlier: Earlier, facts: _Facts) -> Iterator[CarryOverItem]:
    now = timezone.now()

    def item(kind: CarryOverKind, origin: int | None, **source: Any) -> CarryOverItem:
        return CarryOverItem(
            client_id=episode.client_id,
            episode=episode,
            kind=kind,
            origin_episode=earlier.get(origin) if origin else None,
            gathered_at=now,
            **source,
        )

    client = episode.client_id
    for kind, written in facts.written.items():
        last = next((row for row in written.get(client, []) if row.episode_id in earlier), None)
        if last is not None:
            yield item(kind, last.episode_id, **{SOURCE_FIELDS[kind]: last})
    for kind, learned in facts.learned.items():
        for row in learned.get(client, []):
            if _was_known(row, earlier, episode.admitted_on):
                yield item(kind, row.first_seen_in_id, **{SOURCE_FIELDS[kind]: row})
    for kind, rows in ((CarryOverKind.GOAL, facts.goals), (CarryOverKind.HOMEWORK, facts.homework)):
        over = {source for where, source in facts.over[kind] if where in earlier}
        for row in rows.get(client, []):
            if row.episode_id in earlier and row.pk not in over:
                yield item(kind, row.episode_id, **{SOURCE_FIELDS[kind]: row})
    for source in facts.elsewhere:
        for known in source.get(episode.pk, ()):
            yield item(
                CarryOverKind.MUTUAL_HELP,
                known.origin_episode_id,
                source_key=known.key,
                source_wording=known.wording,
                source_detail=known.detail,
                source_url=known.url,
            )


def _was_known(row: Any, earlier: Earlier, admitted_on: datetime.date) -> bool:
    """Learned in an earlier episode, whenever it was recorded, or outside any episode by the admission."""
    if row.first_seen_in_id is None:
        return bool(row.first_seen_on <= admitted_on)
    return row.first_seen_in_id in earlier

"""What earlier episodes know, for one episode or a caseload: as unsaved carry-over items, or as names to count.

The number of queries does not grow with the number of episodes, so Today can query everyone at once.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.carry_over_source import CarryOverSource
from cases.models import CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, GoalStatus, HomeworkOutcome, Verdict
from counseling.models import CarryOverItem, DischargePlan, Goal, Homework, SafetyPlan
from counseling.models.carry_over import SOURCE_FIELDS, token_of
from staff.reading import Reading, Reads, each, known, reads, rows, together

LEARNED: dict[CarryOverKind, type[Trigger | WarningSign | CopingStrategy]] = {
    CarryOverKind.TRIGGER: Trigger,
    CarryOverKind.WARNING_SIGN: WarningSign,
    CarryOverKind.STRATEGY: CopingStrategy,
}
_SETTLED = (Verdict.HELD, Verdict.DID_NOT_HOLD, Verdict.NO_LONGER_TRUE)

Earlier = dict[int, Any]  # episodes by number, as far as they were read


@dataclass(frozen=True)
class _Facts:
    """Rows for everyone in the query, keyed by client where the name says so."""

    earlier: dict[int, Earlier]  # by episode asked about
    written: dict[CarryOverKind, dict[int, list[Any]]]  # the one that stands first
    learned: dict[CarryOverKind, dict[int, list[Any]]]
    goals: dict[int, list[Any]]
    homework: dict[int, list[Any]]
    over: dict[CarryOverKind, set[tuple[int, int]]]  # (episode, goal or homework) taken over or dropped there
    elsewhere: Sequence[Mapping[int, Iterable[CarryOverSource]]]  # by episode asked about


@dataclass(frozen=True)
class _Known:
    """One thing known from before: its row, or what another app says of it."""

    kind: CarryOverKind
    origin: int | None  # the episode that it comes from
    row: Any = None
    source: CarryOverSource | None = None

    @property
    def token(self) -> str:
        """Names it within the episode, as `CarryOverItem.token` does."""
        return token_of(self.kind, self.source.key if self.source is not None else self.row.pk)


@reads
def knowledge_before(episodes: Sequence[TreatmentEpisode]) -> Reading[dict[int, list[CarryOverItem]]]:
    """Unsaved items for all that earlier episodes know and that nobody has dropped since, by episode asked about."""
    facts = yield from _facts(episodes, to_count=False)
    now = timezone.now()
    return {
        episode.pk: [_item(one, episode, facts.earlier[episode.pk], now) for one in _known(episode, facts)]
        for episode in episodes
    }


@reads
def tokens_before(episodes: Sequence[TreatmentEpisode]) -> Reading[dict[int, set[str]]]:
    """The same by their names only, for who counts: nothing is read that would be shown."""
    facts = yield from _facts(episodes, to_count=True)
    return {episode.pk: {one.token for one in _known(episode, facts)} for episode in episodes}


def _facts(episodes: Sequence[TreatmentEpisode], *, to_count: bool) -> Reading[_Facts]:
    clients = sorted({episode.client_id for episode in episodes})

    def as_asked(queryset: QuerySet[Any], *needed: str, shown: Sequence[str] = ()) -> Reading[list[Any]]:
        if to_count:
            return rows(queryset.values_list("pk", "client_id", *needed, named=True))
        return rows(queryset.select_related(*shown) if shown else queryset)

    of_them = TreatmentEpisode.objects.filter(client__in=clients)
    settled = CarryOverItem.objects.filter(client__in=clients, verdict__in=_SETTLED)
    goals = Goal.objects.filter(client__in=clients)
    homework = Homework.objects.filter(client__in=clients)
    day = ("client__clinic",)  # a written plan names its day in its clinic's zone
    begun, written, learned, worked_on, over, elsewhere = yield from together(
        as_asked(of_them.order_by(), "admitted_on", shown=("program",)),
        together(
            as_asked(
                SafetyPlan.objects.filter(client__in=clients).order_by("-written_at", "-pk"), "episode_id", shown=day
            ),
            as_asked(DischargePlan.objects.filter(client__in=clients).latest_stay_first(), "episode_id", shown=day),
        ),
        each(
            as_asked(
                model._default_manager.filter(client__in=clients, no_longer_true_since=None),
                "first_seen_in_id",
                "first_seen_on",
            )
            for model in LEARNED.values()
        ),
        together(as_asked(goals.active(), "episode_id"), as_asked(homework.open(), "episode_id")),
        together(
            rows(settled.order_by().values_list("episode", "goal", "homework")),
            rows(_taken_over(goals.exclude(status=GoalStatus.SET_ASIDE))),
            rows(_taken_over(homework.exclude(outcome=HomeworkOutcome.LET_GO))),
        ),
        each(_elsewhere(path, episodes, to_count=to_count) for path in settings.CARRY_OVER_SOURCES),
    )
    decided, goals_over, homework_over = over
    return _Facts(
        earlier=_earlier(episodes, begun),
        written={
            CarryOverKind.SAFETY_PLAN: _by_client(written[0]),
            CarryOverKind.DISCHARGE_PLAN: _by_client(written[1]),
        },
        learned={kind: _by_client(found) for kind, found in zip(LEARNED, learned, strict=True)},
        goals=_by_client(worked_on[0]),
        homework=_by_client(worked_on[1]),
        over={
            CarryOverKind.GOAL: {*((where, goal) for where, goal, _ in decided if goal), *goals_over},
            CarryOverKind.HOMEWORK: {*((where, given) for where, _, given in decided if given), *homework_over},
        },
        elsewhere=elsewhere,
    )


def _elsewhere(
    path: str, episodes: Sequence[TreatmentEpisode], *, to_count: bool
) -> Reading[Mapping[int, Iterable[CarryOverSource]]]:
    source = import_string(path)
    if isinstance(source, Reads):
        return source.part(episodes=episodes, to_count=to_count)
    return known(source(episodes=episodes))


def _earlier(episodes: Sequence[TreatmentEpisode], begun: Iterable[Any]) -> dict[int, Earlier]:
    """For each episode, those that `EpisodeQuerySet.before` finds."""
    of_client = _by_client(begun)
    return {
        episode.pk: {
            row.pk: row
            for row in of_client.get(episode.client_id, ())
            if (row.admitted_on, row.pk) < (episode.admitted_on, episode.pk)
        }
        for episode in episodes
    }


def _taken_over(queryset: QuerySet[Any]) -> QuerySet[Any, tuple[int, int]]:
    carried = queryset.filter(carried_from__isnull=False).order_by()
    found: QuerySet[Any, tuple[int, int]] = carried.values_list("episode", "carried_from")
    return found


def _by_client(read: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in read:
        found[row.client_id].append(row)
    return found


def _known(episode: TreatmentEpisode, facts: _Facts) -> Iterator[_Known]:
    """The rule: what is laid out in an episode. Nothing in the first one of a client."""
    client, earlier = episode.client_id, facts.earlier[episode.pk]
    if not earlier:
        return
    for kind, written in facts.written.items():
        last = next((row for row in written.get(client, []) if row.episode_id in earlier), None)
        if last is not None:
            yield _Known(kind, last.episode_id, last)
    for kind, learned in facts.learned.items():
        for row in learned.get(client, []):
            if _was_known(row, earlier, episode.admitted_on):
                yield _Known(kind, row.first_seen_in_id, row)
    for kind, open_ones in ((CarryOverKind.GOAL, facts.goals), (CarryOverKind.HOMEWORK, facts.homework)):
        over = {source for where, source in facts.over[kind] if where in earlier}
        for row in open_ones.get(client, []):
            if row.episode_id in earlier and row.pk not in over:
                yield _Known(kind, row.episode_id, row)
    for sources in facts.elsewhere:
        for source in sources.get(episode.pk, ()):
            yield _Known(CarryOverKind.MUTUAL_HELP, source.origin_episode_id, source=source)


def _item(one: _Known, episode: TreatmentEpisode, earlier: Earlier, now: datetime.datetime) -> CarryOverItem:
    if one.source is None:
        source = {SOURCE_FIELDS[one.kind]: one.row}
    else:
        source = {
            "source_key": one.source.key,
            "source_wording": one.source.wording,
            "source_detail": one.source.detail,
            "source_url": one.source.url,
        }
    return CarryOverItem(
        client_id=episode.client_id,
        episode=episode,
        kind=one.kind,
        origin_episode=earlier.get(one.origin) if one.origin else None,
        gathered_at=now,
        **source,
    )


def _was_known(row: Any, earlier: Earlier, admitted_on: datetime.date) -> bool:
    """Learned in an earlier episode, whenever it was recorded, or outside any episode by the admission."""
    if row.first_seen_in_id is None:
        return bool(row.first_seen_on <= admitted_on)
    return row.first_seen_in_id in earlier

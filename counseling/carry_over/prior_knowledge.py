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
from staff.prepared import IsOneOf
from staff.reading import Reading, Reads, each, known, query, reads, rows, together

LEARNED: dict[CarryOverKind, type[Trigger | WarningSign | CopingStrategy]] = {
    CarryOverKind.TRIGGER: Trigger,
    CarryOverKind.WARNING_SIGN: WarningSign,
    CarryOverKind.STRATEGY: CopingStrategy,
}
_DAY = ("client__clinic",)  # a written plan names its day in its clinic's zone
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
    asked: dict[str, Any] = {"clients": sorted({episode.client_id for episode in episodes}), "to_count": to_count}
    begun, written, learned, worked_on, over, elsewhere = yield from together(
        rows(query(_episodes, **asked)),
        together(rows(query(_safety_plans, **asked)), rows(query(_discharge_plans, **asked))),
        each(rows(query(_learned, **asked, kind=kind)) for kind in LEARNED),
        together(rows(query(_active_goals, **asked)), rows(query(_open_homework, **asked))),
        together(
            rows(query(_settled, clients=asked["clients"])),
            rows(query(_goals_taken_over, clients=asked["clients"])),
            rows(query(_homework_taken_over, clients=asked["clients"])),
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


def decided_in(episodes: Any) -> QuerySet[Any, Any]:
    """What was decided on these boards: episode, kind, source key, and the key of each kind of source."""
    columns = ("episode_id", "kind", "source_key", *(f"{field}_id" for field in SOURCE_FIELDS.values()))
    given = CarryOverItem.objects.filter(IsOneOf("episode", episodes)).decided().standing()
    return given.order_by().values_list(*columns)


# The queries, each written once (staff/prepared.py): for whoever counts only the columns that the rule needs.


def _as_asked(queryset: QuerySet[Any], to_count: bool, *needed: str) -> QuerySet[Any, Any]:
    return queryset.values_list("pk", "client_id", *needed, named=True) if to_count else queryset


def _episodes(clients: Any, to_count: bool) -> QuerySet[Any, Any]:
    of_them = TreatmentEpisode.objects.filter(IsOneOf("client", clients)).order_by()
    return _as_asked(of_them if to_count else of_them.select_related("program"), to_count, "admitted_on")


def _safety_plans(clients: Any, to_count: bool) -> QuerySet[Any, Any]:
    written = SafetyPlan.objects.filter(IsOneOf("client", clients)).order_by("-written_at", "-pk")
    return _as_asked(written if to_count else written.select_related(*_DAY), to_count, "episode_id")


def _discharge_plans(clients: Any, to_count: bool) -> QuerySet[Any, Any]:
    written = DischargePlan.objects.filter(IsOneOf("client", clients)).latest_stay_first()
    return _as_asked(written if to_count else written.select_related(*_DAY), to_count, "episode_id")


def _learned(clients: Any, to_count: bool, kind: str) -> QuerySet[Any, Any]:
    still = LEARNED[CarryOverKind(kind)]._default_manager.filter(IsOneOf("client", clients), no_longer_true_since=None)
    return _as_asked(still, to_count, "first_seen_in_id", "first_seen_on")


def _active_goals(clients: Any, to_count: bool) -> QuerySet[Any, Any]:
    return _as_asked(Goal.objects.filter(IsOneOf("client", clients)).active(), to_count, "episode_id")


def _open_homework(clients: Any, to_count: bool) -> QuerySet[Any, Any]:
    return _as_asked(Homework.objects.filter(IsOneOf("client", clients)).open(), to_count, "episode_id")


def _settled(clients: Any) -> QuerySet[Any, Any]:
    settled = CarryOverItem.objects.filter(IsOneOf("client", clients), verdict__in=_SETTLED)
    return settled.order_by().values_list("episode", "goal", "homework")


def _goals_taken_over(clients: Any) -> QuerySet[Any, Any]:
    return _taken_over(Goal.objects.filter(IsOneOf("client", clients)).exclude(status=GoalStatus.SET_ASIDE))


def _homework_taken_over(clients: Any) -> QuerySet[Any, Any]:
    return _taken_over(Homework.objects.filter(IsOneOf("client", clients)).exclude(outcome=HomeworkOutcome.LET_GO))


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

"""Return-to-use review: compares what was known before a return to use with what happened.

The record of the return to use comes first. If it says nothing, the board of the next episode does, where counselor and
client decided what held up.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone

from cases.codes import CopingOutcome
from cases.models import CopingStrategy, Relapse, RelapseCoping, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, DischargePlan
from counseling.verdict_labels import in_sentence, one_of, words_of
from staff.prepared import IsOneOf
from staff.reading import Query, Reading, query, reads, rows, together

_HISTORIES = {
    CarryOverKind.TRIGGER: "TriggerEvent",
    CarryOverKind.WARNING_SIGN: "WarningSignEvent",
    CarryOverKind.STRATEGY: "CopingStrategyEvent",
}
_LEARNED = (CarryOverKind.TRIGGER, CarryOverKind.WARNING_SIGN, CarryOverKind.STRATEGY)


@dataclass(frozen=True)
class Line:
    """One item known or learned, and what happened to it in this return to use."""

    kind: CarryOverKind
    wording: str
    source: Any
    outcome: str  # in words fit to show
    in_discharge_plan: bool = False
    tried: CopingOutcome | None = None  # of a strategy that was tried
    was_thought_past: bool = False  # when the use began, and was there again

    @property
    def kind_words(self) -> str:
        """“Trigger”, “Strategy”: what it is, where its own words do not say so."""
        return one_of(self.kind)


@dataclass
class Comparison:
    """One return to use, compared with what was known before it.

    `held`: known, and it helped (strategies, goals, plans). `came_back`: a known trigger or warning sign that came up
    again. `did_not_hold`: relied on, but did not work this time. `never_used`: known, but not tried or not involved.
    `new`: not known before. `past`: thought resolved when use began, and not involved; it is drawn but not described.
    """

    relapse: Relapse
    episode: TreatmentEpisode | None
    known_on: datetime.date | None
    discharge_plan: DischargePlan | None
    held: list[Line] = field(default_factory=list)
    came_back: list[Line] = field(default_factory=list)
    did_not_hold: list[Line] = field(default_factory=list)
    never_used: list[Line] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)
    past: list[Line] = field(default_factory=list)

    @property
    def all_lines(self) -> list[Line]:
        """Everything in it, each thing once."""
        return [*self.held, *self.came_back, *self.did_not_hold, *self.never_used, *self.new]

    @property
    def parts(self) -> list[tuple[str, str, str, list[Line]]]:
        """The five parts as shown: name, class, icon, lines. What helped comes first."""
        unused = f"{words_of(Verdict.NEVER_USED, CarryOverKind.TRIGGER)}, {_not(CarryOverKind.STRATEGY)}"
        return [
            (str(Verdict.HELD.label), "held", "circle-check", self.held),
            ("Came up again", "came-back", "repeat", self.came_back),
            (str(Verdict.DID_NOT_HOLD.label), "did-not-hold", "circle-x", self.did_not_hold),
            (unused, "never-used", "circle-dashed", self.never_used),
            ("New", "new", "sprout", self.new),
        ]

    @property
    def is_empty(self) -> bool:
        """Nothing was known and nothing was learned."""
        return not self.all_lines


@dataclass(frozen=True)
class _Stretch:
    """The time during which an item was marked no longer true."""

    since: datetime.date
    until: datetime.date | None

    def covers(self, day: datetime.date) -> bool:
        """Whether it was thought past on this day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class _Facts:
    """Everything that one person's comparisons need, in a constant number of queries."""

    episodes: list[TreatmentEpisode]  # latest admission first
    plans: list[DischargePlan]  # of the latest stay first, and of that the latest writing
    named: dict[CarryOverKind, dict[int, set[int]]]  # discharge plan → what it names
    learned: list[tuple[CarryOverKind, list[Any]]]  # triggers and warning signs
    strategies: list[CopingStrategy]
    there: dict[CarryOverKind, dict[int, set[int]]]  # return to use → triggers, or warning signs, that were there
    outcomes: dict[int, dict[int, str]]  # return to use → strategy → outcome
    verdicts: dict[int, dict[str, CarryOverItem]]  # return to use → token → what the board that followed found
    past: dict[str, list[_Stretch]]  # token → when it was thought to be no longer true


@reads
def compare(relapse: Relapse) -> Reading[Comparison]:
    """Compare what was known when the person was last in care with what this return to use shows.

    Triggers and warning signs: known and came up again → came back; known but caught off guard → did not hold; known
    but not involved → never used; first seen in it → new. Strategies: helped, fully or partly → held; did not help →
    did not hold; not tried → never used. An item thought resolved when use began that came up again gets its own
    wording: it is not new. Goals, plans, homework and mutual help count by the verdict on the board of the episode that
    this return to use led to, and so does a strategy that the record does not mention.
    """
    found = yield from compare_all.part([relapse])
    return found[0]


@reads
def compare_all(relapses: Sequence[Relapse]) -> Reading[list[Comparison]]:
    """The same for several returns to use of one person, in order: as many queries for ten as for one."""
    if not relapses:
        return []
    facts = yield from _facts(relapses)
    return [_compare(relapse, facts) for relapse in relapses]


def _facts(relapses: Sequence[Relapse]) -> Reading[_Facts]:
    of_client = {"client": relapses[0].client_id}
    in_these = {"relapses": [relapse.pk for relapse in relapses]}
    tried, links, decided, episodes, plans, others = yield from together(
        rows(query(_tried, **in_these)),
        together(
            *(_links(query(_there, **in_these, kind=kind)) for kind in ("trigger", "warningsign")),
            *(_links(query(_named, **of_client, kind=kind)) for kind in ("trigger", "warningsign", "copingstrategy")),
        ),
        rows(query(_decided, **in_these)),
        rows(query(_stays, **of_client)),
        rows(query(_plans, **of_client)),
        together(
            rows(query(lambda client: Trigger.objects.filter(client=client), **of_client)),
            rows(query(lambda client: WarningSign.objects.filter(client=client), **of_client)),
            rows(query(lambda client: CopingStrategy.objects.filter(client=client), **of_client)),
            rows(query(_marked_past, **of_client)),
        ),
    )
    triggers, warning_signs, strategies, marked = others
    outcomes: dict[int, dict[int, str]] = defaultdict(dict)
    for relapse, strategy, outcome in tried:
        outcomes[relapse][strategy] = outcome
    verdicts: dict[int, dict[str, CarryOverItem]] = defaultdict(dict)
    for item in decided:
        assert item.episode.relapse_id is not None
        verdicts[item.episode.relapse_id][item.token] = item
    return _Facts(
        episodes=episodes,
        plans=plans,
        named=dict(zip(_LEARNED, links[2:], strict=True)),
        learned=[(CarryOverKind.TRIGGER, triggers), (CarryOverKind.WARNING_SIGN, warning_signs)],
        strategies=strategies,
        there={CarryOverKind.TRIGGER: links[0], CarryOverKind.WARNING_SIGN: links[1]},
        outcomes=outcomes,
        verdicts=verdicts,
        past=_past(marked, (episodes[0] if episodes else relapses[0]).client.clinic.zone),
    )


def _tried(relapses: Any) -> QuerySet[Any, tuple[int, int, str]]:
    tried = RelapseCoping.objects.filter(IsOneOf("relapse", relapses))
    return tried.values_list("relapse", "strategy", "outcome")


def _there(relapses: Any, kind: str) -> QuerySet[Any, tuple[int, int]]:
    """Which triggers, or warning signs, each return to use names."""
    many: dict[str, Any] = {"trigger": Relapse.triggers, "warningsign": Relapse.warning_signs}
    pairs: QuerySet[Any] = many[kind].through._default_manager.filter(IsOneOf("relapse", relapses))
    return pairs.values_list("relapse", kind)


def _named(client: Any, kind: str) -> QuerySet[Any, tuple[int, int]]:
    """Which things of a kind each discharge plan names."""
    many: dict[str, Any] = {
        "trigger": DischargePlan.triggers,
        "warningsign": DischargePlan.warning_signs,
        "copingstrategy": DischargePlan.strategies,
    }
    pairs: QuerySet[Any] = many[kind].through._default_manager.filter(dischargeplan__client=client)
    return pairs.values_list("dischargeplan", kind)


def _decided(relapses: Any) -> QuerySet[CarryOverItem]:
    items = CarryOverItem.objects.filter(IsOneOf("episode__relapse", relapses)).standing().decided()
    return items.with_sources().select_related("episode")


def _stays(client: Any) -> QuerySet[TreatmentEpisode]:
    stays = TreatmentEpisode.objects.filter(client=client).select_related("program", "client__clinic")
    return stays.order_by("-admitted_on", "-pk")


def _plans(client: Any) -> QuerySet[DischargePlan]:
    written = DischargePlan.objects.filter(client=client).select_related("episode", "client__clinic")
    return written.latest_stay_first()


def _links(asked: Query[tuple[int, int]]) -> Reading[dict[int, set[int]]]:
    """Which rows of another table each return to use, or each plan, names."""
    pairs = yield from rows(asked)
    found: dict[int, set[int]] = defaultdict(set)
    for key, row in pairs:
        found[key].add(row)
    return found


def _marked_past(client: Any) -> QuerySet[Any, tuple[str, datetime.date | None, datetime.datetime, int]]:
    """One person's past triggers, warning signs and strategies, from their histories, in one query.

    The row itself shows only the current state; a return to use that names a past item has made it current again.
    """
    earliest, *others = (
        apps.get_model("cases", event)
        ._default_manager.filter(client=client)
        .annotate(token=Concat(Value(f"{kind}:"), "pgh_obj", output_field=CharField()))
        .values_list("token", "no_longer_true_since", "pgh_created_at", "pgh_id")
        for kind, event in _HISTORIES.items()
    )
    return earliest.union(*others, all=True).order_by("pgh_id")


def _past(
    marked: Iterable[tuple[str, datetime.date | None, datetime.datetime, int]], zone: ZoneInfo
) -> dict[str, list[_Stretch]]:
    found: dict[str, list[_Stretch]] = defaultdict(list)
    since: dict[str, datetime.date | None] = {}
    for token, day, at, _ in marked:
        before = since.get(token)
        if before is not None and before != day:
            found[token].append(_Stretch(before, timezone.localdate(at, zone)))
        since[token] = day
    for token, day in since.items():
        if day is not None:
            found[token].append(_Stretch(day, None))
    return found


def _compare(relapse: Relapse, facts: _Facts) -> Comparison:
    led_to = _led_to(relapse, facts)
    begun_by = max(relapse.started_on, min(relapse.begun_by, led_to.admitted_on)) if led_to else relapse.begun_by
    episode = _episode_before(relapse, begun_by, led_to, facts)
    left = episode.discharged_on if episode and episode.discharged_on and episode.discharged_on <= begun_by else None
    others = [each for each in facts.plans if led_to is None or each.episode_id != led_to.pk]
    plan = next((each for each in others if _was_made_before(each, begun_by)), None)
    known_on = (left or max(relapse.started_on, episode.admitted_on)) if episode else None
    result = Comparison(relapse, episode, known_on, plan)
    found = facts.verdicts.get(relapse.pk, {})
    for kind, learned in facts.learned:
        in_plan = facts.named[kind].get(plan.pk, set()) if plan else set()
        there = facts.there[kind].get(relapse.pk, set())
        for row in learned:
            past = _was_past(f"{kind}:{row.pk}", relapse, facts)
            known = past or _was_known(row, relapse, left, there=row.pk in there) or row.pk in in_plan
            verdict = found.get(f"{kind}:{row.pk}")
            if past and row.pk not in there:
                result.past.append(Line(kind, str(row), row, f"{_marked(kind)}, {_not(kind)}"))
            elif not known:
                if row.pk in there:
                    result.new.append(Line(kind, str(row), row, "Not known before"))
            elif verdict is not None and verdict.verdict == Verdict.DID_NOT_HOLD:
                result.did_not_hold.append(Line(kind, str(row), row, _as_found(verdict), row.pk in in_plan))
            elif row.pk in there:
                words = f"Known before, {f'{_marked(kind).lower()}, ' if past else ''}came up again"
                result.came_back.append(Line(kind, str(row), row, words, row.pk in in_plan, was_thought_past=past))
            else:
                words = f"Known before, {_not(kind)}"
                result.never_used.append(Line(kind, str(row), row, words, row.pk in in_plan))
    _compare_strategies(result, left, facts)
    _add_verdicts(result, found)
    return result


def _led_to(relapse: Relapse, facts: _Facts) -> TreatmentEpisode | None:
    """The first episode admitted after the use began."""
    return next((each for each in reversed(facts.episodes) if each.relapse_id == relapse.pk), None)


def _episode_before(
    relapse: Relapse, begun_by: datetime.date, led_to: TreatmentEpisode | None, facts: _Facts
) -> TreatmentEpisode | None:
    """The episode whose knowledge counts: the one in which use began, or the last one before it.

    If use is known only to the month or year, the last episode that was over by the end of that period; otherwise the
    last one that had begun.
    """
    others = [each for each in facts.episodes if each != led_to]
    if begun_by > relapse.started_on:
        over = [each for each in others if each.discharged_on is not None and each.discharged_on <= begun_by]
        if over:
            return over[0]
    return next((each for each in others if each.admitted_on <= begun_by), None)


def _was_made_before(plan: DischargePlan, begun_by: datetime.date) -> bool:
    """Whether it belongs to an episode that was over when use began, and was written by then: some are written late."""
    left = plan.episode.discharged_on
    written_on = timezone.localdate(plan.written_at, plan.client.clinic.zone)
    return left is not None and left <= begun_by and written_on <= begun_by


def _was_past(token: str, relapse: Relapse, facts: _Facts) -> bool:
    """Whether it was thought to be no longer true when the use began."""
    return any(stretch.covers(relapse.begun_by) for stretch in facts.past.get(token, ()))


def _was_known(row: Any, relapse: Relapse, left: datetime.date | None, *, there: bool) -> bool:
    """Known before the use began, or at the discharge before it.

    If use is known only to the month or year, an item first seen in it has the same first day as the use.
    """
    if there and row.first_seen_on == relapse.started_on != relapse.begun_by:
        return False
    return row.first_seen_on < relapse.started_on or (left is not None and row.first_seen_on <= left)


def _compare_strategies(result: Comparison, left: datetime.date | None, facts: _Facts) -> None:
    relapse, plan = result.relapse, result.discharge_plan
    outcomes, found = facts.outcomes.get(relapse.pk, {}), facts.verdicts.get(relapse.pk, {})
    in_plan = facts.named[CarryOverKind.STRATEGY].get(plan.pk, set()) if plan else set()
    for row in facts.strategies:
        past = _was_past(f"{CarryOverKind.STRATEGY}:{row.pk}", relapse, facts)
        known = past or _was_known(row, relapse, left, there=row.pk in outcomes) or row.pk in in_plan
        outcome = CopingOutcome(outcomes[row.pk]) if row.pk in outcomes else None
        verdict = found.get(f"{CarryOverKind.STRATEGY}:{row.pk}")
        words = f"Known before, {_not(CarryOverKind.STRATEGY)}"
        if outcome is not None:
            words = str(outcome.label)
            if past:
                words = f"{_marked(CarryOverKind.STRATEGY)}, used again: {words[:1].lower()}{words[1:]}"
        elif past:
            words = f"{_marked(CarryOverKind.STRATEGY)}, {_not(CarryOverKind.STRATEGY)}"
            result.past.append(Line(CarryOverKind.STRATEGY, str(row), row, words))
            continue
        elif not known:
            continue
        elif verdict is not None and verdict.verdict in {Verdict.HELD, Verdict.DID_NOT_HOLD}:
            words = _as_found(verdict)
            outcome = CopingOutcome.HELPED if verdict.verdict == Verdict.HELD else CopingOutcome.DID_NOT
        line = Line(CarryOverKind.STRATEGY, str(row), row, words, row.pk in in_plan, outcome, past)
        if not known:
            result.new.append(line)
        elif outcome is None:
            result.never_used.append(line)
        elif outcome == CopingOutcome.DID_NOT:
            result.did_not_hold.append(line)
        else:
            result.held.append(line)


def _add_verdicts(result: Comparison, found: dict[str, CarryOverItem]) -> None:
    """Goals, plans, homework and mutual help, by their verdicts on the next board."""
    places = {
        Verdict.HELD: result.held,
        Verdict.DID_NOT_HOLD: result.did_not_hold,
        Verdict.NEVER_USED: result.never_used,
    }
    for item in found.values():
        lines = places.get(Verdict(item.verdict))
        if lines is not None and item.kind not in _LEARNED:
            words = words_of(item.verdict, item.kind)
            lines.append(Line(CarryOverKind(item.kind), item.wording, item.source, words))


def _as_found(item: CarryOverItem) -> str:
    return f"{words_of(item.verdict, item.kind)}, per carry-over review"


def _marked(kind: CarryOverKind) -> str:
    return f"Marked {in_sentence(Verdict.NO_LONGER_TRUE, kind)}"


def _not(kind: CarryOverKind) -> str:
    return in_sentence(Verdict.NEVER_USED, kind)

"""What was known before a return to use, compared with what happened: where the next plan learns from."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from cases.codes import CopingOutcome
from cases.models import CopingStrategy, Relapse, RelapseCoping, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, DischargePlan

_JUDGED = (CarryOverKind.GOAL, CarryOverKind.DISCHARGE_PLAN, CarryOverKind.SAFETY_PLAN)


@dataclass(frozen=True)
class Line:
    """One thing known or learned, and what became of it in this return to use."""

    kind: CarryOverKind
    wording: str
    source: Any
    outcome: str  # in words fit to show
    in_discharge_plan: bool = False
    tried: CopingOutcome | None = None  # of a strategy that was tried


@dataclass
class Comparison:
    """One return to use against what was known before it.

    `held`: known, and it proved true or helped. `did_not_hold`: relied on, and it did not work this time.
    `never_used`: known, and not tried or not part of it. `new`: nobody knew before.
    """

    relapse: Relapse
    episode: TreatmentEpisode | None
    known_on: datetime.date | None
    discharge_plan: DischargePlan | None
    held: list[Line] = field(default_factory=list)
    did_not_hold: list[Line] = field(default_factory=list)
    never_used: list[Line] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing was known before and nothing was learned."""
        return not (self.held or self.did_not_hold or self.never_used or self.new)


@dataclass
class _Facts:
    """All that comparisons of one person are made of, read at a constant number of queries."""

    episodes: list[TreatmentEpisode]  # latest admission first
    plans: list[DischargePlan]  # latest writing first
    learned: list[tuple[CarryOverKind, list[Any]]]  # triggers and warning signs
    strategies: list[CopingStrategy]
    outcomes: dict[int, dict[int, str]]  # return to use → strategy → outcome
    verdicts: dict[int, list[CarryOverItem]]  # return to use → goals and plans judged on the board that followed


def compare(relapse: Relapse) -> Comparison:
    """Compare what was known when the person was last in care with what this return to use shows.

    Triggers and warning signs: known and there again → held; known and no part of it → never used; first seen in it →
    new. Strategies: helped, wholly or partly → held; did not help → did not hold; not tried → never used. Goals and
    plans count by the verdict that was given on the board of the episode that this return to use led to.
    """
    return compare_all([relapse])[0]


def compare_all(relapses: Sequence[Relapse]) -> list[Comparison]:
    """The same for several returns to use of one person, in their order: as many queries for ten as for one."""
    if not relapses:
        return []
    prefetch_related_objects(list(relapses), "triggers", "warning_signs")
    facts = _facts(relapses)
    return [_compare(relapse, facts) for relapse in relapses]


def _facts(relapses: Sequence[Relapse]) -> _Facts:
    client = relapses[0].client_id
    outcomes: dict[int, dict[int, str]] = defaultdict(dict)
    for relapse, strategy, outcome in RelapseCoping.objects.filter(relapse__in=relapses).values_list(
        "relapse", "strategy", "outcome"
    ):
        outcomes[relapse][strategy] = outcome
    verdicts: dict[int, list[CarryOverItem]] = defaultdict(list)
    items = CarryOverItem.objects.filter(episode__relapse__in=relapses, kind__in=_JUDGED).exclude(verdict="")
    for item in items.with_sources().select_related("episode"):
        assert item.episode.relapse_id is not None
        verdicts[item.episode.relapse_id].append(item)
    written = DischargePlan.objects.filter(client=client).select_related("episode").order_by("-written_at", "-pk")
    return _Facts(
        episodes=list(
            TreatmentEpisode.objects.filter(client=client).select_related("program").order_by("-admitted_on", "-pk")
        ),
        plans=list(written.prefetch_related("triggers", "warning_signs", "strategies")),
        learned=[
            (CarryOverKind.TRIGGER, list(Trigger.objects.filter(client=client))),
            (CarryOverKind.WARNING_SIGN, list(WarningSign.objects.filter(client=client))),
        ],
        strategies=list(CopingStrategy.objects.filter(client=client)),
        outcomes=outcomes,
        verdicts=verdicts,
    )


def _compare(relapse: Relapse, facts: _Facts) -> Comparison:
    episode = next((each for each in facts.episodes if each.admitted_on <= relapse.started_on), None)
    left = episode.discharged_on if episode else None
    known_on = left if left and left <= relapse.started_on else relapse.started_on
    plan = next((each for each in facts.plans if _was_made_before(each, relapse)), None)
    result = Comparison(relapse, episode, known_on if episode else None, plan)
    for kind, rows in facts.learned:
        name = "triggers" if kind == CarryOverKind.TRIGGER else "warning_signs"
        in_plan = {each.pk for each in getattr(plan, name).all()} if plan else set()
        there = {each.pk for each in getattr(relapse, name).all()}
        for row in rows:
            known = _was_known(row, relapse, left) or row.pk in in_plan
            if row.pk in there and known:
                result.held.append(Line(kind, str(row), row, "Known before, and there again", row.pk in in_plan))
            elif row.pk in there:
                result.new.append(Line(kind, str(row), row, "Not known before"))
            elif known:
                result.never_used.append(
                    Line(kind, str(row), row, "Known before, no part of it this time", row.pk in in_plan)
                )
    _compare_strategies(result, left, facts)
    _add_verdicts(result, facts)
    return result


def _was_made_before(plan: DischargePlan, relapse: Relapse) -> bool:
    """Whether it is the plan of an episode that was over when the use began."""
    return plan.episode.discharged_on is not None and plan.episode.discharged_on <= relapse.started_on


def _was_known(row: Any, relapse: Relapse, left: datetime.date | None) -> bool:
    """Known before the use began, or at the discharge before it; and not already found to be no longer true."""
    if row.no_longer_true_since is not None and row.no_longer_true_since <= relapse.started_on:
        return False
    return row.first_seen_on < relapse.started_on or (left is not None and row.first_seen_on <= left)


def _compare_strategies(result: Comparison, left: datetime.date | None, facts: _Facts) -> None:
    relapse, plan = result.relapse, result.discharge_plan
    outcomes = facts.outcomes.get(relapse.pk, {})
    in_plan = {each.pk for each in plan.strategies.all()} if plan else set()
    for row in facts.strategies:
        known = _was_known(row, relapse, left) or row.pk in in_plan
        outcome = CopingOutcome(outcomes[row.pk]) if row.pk in outcomes else None
        if outcome is None and not known:
            continue
        words = str(outcome.label) if outcome else "Known, not tried this time"
        line = Line(CarryOverKind.STRATEGY, str(row), row, words, row.pk in in_plan, outcome)
        if not known:
            result.new.append(line)
        elif outcome is None:
            result.never_used.append(line)
        elif outcome == CopingOutcome.DID_NOT:
            result.did_not_hold.append(line)
        else:
            result.held.append(line)


def _add_verdicts(result: Comparison, facts: _Facts) -> None:
    """Goals and plans, as counselor and client judged them on the board of the episode that followed."""
    places = {
        Verdict.HELD: result.held,
        Verdict.DID_NOT_HOLD: result.did_not_hold,
        Verdict.NEVER_USED: result.never_used,
    }
    for item in facts.verdicts.get(result.relapse.pk, []):
        lines = places.get(Verdict(item.verdict))
        if lines is not None:
            lines.append(Line(CarryOverKind(item.kind), item.wording, item.source, item.get_verdict_display()))

"""What was known before a return to use, compared with what happened: where the next plan learns from."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from cases.codes import CopingOutcome
from cases.models import CopingStrategy, Relapse, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, DischargePlan


@dataclass(frozen=True)
class Line:
    """One thing known or learned, and what became of it in this return to use."""

    kind: CarryOverKind
    wording: str
    source: Any
    outcome: str  # in words fit to show
    in_discharge_plan: bool = False


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


def compare(relapse: Relapse) -> Comparison:
    """Compare what was known when the person was last in care with what this return to use shows.

    Triggers and warning signs: known and there again → held; known and no part of it → never used; first seen in it →
    new. Strategies: helped, wholly or partly → held; did not help → did not hold; not tried → never used. Goals and
    plans count by the verdict that was given on the board of the episode that this return to use led to.
    """
    episode = (
        TreatmentEpisode.objects.filter(client=relapse.client_id, admitted_on__lte=relapse.started_on)
        .select_related("program")
        .order_by("-admitted_on", "-pk")
        .first()
    )
    left = episode.discharged_on if episode else None
    known_on = left if left and left <= relapse.started_on else relapse.started_on
    plan = (
        DischargePlan.objects.filter(client=relapse.client_id, episode__admitted_on__lte=relapse.started_on)
        .filter(episode__discharged_on__lte=relapse.started_on)
        .prefetch_related("triggers", "warning_signs", "strategies")
        .order_by("-written_at", "-pk")
        .first()
    )
    result = Comparison(relapse, episode, known_on if episode else None, plan)
    for kind, model, happened, named in (
        (CarryOverKind.TRIGGER, Trigger, relapse.triggers, plan.triggers if plan else None),
        (CarryOverKind.WARNING_SIGN, WarningSign, relapse.warning_signs, plan.warning_signs if plan else None),
    ):
        in_plan = {each.pk for each in named.all()} if named else set()
        there = {each.pk for each in happened.all()}
        for row in model._default_manager.filter(client=relapse.client_id):
            known = _was_known(row, relapse, left) or row.pk in in_plan
            if row.pk in there and known:
                result.held.append(Line(kind, str(row), row, "Known before, and there again", row.pk in in_plan))
            elif row.pk in there:
                result.new.append(Line(kind, str(row), row, "Not known before"))
            elif known:
                result.never_used.append(
                    Line(kind, str(row), row, "Known before, no part of it this time", row.pk in in_plan)
                )
    _compare_strategies(result, left)
    _add_verdicts(result)
    return result


def _was_known(row: Any, relapse: Relapse, left: datetime.date | None) -> bool:
    """Known before the use began, or at the discharge before it; and not already found to be no longer true."""
    if row.no_longer_true_since is not None and row.no_longer_true_since <= relapse.started_on:
        return False
    return row.first_seen_on < relapse.started_on or (left is not None and row.first_seen_on <= left)


def _compare_strategies(result: Comparison, left: datetime.date | None) -> None:
    relapse, plan = result.relapse, result.discharge_plan
    outcomes = dict(relapse.coping.values_list("strategy", "outcome"))
    in_plan = {each.pk for each in plan.strategies.all()} if plan else set()
    for row in CopingStrategy.objects.filter(client=relapse.client_id):
        known = _was_known(row, relapse, left) or row.pk in in_plan
        outcome = outcomes.get(row.pk)
        if outcome is None and not known:
            continue
        words = CopingOutcome(outcome).label if outcome else "Known, not tried this time"
        line = Line(CarryOverKind.STRATEGY, str(row), row, words, row.pk in in_plan)
        if not known:
            result.new.append(line)
        elif outcome is None:
            result.never_used.append(line)
        elif outcome == CopingOutcome.DID_NOT:
            result.did_not_hold.append(line)
        else:
            result.held.append(line)


def _add_verdicts(result: Comparison) -> None:
    """Goals and plans, as counselor and client judged them on the board of the episode that followed."""
    kinds = (CarryOverKind.GOAL, CarryOverKind.DISCHARGE_PLAN, CarryOverKind.SAFETY_PLAN)
    items = CarryOverItem.objects.filter(episode__relapse=result.relapse, kind__in=kinds).exclude(verdict="")
    places = {
        Verdict.HELD: result.held,
        Verdict.DID_NOT_HOLD: result.did_not_hold,
        Verdict.NEVER_USED: result.never_used,
    }
    for item in items.with_sources():
        lines = places.get(Verdict(item.verdict))
        if lines is not None:
            lines.append(Line(CarryOverKind(item.kind), item.wording, item.source, item.get_verdict_display()))

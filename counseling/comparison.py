"""What was known before a return to use, compared with what happened: where the next plan learns from.

What the record of the return to use says comes first. Where it says nothing, the board of the episode that followed
does: there counselor and client found what held.
"""

from __future__ import annotations

import calendar
import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from cases.codes import CopingOutcome, Precision
from cases.models import CopingStrategy, Relapse, RelapseCoping, TreatmentEpisode, Trigger, WarningSign
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, DischargePlan
from counseling.verdict_words import one_of, words_of

_LEARNED = (CarryOverKind.TRIGGER, CarryOverKind.WARNING_SIGN, CarryOverKind.STRATEGY)


@dataclass(frozen=True)
class Line:
    """One thing known or learned, and what became of it in this return to use."""

    kind: CarryOverKind
    wording: str
    source: Any
    outcome: str  # in words fit to show
    in_discharge_plan: bool = False
    tried: CopingOutcome | None = None  # of a strategy that was tried

    @property
    def kind_words(self) -> str:
        """“Trigger”, “Strategy”: what it is, where its own words do not say so."""
        return one_of(self.kind)


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
    def all_lines(self) -> list[Line]:
        """Everything in it, each thing once."""
        return [*self.held, *self.did_not_hold, *self.never_used, *self.new]

    @property
    def parts(self) -> list[tuple[str, str, str, list[Line]]]:
        """The four parts as they are shown: name, class, icon, lines."""
        return [
            ("Held", "held", "circle-check", self.held),
            ("Did not hold", "did-not-hold", "circle-x", self.did_not_hold),
            ("Never used", "never-used", "circle-dashed", self.never_used),
            ("New", "new", "sprout", self.new),
        ]

    @property
    def is_empty(self) -> bool:
        """Nothing was known before and nothing was learned."""
        return not self.all_lines


@dataclass
class _Facts:
    """All that comparisons of one person are made of, read at a constant number of queries."""

    episodes: list[TreatmentEpisode]  # latest admission first
    plans: list[DischargePlan]  # latest writing first
    learned: list[tuple[CarryOverKind, list[Any]]]  # triggers and warning signs
    strategies: list[CopingStrategy]
    outcomes: dict[int, dict[int, str]]  # return to use → strategy → outcome
    verdicts: dict[int, dict[str, CarryOverItem]]  # return to use → token → what the board that followed found


def compare(relapse: Relapse) -> Comparison:
    """Compare what was known when the person was last in care with what this return to use shows.

    Triggers and warning signs: known and there again → held; known and it caught them unprepared → did not hold; known
    and no part of it → never used; first seen in it → new. Strategies: helped, wholly or partly → held; did not help →
    did not hold; not tried → never used. Goals, plans, homework and mutual help count by the verdict that was given on
    the board of the episode that this return to use led to, and so does a strategy of which its record says nothing.
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
    verdicts: dict[int, dict[str, CarryOverItem]] = defaultdict(dict)
    items = CarryOverItem.objects.filter(episode__relapse__in=relapses).standing().exclude(verdict="")
    for item in items.with_sources().select_related("episode"):
        assert item.episode.relapse_id is not None
        verdicts[item.episode.relapse_id][item.token] = item
    written = DischargePlan.objects.filter(client=client).select_related("episode", "client__clinic")
    return _Facts(
        episodes=list(
            TreatmentEpisode.objects.filter(client=client).select_related("program").order_by("-admitted_on", "-pk")
        ),
        plans=list(written.order_by("-written_at", "-pk").prefetch_related("triggers", "warning_signs", "strategies")),
        learned=[
            (CarryOverKind.TRIGGER, list(Trigger.objects.filter(client=client))),
            (CarryOverKind.WARNING_SIGN, list(WarningSign.objects.filter(client=client))),
        ],
        strategies=list(CopingStrategy.objects.filter(client=client)),
        outcomes=outcomes,
        verdicts=verdicts,
    )


def _compare(relapse: Relapse, facts: _Facts) -> Comparison:
    begun_by = _begun_by(relapse)
    episode = next((each for each in facts.episodes if each.admitted_on <= relapse.started_on), None)
    left = episode.discharged_on if episode and episode.discharged_on and episode.discharged_on <= begun_by else None
    plan = next((each for each in facts.plans if _was_made_before(each, begun_by)), None)
    result = Comparison(relapse, episode, (left or relapse.started_on) if episode else None, plan)
    found = facts.verdicts.get(relapse.pk, {})
    for kind, rows in facts.learned:
        name = "triggers" if kind == CarryOverKind.TRIGGER else "warning_signs"
        in_plan = {each.pk for each in getattr(plan, name).all()} if plan else set()
        there = {each.pk for each in getattr(relapse, name).all()}
        for row in rows:
            known = _was_known(row, relapse, left) or row.pk in in_plan
            verdict = found.get(f"{kind}:{row.pk}")
            if not known:
                if row.pk in there:
                    result.new.append(Line(kind, str(row), row, "Not known before"))
            elif verdict is not None and verdict.verdict == Verdict.DID_NOT_HOLD:
                result.did_not_hold.append(Line(kind, str(row), row, _as_found(verdict), row.pk in in_plan))
            elif row.pk in there:
                result.held.append(Line(kind, str(row), row, "Known before, and there again", row.pk in in_plan))
            else:
                words = "Known before, no part of it this time"
                result.never_used.append(Line(kind, str(row), row, words, row.pk in in_plan))
    _compare_strategies(result, left, facts)
    _add_verdicts(result, found)
    return result


def _begun_by(relapse: Relapse) -> datetime.date:
    """The last day on which the use can have begun: of a month or year that is all that is known, its end.

    Not so for use that fell into an episode: that is known to have begun before its discharge.
    """
    day, precision = relapse.started_on, relapse.started_precision
    if relapse.episode_id is not None or precision not in {Precision.MONTH, Precision.YEAR}:
        return day
    month = day.month if precision == Precision.MONTH else 12
    end = datetime.date(day.year, month, calendar.monthrange(day.year, month)[1])
    return min(end, relapse.ended_on) if relapse.ended_on and relapse.ended_precision == Precision.DAY else end


def _was_made_before(plan: DischargePlan, begun_by: datetime.date) -> bool:
    """Whether it is of an episode that was over when the use began, and was written by then: some are written late."""
    left = plan.episode.discharged_on
    written_on = timezone.localdate(plan.written_at, plan.client.clinic.zone)
    return left is not None and left <= begun_by and written_on <= begun_by


def _was_known(row: Any, relapse: Relapse, left: datetime.date | None) -> bool:
    """Known before the use began, or at the discharge before it; and not already found to be no longer true."""
    if row.no_longer_true_since is not None and row.no_longer_true_since <= relapse.started_on:
        return False
    return row.first_seen_on < relapse.started_on or (left is not None and row.first_seen_on <= left)


def _compare_strategies(result: Comparison, left: datetime.date | None, facts: _Facts) -> None:
    relapse, plan = result.relapse, result.discharge_plan
    outcomes, found = facts.outcomes.get(relapse.pk, {}), facts.verdicts.get(relapse.pk, {})
    in_plan = {each.pk for each in plan.strategies.all()} if plan else set()
    for row in facts.strategies:
        known = _was_known(row, relapse, left) or row.pk in in_plan
        outcome = CopingOutcome(outcomes[row.pk]) if row.pk in outcomes else None
        verdict = found.get(f"{CarryOverKind.STRATEGY}:{row.pk}")
        words = "Known, not tried this time"
        if outcome is not None:
            words = str(outcome.label)
        elif not known:
            continue
        elif verdict is not None and verdict.verdict in {Verdict.HELD, Verdict.DID_NOT_HOLD}:
            words = _as_found(verdict)
            outcome = CopingOutcome.HELPED if verdict.verdict == Verdict.HELD else CopingOutcome.DID_NOT
        line = Line(CarryOverKind.STRATEGY, str(row), row, words, row.pk in in_plan, outcome)
        if not known:
            result.new.append(line)
        elif outcome is None:
            result.never_used.append(line)
        elif outcome == CopingOutcome.DID_NOT:
            result.did_not_hold.append(line)
        else:
            result.held.append(line)


def _add_verdicts(result: Comparison, found: dict[str, CarryOverItem]) -> None:
    """Goals, plans, homework and mutual help, as counselor and client judged them when the person was back."""
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
    return f"{words_of(item.verdict, item.kind)}, as found on the board"

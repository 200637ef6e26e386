"""How well coping strategies worked, in returns to use and in sessions, overall and per episode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from cases.codes import CopingOutcome
from cases.models import Client, CopingStrategy, RelapseCoping, TreatmentEpisode
from counseling.models import NoteMention
from staff.models import StaffMember
from staff.prepared import BlankRow, IsOneOf
from staff.reading import Reading, query, reads, rows, together

_SAID = {CopingOutcome.HELPED: "helped", CopingOutcome.PARTLY: "partly", CopingOutcome.DID_NOT: "did not help"}
_BETWEEN = "Between episodes"


@dataclass
class Tries:
    """The recorded outcomes of one strategy."""

    outcomes: Counter[str] = field(default_factory=Counter)
    by_episode: dict[int | None, Counter[str]] = field(default_factory=dict)
    names: dict[int | None, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether it was tried at all."""
        return bool(self.outcomes)

    def add(self, outcome: str, episode: TreatmentEpisode | None) -> None:
        """Count one more time."""
        key = episode.pk if episode else None
        self.names[key] = f"{episode.program}, {episode.admitted_on:%b %-d, %Y}" if episode else _BETWEEN
        self.outcomes[outcome] += 1
        self.by_episode.setdefault(key, Counter())[outcome] += 1

    @property
    def words(self) -> str:
        """For all episodes together: “Tried 3 times: helped 2, did not help 1”."""
        times = self.outcomes.total()
        return f"Used {times} time{'' if times == 1 else 's'}: {_in_words(self.outcomes)}"

    @property
    def per_episode(self) -> list[tuple[str, str]]:
        """Each episode with the strategy's results there, in the order in which they were reported."""
        return [(self.names[key], _in_words(outcomes)) for key, outcomes in self.by_episode.items()]


@reads
def tries_of(strategies: Collection[int] | Client, *, staff_member: StaffMember) -> Reading[dict[int, Tries]]:
    """Results for each strategy tried, as far as the person may see; of these by number, or of all of a client's.

    A return to use counts once for each strategy, a session once for each outcome in its note. Discarded drafts and
    returns to use entered in error are not counted.
    """
    of_these = strategies if isinstance(strategies, Client) else list(strategies)
    used, mentions = yield from together(
        rows(query(_uses, strategies=of_these, by=staff_member)),
        rows(query(_told, strategies=of_these, by=staff_member)),
    )
    found: dict[int, Tries] = {}
    for use in used:
        found.setdefault(use.strategy_id, Tries()).add(use.outcome, use.relapse.episode)
    seen: set[tuple[int | None, int, str]] = set()
    for mention in mentions:
        key = (mention.strategy_id, mention.note_id, mention.outcome)
        if mention.strategy_id is not None and key not in seen:
            seen.add(key)
            found.setdefault(mention.strategy_id, Tries()).add(mention.outcome, mention.note.episode)
    return found


def _uses(strategies: Any, by: StaffMember) -> QuerySet[RelapseCoping]:
    uses = RelapseCoping.objects.visible_to(by).filter(_one_of(strategies, by), relapse__voided_at=None)
    return uses.select_related("relapse__episode__program").order_by("relapse__started_on", "pk")


def _told(strategies: Any, by: StaffMember) -> QuerySet[NoteMention]:
    told = NoteMention.objects.visible_to(by).filter(_one_of(strategies, by), note__discarded_at=None)
    return told.exclude(outcome="").select_related("note__episode__program").order_by("recorded_at", "pk")


def _one_of(strategies: Any, by: StaffMember) -> IsOneOf | Q:
    """Stand-ins: a client's row, or a list of numbers."""
    if isinstance(strategies, BlankRow):
        return Q(strategy__in=CopingStrategy.objects.visible_to(by).filter(client=strategies))
    return IsOneOf("strategy", strategies)


def _in_words(outcomes: Counter[str]) -> str:
    return ", ".join(f"{words} {outcomes[outcome]}" for outcome, words in _SAID.items() if outcomes[outcome])

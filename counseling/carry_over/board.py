"""Carry-over: what earlier episodes know, reviewed with the client in a new episode.

`lay_out` is a query; `gather` writes its result down; `decide` records a decision and applies it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from cases.models import TreatmentEpisode
from cases.recovery import learning
from counseling import plans
from counseling.codes import CarryOverKind, GoalStatus, HomeworkOutcome, Verdict
from counseling.models import CarryOverItem, Goal, Homework
from counseling.models.carry_over import token_of
from counseling.plans import homework
from counseling.verdict_labels import words_of
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together
from staff.refusals import Refusal

from .prior_knowledge import LEARNED, decided_in, knowledge_before, tokens_before
from .relapse_review import Comparison, compare

__all__ = [
    "CarryOverEpisodeEnded",
    "Comparison",
    "FoundMeanwhile",
    "UnknownVerdict",
    "Waiting",
    "compare",
    "decide",
    "gather",
    "in_order",
    "lay_out",
    "waiting",
]

_ORDER = {kind: place for place, kind in enumerate(CarryOverKind)}


@dataclass(frozen=True)
class Waiting:
    """How much of a board is still to be reviewed."""

    undecided: int
    total: int


class CarryOverEpisodeEnded(Refusal):
    sentence = "This episode has ended, so its carry-over can’t change."


class UnknownVerdict(Refusal):
    sentence = "Choose one: held up, did not hold up, not used, no longer current."


class FoundMeanwhile(Refusal):
    """Someone else decided this item differently, or wrote another note, after the page was opened.

    `item` is the stored row.
    """

    def __init__(self, item: CarryOverItem, *, only_words: bool = False) -> None:
        self.item = item
        if not item.verdict:  # the page claims to have shown a verdict that was never given
            super().__init__("No decision yet. Choose again.")
            return
        found = words_of(item.verdict, item.kind)
        noted = f" and noted “{item.note}”" if item.note else ""
        then = "Combine your note with theirs, then" if only_words else "If you disagree,"
        super().__init__(f"{item.decided_by} chose “{found}” while this page was open{noted}. {then} choose again.")


@reads
def lay_out(episode: TreatmentEpisode) -> Reading[list[CarryOverItem]]:
    """Everything known from the client's earlier episodes, as items of this one: saved if gathered, unsaved if new.

    Writes nothing. Old notes are not here: they are linked, never copied. Who only counts asks `waiting`.
    """
    saved = query(
        lambda episode: CarryOverItem.objects.filter(episode=episode).standing().with_sources(), episode=episode.pk
    )
    found, known = yield from together(rows(saved), knowledge_before.part([episode]))
    return in_order(_board(found, known[episode.pk]))


def in_order(items: Iterable[CarryOverItem]) -> list[CarryOverItem]:
    """Items as a board lists them: by kind, then by when they became known."""
    return sorted(items, key=_place)


@reads
def waiting(episodes: Sequence[TreatmentEpisode]) -> Reading[dict[int, Waiting]]:
    """How much of each episode's board is undecided, gathered or not; finished boards are left out.

    It counts what `lay_out` would show, for a whole caseload in one statement, and reads names and verdicts alone.
    """
    if not episodes:
        return {}
    decided, known = yield from together(
        rows(query(decided_in, episodes=[each.pk for each in episodes])),
        tokens_before.part(episodes),
    )
    verdicts: dict[int, set[str]] = defaultdict(set)
    for episode, kind, key, *sources in decided:
        token = token_of(kind, key or next(pk for pk in sources if pk))
        if kind != CarryOverKind.MUTUAL_HELP or token in known[episode]:  # as `_board` has it
            verdicts[episode].add(token)
    return {
        episode: Waiting(undecided, len(tokens | verdicts[episode]))
        for episode, tokens in known.items()
        if (undecided := len(tokens - verdicts[episode]))
    }


def _board(saved: Iterable[CarryOverItem], known: Iterable[CarryOverItem]) -> list[CarryOverItem]:
    """Decided items and items still known, without those settled elsewhere.

    Mutual help has no row here that says whose it is, so it stays while its own app reports it.
    """
    board = {item.token: item for item in known}
    for item in saved:
        if item.token in board or (item.is_decided and item.kind != CarryOverKind.MUTUAL_HELP):
            board[item.token] = item
    return list(board.values())


def gather(*, episode: TreatmentEpisode, by: StaffMember) -> list[CarryOverItem]:
    """Save what earlier episodes know as undecided items of this one. Calling it again only adds new items."""
    demand(by, Permission.PLAN_VIEW, episode.client)
    items = lay_out(episode)
    missing = [item for item in items if item.pk is None]
    if missing:
        with act("counseling.gather_carry_over", by=by, client=episode.client) as entry:
            CarryOverItem.objects.bulk_create(missing, ignore_conflicts=True)
            entry.about(episode, items=len(missing))
        # with their new ids, and current values if someone gathered or decided at the same time
        saved = {item.token: item for item in CarryOverItem.objects.filter(episode=episode).with_sources()}
        items = [saved.get(item.token, item) for item in items]
    for item in items:
        item.client = episode.client  # the same person: not one query an item
    return items


def decide(
    *,
    item: CarryOverItem,
    verdict: str,
    by: StaffMember,
    note: str | None = None,
    seen: str | None = None,
    shown: str | None = None,
) -> CarryOverItem:
    """Record the decision on an item; only “held” makes it part of the new episode.

    A goal or homework that held enters the new episode as a row of its own with its lineage. A trigger, sign or
    strategy that is no longer true is not shown again. For everything else, the verdict itself says whether it counts
    in this episode. It can be changed while the episode is open; what an earlier verdict brought in is discontinued,
    never deleted. The same verdict again changes nothing and leaves no trace. `note` is what the client said; None
    keeps the current text. `seen` and `shown` are the verdict and the text that the page showed, empty for none.

    Raises UnknownVerdict, CarryOverEpisodeEnded, and FoundMeanwhile if someone has decided differently since, or has
    entered text that the new text would replace.
    """
    demand(by, Permission.CARRY_OVER_DECIDE, item.client)
    if verdict not in Verdict.values:
        raise UnknownVerdict
    with act("counseling.decide_carry_over", by=by, client=item.client, whole=True) as entry:
        stored = (
            CarryOverItem.objects.select_for_update(of=("self",), no_key=True)
            .select_related("decided_by")
            .get(pk=item.pk)
        )
        episode = TreatmentEpisode.objects.select_related("client__clinic").get(pk=stored.episode_id)
        if not episode.is_open:
            raise CarryOverEpisodeEnded
        before = stored.verdict
        if seen is not None and before not in {seen, verdict}:
            raise FoundMeanwhile(stored)
        said = stored.note if note is None else note.strip()
        if shown is not None and stored.note not in {shown.strip(), said}:
            raise FoundMeanwhile(stored, only_words=before == verdict)
        if (before, stored.note) == (verdict, said):
            entry.nothing_changed()
            return stored
        stored.verdict = Verdict(verdict)
        stored.note = said
        stored.decided_at = timezone.now()
        stored.decided_by = by
        stored.save(update_fields=["verdict", "note", "decided_at", "decided_by"])
        if before != verdict:
            _take_effect(stored, before=before, episode=episode, by=by)
        entry.about(stored, kind=stored.kind, verdict=verdict, before=before)
    return stored


def _take_effect(item: CarryOverItem, *, before: str, episode: TreatmentEpisode, by: StaffMember) -> None:
    held, did_hold = item.verdict == Verdict.HELD, before == Verdict.HELD
    if item.goal is not None and held:
        _carry_goal(item.goal, episode=episode, by=by)
    elif item.goal is not None and did_hold:
        for goal in Goal.objects.active().filter(episode=episode, carried_from=item.goal):
            plans.close_goal(goal=goal, status=GoalStatus.SET_ASIDE, by=by)
    elif item.homework is not None and held:
        homework.carry(homework=item.homework, into=episode, by=by)
    elif item.homework is not None and did_hold:
        for carried in Homework.objects.open().filter(episode=episode, carried_from=item.homework):
            homework.review_homework(homework=carried, outcome=HomeworkOutcome.LET_GO, by=by)
    elif item.kind in LEARNED:
        learned = item.source
        if item.verdict == Verdict.NO_LONGER_TRUE:
            learning.mark_no_longer_true(item=learned, on=learned.client.today, by=by)
        elif before == Verdict.NO_LONGER_TRUE:
            learning.mark_still_true(item=learned, by=by)


def _carry_goal(goal: Goal, *, episode: TreatmentEpisode, by: StaffMember) -> None:
    """Carry a goal with its open objectives into the episode, or reactivate the one carried before."""
    carried = Goal.objects.filter(episode=episode, carried_from=goal).first()
    if carried is not None and carried.status != GoalStatus.SET_ASIDE:
        return  # worked on or met since
    if carried is not None:
        carried.objectives.filter(status=GoalStatus.SET_ASIDE, closed_on=carried.closed_on).update(
            status=GoalStatus.ACTIVE, closed_on=None
        )
        carried.status = GoalStatus.ACTIVE
        carried.closed_on = None
        carried.save(update_fields=["status", "closed_on"])
        return
    carried = plans.add_goal(episode=episode, wording=goal.wording, need=goal.need, carried_from=goal, by=by)
    for objective in goal.objectives.active():
        plans.add_objective(
            goal=carried,
            wording=objective.wording,
            intervention=objective.intervention,
            due_on=None,  # the old date has passed; the new one is agreed on with the client
            carried_from=objective,
            by=by,
        )


def _place(item: CarryOverItem) -> tuple[int, str]:
    since = getattr(item.source, "first_seen_on", None) or getattr(item.source, "opened_on", None)
    since = since or getattr(item.source, "given_on", None)
    return _ORDER[CarryOverKind(item.kind)], f"{since or ''}{item.wording.lower()}"

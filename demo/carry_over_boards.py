"""Carry-over boards: the decisions at each readmission, consistent with what that episode's plan carried over."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

from cases.models import TreatmentEpisode
from cases.recovery import learning
from counseling import carry_over
from counseling.carry_over.prior_knowledge import LEARNED, knowledge_before
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem, Goal
from counseling.plans import homework
from staff.models import StaffMember

from . import bulk
from .lives import Life

WAITING = 8  # people who came back last: their goals were talked about, the rest waits
_FINDINGS = [Verdict.HELD, Verdict.DID_NOT_HOLD, Verdict.NEVER_USED, Verdict.NO_LONGER_TRUE]
_WEIGHTS = [55, 20, 20, 5]


def decide(lives: Sequence[Life], chance: random.Random) -> int:
    """Go through the boards of all who came back; returns how many verdicts there are."""
    back = sorted(
        (life for life in lives if life.open_episode and len(life.episodes) > 1),
        key=lambda life: life.episodes[-1].admitted_on,
    )
    taken_over = _taken_over([life.episodes[-1] for life in back])
    decided = _of_the_past(lives, chance) + _at_once(back[:-WAITING], taken_over, chance)
    for life in back[-WAITING:]:
        episode = life.episodes[-1]
        for item in carry_over.gather(episode=episode, by=life.counselor):
            if (episode.pk, item.goal_id) in taken_over:
                carry_over.decide(item=item, verdict=_verdict(item, taken_over, chance), by=life.counselor)
                decided += 1
    return decided


def _at_once(lives: Sequence[Life], taken_over: set[tuple[int, int]], chance: random.Random) -> int:
    """Whole boards as `carry_over.gather` and `decide` write them; what a verdict brings about is an act of its own."""
    boards = knowledge_before([life.episodes[-1] for life in lives])
    by = {life.episodes[-1].pk: life.counselor for life in lives}
    items: list[CarryOverItem] = []
    audit = bulk.Audit()
    for life in lives:
        episode = life.episodes[-1]
        board = carry_over.in_order(boards[episode.pk])
        for item in board:
            item.client = life.client
        items += board
        if board:
            audit.note(
                "counseling.gather_carry_over", by=life.counselor, client=life.client, about=episode, items=len(board)
            )
    bulk.number(items)
    bulk.insert(items, act="counseling.gather_carry_over", by=lambda item: by[item.episode_id])
    for item in items:
        counselor = by[item.episode_id]
        item.verdict = _verdict(item, taken_over, chance)
        item.decided_at, item.decided_by = item.gathered_at, counselor
        details = {"kind": item.kind, "verdict": item.verdict, "before": ""}
        audit.note("counseling.decide_carry_over", by=counselor, client=item.client, about=item, **details)
    fields = ["verdict", "decided_at", "decided_by"]
    bulk.update(items, fields, act="counseling.decide_carry_over", by=lambda item: by[item.episode_id])
    for item in items:
        if item.homework is not None and item.verdict == Verdict.HELD:
            homework.carry(homework=item.homework, into=item.episode, by=by[item.episode_id])
        elif item.kind in LEARNED and item.verdict == Verdict.NO_LONGER_TRUE:
            source = item.source
            source.client = item.client
            learning.mark_no_longer_true(item=source, on=item.client.today, by=by[item.episode_id])
    audit.write()
    return len(items)


def _of_the_past(lives: Sequence[Life], chance: random.Random) -> int:
    """Boards of episodes that are over, as an old system's would be brought in: nothing new takes effect."""
    ended = [(life, episode) for life in lives for episode in life.episodes[1:] if episode.discharged_on]
    taken_over = _taken_over([episode for _, episode in ended])
    laid_out = knowledge_before([episode for _, episode in ended])
    items: list[CarryOverItem] = []
    for life, episode in ended:
        for item in laid_out[episode.pk]:
            verdict = _verdict(item, taken_over, chance)
            item.verdict = Verdict.NEVER_USED if verdict == Verdict.NO_LONGER_TRUE else verdict
            item.gathered_at = item.decided_at = _a_week_in(episode, life.counselor)
            item.decided_by = life.counselor
            items.append(item)
    CarryOverItem.objects.bulk_create(items, batch_size=500)
    return len(items)


def _taken_over(episodes: Sequence[TreatmentEpisode]) -> set[tuple[int, int]]:
    """(episode, goal of an earlier one) for each goal that the episode's plan took over."""
    carried = Goal.objects.filter(episode__in=episodes, carried_from__isnull=False)
    return {(episode, goal) for episode, goal in carried.values_list("episode", "carried_from") if goal is not None}


def _verdict(item: CarryOverItem, taken_over: set[tuple[int, int]], chance: random.Random) -> Verdict:
    if item.kind == CarryOverKind.GOAL:
        held = (item.episode_id, item.goal_id) in taken_over
        return Verdict.HELD if held else chance.choice([Verdict.DID_NOT_HOLD, Verdict.NEVER_USED])
    return chance.choices(_FINDINGS, weights=_WEIGHTS)[0]


def _a_week_in(episode: TreatmentEpisode, by: StaffMember) -> datetime.datetime:
    last = episode.discharged_on or episode.admitted_on
    day = min(episode.admitted_on + datetime.timedelta(days=7), last)
    return datetime.datetime.combine(day, datetime.time(11), by.clinic.zone)

"""The golden thread as it is drawn: each need with its goals, each goal with its objectives, notes as marks in time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from counseling.models import Goal, Objective, PlanReviewGoal
from counseling.thread import GoalBranch, NoteMark, Strand, Thread
from counseling.thread_checks import Check, Gap

SPAN = 90  # days that the strip of notes shows
WIDTH, HEIGHT, EDGE = 240, 28, 8
MOST_MARKS = 24
MOST_REVIEWS = 3


@dataclass(frozen=True)
class Mark:
    """One note, as far along the strip as its day."""

    x: float
    note: NoteMark


@dataclass(frozen=True)
class Strip:
    """The notes of an objective or goal over the last weeks, and how many came before."""

    marks: tuple[Mark, ...]
    shown: int
    all: int
    width: int = WIDTH
    height: int = HEIGHT
    middle: int = HEIGHT // 2
    left: int = EDGE
    right: int = WIDTH - EDGE
    days: int = SPAN


@dataclass(frozen=True)
class DrawnStrand:
    """One objective of the picture."""

    objective: Objective
    strip: Strip
    last_on: datetime.date | None
    gap: Gap | None


@dataclass(frozen=True)
class DrawnGoal:
    """One goal of the picture; `strip` holds the notes that name only the goal."""

    goal: Goal
    strands: tuple[DrawnStrand, ...]
    strip: Strip
    progress: tuple[PlanReviewGoal, ...]
    gap: Gap | None

    @property
    def rows(self) -> int:
        """Rows of the table that it takes."""
        return max(len(self.strands), 1)


@dataclass(frozen=True)
class DrawnNeed:
    """One need of the picture."""

    need: str
    goals: tuple[DrawnGoal, ...]
    gap: Gap | None

    @property
    def rows(self) -> int:
        """Rows of the table that it takes."""
        return sum(goal.rows for goal in self.goals) or 1


def draw(thread: Thread, gaps: Iterable[Gap], now: datetime.datetime) -> list[DrawnNeed]:
    """The thread with its gaps where they are."""
    today = timezone.localdate(now, thread.episode.client.clinic.zone)
    listed = list(gaps)
    by_row = {(gap.check, gap.pk): gap for gap in listed}
    bare = {gap.about: gap for gap in listed if gap.check == Check.NEED_WITHOUT_GOAL}
    return [
        DrawnNeed(
            branch.need,
            tuple(_goal(goal, by_row, today) for goal in branch.goals),
            bare.get(branch.need) if not branch.goals else None,
        )
        for branch in thread.needs
    ]


def _goal(branch: GoalBranch, gaps: dict[tuple[Check, int | None], Gap], today: datetime.date) -> DrawnGoal:
    return DrawnGoal(
        branch.goal,
        tuple(_strand(strand, gaps, today) for strand in branch.strands),
        _strip(branch.notes, today),
        branch.progress[:MOST_REVIEWS],
        gaps.get((Check.GOAL_WITHOUT_OBJECTIVE, branch.goal.pk)),
    )


def _strand(strand: Strand, gaps: dict[tuple[Check, int | None], Gap], today: datetime.date) -> DrawnStrand:
    gap = gaps.get((Check.OBJECTIVE_WITHOUT_NOTE, strand.objective.pk))
    return DrawnStrand(strand.objective, _strip(strand.notes, today), strand.last_on, gap)


def _strip(notes: tuple[NoteMark, ...], today: datetime.date) -> Strip:
    recent = [note for note in notes if (today - note.on).days <= SPAN][-MOST_MARKS:]
    room = WIDTH - 2 * EDGE
    marks = tuple(Mark(round(WIDTH - EDGE - room * max((today - note.on).days, 0) / SPAN, 1), note) for note in recent)
    return Strip(marks, len(marks), len(notes))

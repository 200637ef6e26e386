"""The golden thread diagram: needs with their goals, goals with their objectives, notes on a time line."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from counseling.codes import GoalStatus
from counseling.models import Goal, Objective, PlanReviewGoal

from .structure import GoalBranch, NoteMark, Strand, Thread
from .thread_checks import Check, Gap

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
    url: str  # of its row in the plan
    strip: Strip
    last: NoteMark | None
    gap: Gap | None

    @property
    def last_on(self) -> datetime.date | None:
        """The day of the last note."""
        return self.last.on if self.last else None


@dataclass(frozen=True)
class DrawnGoal:
    """One goal of the picture; `strip` holds the notes that name only the goal."""

    goal: Goal
    url: str
    strands: tuple[DrawnStrand, ...]
    strip: Strip
    loose: int  # its notes without a clear objective
    progress: tuple[tuple[PlanReviewGoal, str], ...]  # with the address of the review
    gap: Gap | None

    @property
    def rows(self) -> int:
        """Rows of the table that it takes."""
        return max(len(self.strands), 1)


@dataclass(frozen=True)
class DrawnNeed:
    """One need of the picture."""

    need: str
    url: str
    goals: tuple[DrawnGoal, ...]
    gap: Gap | None

    @property
    def rows(self) -> int:
        """Rows of the table that it takes."""
        return sum(goal.rows for goal in self.goals) or 1


@dataclass(frozen=True)
class Origins:
    """Where each part of the thread is in the record: page and row."""

    thread: Thread
    is_in_plan: bool  # the plan page shows this episode; else its versions do

    def need(self, words: str) -> str:
        """The need's line in the plan; for one that only goals name, the plan."""
        lines = self.thread.plan.need_lines if self.thread.plan else []
        return self._plan(f"need-{lines.index(words) + 1}" if words in lines else "")

    def goal(self, goal: Goal) -> str:
        """The goal, open or closed, in the plan."""
        return self._plan(f"goal-{goal.pk}")

    def objective(self, objective: Objective) -> str:
        """The objective's row in the plan; a met objective has no row, so its goal's."""
        is_open = objective.status == GoalStatus.ACTIVE
        return self._plan(f"objective-{objective.pk}" if is_open else f"goal-{objective.goal_id}")

    def review(self, said: PlanReviewGoal) -> str:
        """The review with this progress, under the version of the plan that it reviewed."""
        return f"{self._page('plan_versions')}#review-{said.review_id}"

    def _plan(self, row: str) -> str:
        if self.is_in_plan:
            return self._page("plan") + (f"#{row}" if row else "")
        version = self.thread.plan.version if self.thread.plan else ""
        return f"{self._page('plan_versions')}#version-{version}"

    def _page(self, name: str) -> str:
        address = reverse(f"counseling:{name}", args=[self.thread.episode.client_id])
        return address if self.is_in_plan else f"{address}?episode={self.thread.episode.pk}"


def draw(thread: Thread, gaps: Iterable[Gap], now: datetime.datetime, *, is_in_plan: bool) -> list[DrawnNeed]:
    """The thread with its gaps, and the URL of each part."""
    origins = Origins(thread, is_in_plan)
    loose = {mark.pk for mark in thread.loose_notes}
    today = timezone.localdate(now, thread.episode.client.clinic.zone)
    listed = list(gaps)
    by_row = {(gap.check, gap.pk): gap for gap in listed}
    bare = {gap.about: gap for gap in listed if gap.check == Check.NEED_WITHOUT_GOAL}
    return [
        DrawnNeed(
            branch.need,
            origins.need(branch.need),
            tuple(_goal(goal, by_row, today, origins, loose) for goal in branch.goals),
            bare.get(branch.need) if not branch.goals else None,
        )
        for branch in thread.needs
    ]


def _goal(
    branch: GoalBranch,
    gaps: dict[tuple[Check, int | None], Gap],
    today: datetime.date,
    origins: Origins,
    loose: Collection[int],
) -> DrawnGoal:
    return DrawnGoal(
        branch.goal,
        origins.goal(branch.goal),
        tuple(_strand(strand, gaps, today, origins) for strand in branch.strands),
        _strip(branch.notes, today),
        sum(mark.pk in loose for mark in branch.notes),
        tuple((said, origins.review(said)) for said in branch.progress[:MOST_REVIEWS]),
        gaps.get((Check.GOAL_WITHOUT_OBJECTIVE, branch.goal.pk)),
    )


def _strand(
    strand: Strand, gaps: dict[tuple[Check, int | None], Gap], today: datetime.date, origins: Origins
) -> DrawnStrand:
    return DrawnStrand(
        strand.objective,
        origins.objective(strand.objective),
        _strip(strand.notes, today),
        strand.notes[-1] if strand.notes else None,
        gaps.get((Check.OBJECTIVE_WITHOUT_NOTE, strand.objective.pk)),
    )


def _strip(notes: tuple[NoteMark, ...], today: datetime.date) -> Strip:
    recent = [note for note in notes if (today - note.on).days <= SPAN][-MOST_MARKS:]
    room = WIDTH - 2 * EDGE
    marks = tuple(Mark(round(WIDTH - EDGE - room * max((today - note.on).days, 0) / SPAN, 1), note) for note in recent)
    return Strip(marks, len(marks), len(notes))

"""Gaps in the golden thread: what is missing or overdue, each with the button that closes it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone

from counseling.codes import GoalStatus

from .structure import NeedBranch, Thread

MOST_NOTES = 10  # a list of more is mended one by one anyway


class Check(StrEnum):
    """The subject of a gap."""

    PLAN_LATE = "plan_late"
    REVIEW_LATE = "review_late"
    NEED_WITHOUT_GOAL = "need_without_goal"
    GOAL_WITHOUT_OBJECTIVE = "goal_without_objective"
    OBJECTIVE_WITHOUT_NOTE = "objective_without_note"
    NOTE_WITHOUT_OBJECTIVE = "note_without_objective"


@dataclass(frozen=True)
class Gap:
    """One gap in the golden thread."""

    check: Check
    words: str
    about: str
    url: str  # of the form that mends it
    button: str
    pk: int | None = None  # of the goal, objective or note


def gaps(thread: Thread, now: datetime.datetime) -> list[Gap]:
    """The gaps, overdue first. A closed episode has none: they can no longer be closed."""
    if not thread.episode.is_open:
        return []
    return [*_late(thread, now), *_needs(thread), *_goals(thread), *_objectives(thread), *_notes(thread)]


def _late(thread: Thread, now: datetime.datetime) -> Iterator[Gap]:
    zone = thread.episode.client.clinic.zone
    client = thread.episode.client_id
    if thread.timing.plan_is_late(now):
        due = thread.timing.plan_due_at.astimezone(zone)
        yield Gap(
            Check.PLAN_LATE,
            "No plan yet",
            f"It was due on {_by(due)}.",
            reverse("counseling:plan_new_version", args=[client]),
            "Start the plan",
        )
    today = timezone.localdate(now, zone)
    if thread.timing.review_is_late(today):
        yield Gap(
            Check.REVIEW_LATE,
            "Plan review overdue",
            f"It was due on {thread.timing.review_due_on:%b %-d, %Y}.",
            reverse("counseling:plan_review", args=[client]),
            "Review the plan",
        )


def _needs(thread: Thread) -> Iterator[Gap]:
    lines = thread.plan.need_lines if thread.plan else []
    for branch in thread.needs:
        if branch.need and not branch.goals:
            yield Gap(
                Check.NEED_WITHOUT_GOAL,
                "Need without a goal",
                branch.need,
                f"{_plan(thread)}?need={_place(lines, branch)}#add-goal",
                "Add a goal",
            )


def _goals(thread: Thread) -> Iterator[Gap]:
    for branch in thread.goals:
        goal = branch.goal
        if goal.status == GoalStatus.ACTIVE and not any(_active(strand.objective.status) for strand in branch.strands):
            yield Gap(
                Check.GOAL_WITHOUT_OBJECTIVE,
                "Goal without an objective",
                goal.wording,
                f"{_plan(thread)}?goal={goal.pk}#goal-{goal.pk}",
                "Add an objective",
                goal.pk,
            )


def _objectives(thread: Thread) -> Iterator[Gap]:
    for branch in thread.goals:
        for strand in branch.strands:
            if strand.objective.pk in thread.quiet:
                last = f"last on {strand.last_on:%b %-d, %Y}" if strand.last_on else "no notes yet"
                yield Gap(
                    Check.OBJECTIVE_WITHOUT_NOTE,
                    f"No note on this objective in {thread.quiet_days} days",
                    f"{strand.objective.wording} ({last})",
                    reverse("counseling:note_new", args=[thread.episode.client_id])
                    + f"?objective={strand.objective.pk}",
                    "Start a note",
                    strand.objective.pk,
                )


def _notes(thread: Thread) -> Iterator[Gap]:
    for note in thread.loose_notes[-MOST_NOTES:]:
        yield Gap(
            Check.NOTE_WITHOUT_OBJECTIVE,
            "Signed note without an objective",
            f"Session of {note.on:%b %-d, %Y}" + (f", goal only: “{note.names_only}”" * bool(note.names_only)),
            reverse("counseling:note_file", args=[thread.episode.client_id, note.pk]),
            "Choose objective",
            note.pk,
        )


def _plan(thread: Thread) -> str:
    return reverse("counseling:plan", args=[thread.episode.client_id])


def _place(lines: list[str], branch: NeedBranch) -> int:
    """The need's number among the plan's lines, to keep its text out of URLs."""
    return lines.index(branch.need) + 1 if branch.need in lines else 0


def _active(status: str) -> bool:
    return status == GoalStatus.ACTIVE


def _by(moment: datetime.datetime) -> str:
    """“May 4, 2026” for the end of a day, with the hour otherwise."""
    if moment.time() == datetime.time():
        return f"{moment - datetime.timedelta(days=1):%b %-d, %Y}"
    return f"{moment:%b %-d, %Y, %-I:%M %p}"

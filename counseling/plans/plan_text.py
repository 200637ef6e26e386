"""The content of a plan as plain values: stored with earlier versions, hashed for signatures, and compared."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone

from counseling.codes import GoalStatus
from counseling.models import Goal, TreatmentPlan
from counseling.signing.canonical import digest, plain

TEXT_VERSION = 1  # of the rules in `text`; a signature keeps the version it was made by
AGREED = (GoalStatus.ACTIVE, GoalStatus.MET)  # reaching a goal keeps the agreement; setting one aside changes it


@dataclass(frozen=True)
class Step:
    """One objective at the time of the version."""

    pk: int
    wording: str
    intervention: str
    due_on: str  # ISO, or empty
    status: str

    @property
    def due(self) -> datetime.date | None:
        """The day it was to be reached by."""
        return datetime.date.fromisoformat(self.due_on) if self.due_on else None

    @property
    def status_words(self) -> str:
        """Its status in words."""
        return str(GoalStatus(self.status).label)


@dataclass(frozen=True)
class Aim:
    """One goal at the time of the version, with its objectives."""

    pk: int
    wording: str
    need: str
    status: str
    steps: tuple[Step, ...]

    @property
    def status_words(self) -> str:
        """Its status in words."""
        return str(GoalStatus(self.status).label)


@dataclass(frozen=True)
class Contents:
    """The content of one version."""

    plan: int
    episode: int
    version: int
    needs: tuple[str, ...]
    aims: tuple[Aim, ...]

    def as_json(self) -> dict[str, Any]:
        """For TreatmentPlan.stood_as."""
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """One difference between two versions."""

    kind: str
    words: str


def contents(plan: TreatmentPlan, goals: Iterable[Goal] | None = None) -> Contents:
    """A version's content: for an earlier version as of its end, for the latest as of now.

    The latest needs its client's clinic, and the episode's goals with their objectives; pass `goals`, all of them, if
    already loaded.
    """
    if plan.stood_as is not None:
        return _from_json(plan.stood_as)
    if goals is None:
        goals = Goal.objects.filter(episode=plan.episode_id).prefetch_related("objectives")
    began = timezone.localdate(plan.started_at, plan.client.clinic.zone)
    aims = tuple(
        Aim(
            goal.pk,
            goal.wording,
            goal.need,
            goal.status,
            tuple(
                Step(
                    each.pk,
                    each.wording,
                    each.intervention,
                    each.due_on.isoformat() if each.due_on else "",
                    each.status,
                )
                for each in sorted(goal.objectives.all(), key=lambda each: each.pk)
                if not each.closed_on or each.closed_on >= began
            ),
        )
        for goal in sorted(goals, key=lambda each: each.pk)
        if not goal.closed_on or goal.closed_on >= began
    )
    return Contents(plan.pk, plan.episode_id, plan.version, tuple(plan.need_lines), aims)


def text(said: Contents) -> str:
    """The text a signature's hash covers: the same rows give the same text, byte for byte."""
    head = {"onward plan": TEXT_VERSION, "plan": said.plan, "episode": said.episode, "version": said.version}
    lines = [f"{key}: {value}" for key, value in head.items()]
    lines += [f"need: {plain(need)}" for need in said.needs]
    for aim in said.aims:
        if aim.status not in AGREED:
            continue
        lines += ["", f"## goal {aim.pk}: {plain(aim.wording)}", f"for: {plain(aim.need)}"]
        lines += [
            f"- objective {step.pk}: {plain(step.wording)}\n  done: {plain(step.intervention)}\n  by: {step.due_on}"
            for step in aim.steps
            if step.status in AGREED
        ]
    return "\n".join(lines) + "\n"


def hash_of(said: Contents) -> str:
    """SHA-256 of the text."""
    return digest(text(said))


def changes(before: Contents, after: Contents) -> list[Change]:
    """Differences between two versions: needs, then goals, then objectives."""
    return list(_changes(before, after))


def _changes(before: Contents, after: Contents) -> Iterator[Change]:
    yield from (Change("New need", need) for need in after.needs if need not in before.needs)
    yield from (Change("Removed need", need) for need in before.needs if need not in after.needs)
    yield from _between("goal", {each.pk: each for each in before.aims}, {each.pk: each for each in after.aims})
    old = {step.pk: step for aim in before.aims for step in aim.steps}
    new = {step.pk: step for aim in after.aims for step in aim.steps}
    yield from _between("objective", old, new)


def _between(what: str, old: dict[int, Any], new: dict[int, Any]) -> Iterator[Change]:
    for pk, each in new.items():
        if pk not in old:
            yield Change(f"New {what}", each.wording)
        if each.status != GoalStatus.ACTIVE and (pk not in old or old[pk].status == GoalStatus.ACTIVE):
            yield Change(f"{what.capitalize()} {each.status_words.lower()}", each.wording)


def _from_json(stored: dict[str, Any]) -> Contents:
    aims = tuple(Aim(**{**aim, "steps": tuple(Step(**step) for step in aim["steps"])}) for aim in stored["aims"])
    return Contents(**{**stored, "needs": tuple(stored["needs"]), "aims": aims})

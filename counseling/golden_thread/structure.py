"""The golden thread of one episode: need → goal → objective → intervention → notes → review, as one structure.

Read in a constant number of queries, whatever the number of goals and notes. thread_checks.py finds gaps in the thread;
thread_picture.py draws it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from cases.models import LevelOfCarePeriod, TreatmentEpisode
from counseling.codes import GoalStatus
from counseling.models import (
    Goal,
    LaterFiling,
    Objective,
    PlanReview,
    PlanReviewGoal,
    SessionNote,
    TreatmentPlan,
)
from counseling.plans import plan_timing
from counseling.plans.plan_timing import Timing
from counseling.thresholds import WITHOUT_NOTE_DAYS
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.reading import Reading, known, reads, rows, together
from staff.refusals import Refusal

from .thread_rules import free_of_objectives

IN_THE_THREAD = (GoalStatus.ACTIVE, GoalStatus.MET)


class NoteNotSigned(Refusal):
    sentence = "This note is a draft. Choose its objectives in the note."


class ObjectiveOfSomebodyElse(Refusal):
    sentence = "That objective belongs to another client."


@dataclass(frozen=True)
class NoteMark:
    """One signed note on the thread."""

    pk: int
    on: datetime.date
    names_only: str = ""  # of a loose note: the goal that it names, which has several objectives


@dataclass(frozen=True)
class Strand:
    """One objective, its intervention, and the signed notes that worked on it, earliest first."""

    objective: Objective
    notes: tuple[NoteMark, ...]

    @property
    def last_on(self) -> datetime.date | None:
        """The day of the last note."""
        return self.notes[-1].on if self.notes else None


@dataclass(frozen=True)
class GoalBranch:
    """One goal with its objectives, the notes that name only the goal, and how it went at each review, last first."""

    goal: Goal
    strands: tuple[Strand, ...]
    notes: tuple[NoteMark, ...]
    progress: tuple[PlanReviewGoal, ...]


@dataclass(frozen=True)
class NeedBranch:
    """One need and the goals that answer it; without words for goals that name no need."""

    need: str
    goals: tuple[GoalBranch, ...]


@dataclass(frozen=True)
class Thread:
    """The whole of it for one episode."""

    episode: TreatmentEpisode
    plan: TreatmentPlan | None
    needs: tuple[NeedBranch, ...]
    reviews: tuple[PlanReview, ...]
    timing: Timing
    loose_notes: tuple[NoteMark, ...]  # signed since the plan began, with no clear objective
    quiet: frozenset[int]  # active objectives without a note for the clinic's number of days
    quiet_days: int

    @property
    def goals(self) -> list[GoalBranch]:
        """All goals, in the order of their needs."""
        return [goal for need in self.needs for goal in need.goals]


@reads
def of(*, episode: TreatmentEpisode, reader: StaffMember, now: datetime.datetime) -> Reading[Thread]:
    """The thread of an episode as far as the reader may see it; without notes for readers who may not see those.

    The episode comes with its program and its client's clinic.
    """
    clinic = episode.client.clinic
    reviewed = PlanReview.objects.visible_to(reader).filter(plan__episode=episode)
    in_thread = Goal.objects.visible_to(reader).filter(episode=episode, status__in=IN_THE_THREAD)
    without_note = quiet(Objective.objects.visible_to(reader).filter(goal__episode=episode), *quiet_since(clinic, now))
    plans, reviews, goals, periods, noted, quiet_ones = yield from together(
        rows(TreatmentPlan.objects.visible_to(reader).filter(episode=episode).order_by("version")),
        rows(
            reviewed.select_related("reviewed_by", "plan")
            .prefetch_related(Prefetch("goals", PlanReviewGoal.objects.select_related("goal")))
            .order_by("-reviewed_at", "-pk")
        ),
        rows(in_thread.prefetch_related(Prefetch("objectives", Objective.objects.filter(status__in=IN_THE_THREAD)))),
        rows(LevelOfCarePeriod.objects.filter(episode=episode)),
        together(_notes(episode, reader), _links(episode)),
        rows(without_note.values_list("pk", flat=True)) if can(reader, Permission.NOTE_VIEW) else known([]),
    )
    marks, links = noted
    on_objective, on_goal = ({pk: notes & marks.keys() for pk, notes in linked.items()} for linked in links)
    branches = [_branch(goal, on_objective, on_goal, marks, reviews) for goal in goals]
    attached, unclear = _attached(branches, on_objective, on_goal)
    made_at = plans[0].started_at if plans else None
    since = timezone.localdate(made_at, clinic.zone) if made_at else None
    return Thread(
        episode=episode,
        plan=plans[-1] if plans else None,
        needs=_by_need(plans[-1] if plans else None, branches),
        reviews=tuple(reviews),
        timing=plan_timing.timing(
            episode=episode,
            periods=periods,
            made_at=made_at,
            reviewed_at=reviews[0].reviewed_at if reviews else None,
            agreed_on=reviews[0].next_review_on if reviews else None,
            clinic=clinic,
            numbers=plan_timing.of(clinic),
            now=now,
        ),
        loose_notes=tuple(
            replace(mark, names_only=unclear.get(note, ""))
            for note, (mark, free) in marks.items()
            if since and mark.on >= since and not free and note not in attached
        ),
        quiet=frozenset(quiet_ones),
        quiet_days=WITHOUT_NOTE_DAYS.for_clinic(clinic),
    )


def quiet_since(clinic: Clinic, now: datetime.datetime) -> tuple[datetime.date, datetime.datetime]:
    """For `quiet`: the last day that is long enough ago, and the moment at which the next one begins."""
    last = timezone.localdate(now, clinic.zone) - datetime.timedelta(days=WITHOUT_NOTE_DAYS.for_clinic(clinic))
    return last, datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(), clinic.zone)


def quiet(objectives: QuerySet[Objective], last: datetime.date, day_after: datetime.datetime) -> QuerySet[Objective]:
    """Active objectives that no signed note worked on for the clinic's number of days (`quiet_since`), from opening on.

    With 30 days, one last worked on (or opened) 29 days ago is not listed; from the 30th day on it is. A note works on
    an objective if it names it, was linked to it later, or names its goal and that goal has no other active one.
    """
    recent = SessionNote.objects.signed().filter(session_started_at__gte=day_after)
    others = Objective.objects.active().filter(goal=OuterRef("goal")).exclude(pk=OuterRef("pk"))
    return objectives.filter(
        ~Exists(recent.filter(objectives=OuterRef("pk"))),
        ~Exists(recent.filter(later_filings__objective=OuterRef("pk"))),
        ~Exists(recent.filter(goals=OuterRef("goal"))) | Exists(others),
        status=GoalStatus.ACTIVE,
        goal__status=GoalStatus.ACTIVE,
        opened_on__lte=last,
    )


def file_note(*, note: SessionNote, objective: Objective, by: StaffMember) -> LaterFiling:
    """Link a signed note to an objective. The signed note does not change.

    Raises NotPermitted, NoteNotSigned, ObjectiveOfSomebodyElse.
    """
    demand(by, Permission.NOTE_WRITE, note.client)
    with act("counseling.file_note", by=by, client=note.client) as entry:
        if not SessionNote.objects.signed().filter(pk=note.pk).exists():
            raise NoteNotSigned
        if objective.goal.client_id != note.client_id:
            raise ObjectiveOfSomebodyElse
        filing, _ = LaterFiling.objects.get_or_create(
            note=note, objective=objective, defaults={"filed_at": timezone.now(), "filed_by": by}
        )
        entry.about(filing, note=note.pk, objective=objective.pk)
    return filing


def _notes(episode: TreatmentEpisode, reader: StaffMember) -> Reading[dict[int, tuple[NoteMark, bool]]]:
    """Signed notes that the reader may read, the earliest first, with whether each needs no objective."""
    signed = SessionNote.objects.visible_to(reader).signed().filter(episode=episode)
    clinic = episode.client.clinic
    notes, free = yield from together(
        rows(signed.order_by("session_started_at", "pk").values_list("pk", "session_started_at", "modality")),
        free_of_objectives.part(clinic),
    )
    return {pk: (NoteMark(pk, timezone.localdate(at, clinic.zone)), modality in free) for pk, at, modality in notes}


def _links(episode: TreatmentEpisode) -> Reading[tuple[dict[int, set[int]], dict[int, set[int]]]]:
    """Objective → notes and goal → notes."""
    of_episode = {"sessionnote__episode": episode}
    named, filed, goals = yield from together(
        rows(
            SessionNote.objectives.through._default_manager.filter(**of_episode).values_list(
                "sessionnote_id", "objective_id"
            )
        ),
        rows(LaterFiling.objects.filter(note__episode=episode).values_list("note_id", "objective_id")),
        rows(SessionNote.goals.through._default_manager.filter(**of_episode).values_list("sessionnote_id", "goal_id")),
    )
    on_objective: dict[int, set[int]] = defaultdict(set)
    on_goal: dict[int, set[int]] = defaultdict(set)
    for note, pk in [*named, *filed]:
        on_objective[pk].add(note)
    for note, pk in goals:
        on_goal[pk].add(note)
    return on_objective, on_goal


def _branch(
    goal: Goal,
    on_objective: dict[int, set[int]],
    on_goal: dict[int, set[int]],
    marks: dict[int, tuple[NoteMark, bool]],
    reviews: Iterable[PlanReview],
) -> GoalBranch:
    objectives = list(goal.objectives.all())
    active = [each for each in objectives if each.status == GoalStatus.ACTIVE]
    own = on_goal.get(goal.pk, set())
    strands, placed = [], set()
    for objective in objectives:
        notes = on_objective.get(objective.pk, set())
        if [objective] == (active or objectives):
            notes = notes | own  # the goal has no other step that the note could mean; a met one keeps its notes
        placed |= notes
        strands.append(Strand(objective, _in_order(notes, marks)))
    progress = tuple(said for review in reviews for said in review.goals.all() if said.goal_id == goal.pk)
    return GoalBranch(goal, tuple(strands), _in_order(own - placed, marks), progress)


def _attached(
    branches: Iterable[GoalBranch], on_objective: dict[int, set[int]], on_goal: dict[int, set[int]]
) -> tuple[set[int], dict[int, str]]:
    """Notes attached to an objective, and notes that name only a goal, with that goal.

    Naming a goal is enough unless it has two or more objectives: then no one can tell which one was meant.
    """
    attached = {note for notes in on_objective.values() for note in notes}
    unclear: dict[int, GoalBranch] = {}
    for branch in branches:
        attached |= {mark.pk for strand in branch.strands for mark in strand.notes}
        if len(branch.strands) > 1:
            unclear[branch.goal.pk] = branch
    for goal, notes in on_goal.items():
        if goal not in unclear:
            attached |= notes
    return attached, {mark.pk: branch.goal.wording for branch in unclear.values() for mark in branch.notes}


def _in_order(notes: Iterable[int], marks: dict[int, tuple[NoteMark, bool]]) -> tuple[NoteMark, ...]:
    return tuple(sorted((marks[note][0] for note in notes), key=lambda mark: (mark.on, mark.pk)))


def _by_need(plan: TreatmentPlan | None, branches: Iterable[GoalBranch]) -> tuple[NeedBranch, ...]:
    """Needs in plan order, then needs that only goals name, then goals without a need."""
    goals: dict[str, list[GoalBranch]] = defaultdict(list)
    words = {_key(need): need for need in (plan.need_lines if plan else [])}
    for branch in branches:
        need = branch.goal.need.strip()
        words.setdefault(_key(need), need)
        goals[_key(need)].append(branch)
    ordered = sorted(words, key=lambda key: key == "")
    return tuple(NeedBranch(words[key], tuple(goals.get(key, ()))) for key in ordered)


def _key(need: str) -> str:
    """Needs are the same if they read the same, as far as a goal can name them."""
    return need[: Goal._meta.get_field("need").max_length].strip().casefold()

"""Treatment plans: versions, reviews, goals and objectives. Safety and discharge plans are in written_plans.py."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from cases.models import TreatmentEpisode
from cases.possible_days import check_possible
from counseling.codes import GoalStatus
from counseling.models import Goal, Objective, PlanReview, TreatmentPlan
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS

from . import plan_progress, plan_text
from .planning import NothingSaid, PlanEpisodeEnded, SomebodyElses, open_episode, today_of
from .written_plans import (
    WrittenMeanwhile,
    discharge_plan_of,
    is_confirmed,
    safety_plan_of,
    text_fields,
    write_discharge_plan,
    write_safety_plan,
)

__all__ = [
    "AlreadyClosed",
    "DayHasPassed",
    "NothingSaid",
    "PlanEpisodeEnded",
    "SomebodyElses",
    "VersionMeanwhile",
    "WordingMissing",
    "WrittenMeanwhile",
    "add_goal",
    "add_objective",
    "change_objective",
    "close_goal",
    "close_objective",
    "current",
    "discharge_plan_of",
    "is_confirmed",
    "new_version",
    "open_episode",
    "review",
    "safety_plan_of",
    "start",
    "text_fields",
    "write_discharge_plan",
    "write_safety_plan",
]


class AlreadyClosed(Refusal):
    sentence = "This is already closed."


class WordingMissing(Refusal):
    sentence = "Describe it, in the client’s words if possible."


class VersionMeanwhile(Refusal):
    """Someone started a version after the form was opened."""

    def __init__(self, plan: TreatmentPlan) -> None:
        self.plan = plan
        needs = "; ".join(plan.need_lines)
        super().__init__(
            f"{plan.started_by} started version {plan.version} while you were typing, with these needs: {needs}. "
            "Your text is still here. Save again to start the next version with it."
        )


class DayHasPassed(Refusal):
    sentence = "The target date has passed. Choose a later date, or leave it blank."


def current(episode: TreatmentEpisode) -> TreatmentPlan | None:
    """The episode's current plan: its highest version."""
    return episode.treatment_plans.order_by("-version").first()


def start(*, episode: TreatmentEpisode, by: StaffMember, needs: str = "") -> TreatmentPlan:
    """Start an episode's plan, or its next version. Open goals carry forward; earlier versions stay readable."""
    demand(by, Permission.PLAN_WRITE, episode.client)
    with act("counseling.start_plan", by=by, client=episode.client) as entry:
        episode = open_episode(episode)
        before = current(episode)
        if before is not None:
            before.stood_as = plan_text.contents(before).as_json()
            before.save(update_fields=["stood_as"])
        plan = TreatmentPlan.objects.create(
            client=episode.client,
            episode=episode,
            version=before.version + 1 if before else 1,
            needs=needs.strip() or (before.needs if before else ""),
            started_at=timezone.now(),
            started_by=by,
        )
        entry.about(plan, version=plan.version)
    return plan


def new_version(*, episode: TreatmentEpisode, by: StaffMember, needs: str, after: int | None = None) -> TreatmentPlan:
    """Start the plan's next version. The content of the earlier one is stored with it and can't change.

    `needs` are all current needs, one per line; `after` is the version that the form showed, 0 for none. A form sent
    twice starts one version. Raises NotPermitted, PlanEpisodeEnded, NothingSaid, VersionMeanwhile.
    """
    demand(by, Permission.PLAN_WRITE, episode.client)
    if not needs.strip():
        raise NothingSaid("Enter at least one need.")
    with transaction.atomic():
        stands = current(open_episode(episode))
        if after is not None and stands is not None and stands.version != after:
            if stands.started_by_id == by.pk and stands.needs == needs.strip():
                return stands
            raise VersionMeanwhile(stands)
        return start(episode=episode, by=by, needs=needs)


def review(
    *,
    plan: TreatmentPlan,
    by: StaffMember,
    summary: str,
    progress: Mapping[Goal, str | tuple[str, str]],
    next_review_on: datetime.date | None = None,
) -> PlanReview:
    """Review the plan with the client: progress on each active goal, with or without a comment.

    A goal that is met is closed as met. A form that was sent twice is one review. Raises NotPermitted,
    PlanEpisodeEnded, and the refusals of plan_progress.
    """
    demand(by, Permission.PLAN_WRITE, plan.client)
    with act("counseling.review_plan", by=by, client=plan.client) as entry:
        episode = open_episode(plan.episode)
        before = plan_progress.sent_before(
            plan=plan, by=by, summary=summary, said=plan_progress.in_full(progress), next_review_on=next_review_on
        )
        if before is not None:
            return before
        _lock_goals(progress.keys())
        said = plan_progress.check(plan=plan, latest=current(episode), summary=summary, progress=progress)
        plan_progress.check_day(next_review_on, today_of(episode))
        done = plan_progress.write(plan=plan, by=by, summary=summary, said=said, next_review_on=next_review_on)
        for goal, (how, _) in said.items():
            if how == plan_progress.MET:
                close_goal(goal=goal, status=GoalStatus.MET, by=by)
        entry.about(done, version=plan.version)
    return done


def _lock_goals(goals: Collection[Goal]) -> None:
    """Goals and their open objectives, each in one order, before anything is written to the audit log.

    Closing a goal writes to the audit log. Locking the next goal after that could mean waiting for a colleague who
    holds it and is waiting for the log.
    """
    of_goals = Goal.objects.filter(pk__in=[goal.pk for goal in goals])
    list(of_goals.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    steps = Objective.objects.active().filter(goal__in=[goal.pk for goal in goals])
    list(steps.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def add_goal(
    *, episode: TreatmentEpisode, wording: str, by: StaffMember, need: str = "", carried_from: Goal | None = None
) -> Goal:
    """Add a goal to the episode's plan, starting the plan if there is none yet. `carried_from` keeps its lineage."""
    demand(by, Permission.PLAN_WRITE, episode.client)
    if not wording.strip():
        raise WordingMissing
    if carried_from is not None and carried_from.client_id != episode.client_id:
        raise SomebodyElses
    with act("counseling.add_goal", by=by, client=episode.client) as entry:
        episode = open_episode(episode)
        goal = Goal.objects.create(
            client=episode.client,
            episode=episode,
            plan=current(episode) or start(episode=episode, by=by),
            wording=wording.strip(),
            need=need.strip(),
            opened_on=today_of(episode),
            carried_from=carried_from,
            recorded_by=by,
        )
        entry.about(goal, carried_from=carried_from.pk if carried_from else None)
    return goal


def add_objective(
    *,
    goal: Goal,
    wording: str,
    by: StaffMember,
    due_on: datetime.date | None = None,
    intervention: str = "",
    carried_from: Objective | None = None,
) -> Objective:
    """Add a measurable step toward a goal."""
    demand(by, Permission.PLAN_WRITE, goal.client)
    if not wording.strip():
        raise WordingMissing
    check_possible(goal.client, due_on, ahead=PLANS)
    with act("counseling.add_objective", by=by, client=goal.client) as entry:
        episode = open_episode(goal.episode)
        if Goal.objects.get(pk=goal.pk).status != GoalStatus.ACTIVE:
            raise AlreadyClosed("This goal is closed, so objectives can’t be added.")
        objective = Objective.objects.create(
            goal=goal,
            wording=wording.strip(),
            intervention=intervention.strip(),
            due_on=due_on,
            opened_on=today_of(episode),
            carried_from=carried_from,
            recorded_by=by,
        )
        entry.about(objective, goal=goal.pk)
    return objective


def change_objective(
    *, objective: Objective, wording: str, by: StaffMember, due_on: datetime.date | None, intervention: str
) -> Objective:
    """Change an objective's wording, target date or intervention. Earlier values stay in the history.

    A carried-over objective has no date; here it gets one. A past date can stay but cannot be chosen. Raises
    NotPermitted, WordingMissing, DayHasPassed, AlreadyClosed, PlanEpisodeEnded.
    """
    client = objective.goal.client
    demand(by, Permission.PLAN_WRITE, client)
    if not wording.strip():
        raise WordingMissing
    with act("counseling.change_objective", by=by, client=client) as entry:
        episode = open_episode(objective.goal.episode)
        stored = Objective.objects.select_for_update(no_key=True).get(pk=objective.pk)
        if stored.status != GoalStatus.ACTIVE:
            raise AlreadyClosed
        if due_on is not None and due_on != stored.due_on and due_on < today_of(episode):
            raise DayHasPassed
        check_possible(client, due_on, ahead=PLANS)
        stored.wording, stored.intervention, stored.due_on = wording.strip(), intervention.strip(), due_on
        stored.save(update_fields=["wording", "intervention", "due_on"])
        entry.about(stored, due_on=due_on.isoformat() if due_on else None)
    return stored


def close_goal(*, goal: Goal, status: str, by: StaffMember) -> Goal:
    """Close a goal as met, set aside or replaced; its open objectives close with it as set aside, or met with it."""
    demand(by, Permission.PLAN_WRITE, goal.client)
    with act("counseling.close_goal", by=by, client=goal.client) as entry:
        stored = (
            Goal.objects.select_for_update(of=("self",), no_key=True).select_related("client__clinic").get(pk=goal.pk)
        )
        if stored.status != GoalStatus.ACTIVE:
            raise AlreadyClosed
        stored.status = GoalStatus(status)
        stored.closed_on = timezone.localdate(timezone=stored.client.clinic.zone)
        stored.save(update_fields=["status", "closed_on"])
        with_it = GoalStatus.MET if stored.status == GoalStatus.MET else GoalStatus.SET_ASIDE
        stored.objectives.active().update(status=with_it, closed_on=stored.closed_on)
        entry.about(stored, status=stored.status)
    return stored


def close_objective(*, objective: Objective, status: str, by: StaffMember) -> Objective:
    """Close an objective as met, set aside or replaced."""
    client = objective.goal.client
    demand(by, Permission.PLAN_WRITE, client)
    with act("counseling.close_objective", by=by, client=client) as entry:
        stored = Objective.objects.select_for_update(no_key=True).get(pk=objective.pk)
        if stored.status != GoalStatus.ACTIVE:
            raise AlreadyClosed
        stored.status = GoalStatus(status)
        stored.closed_on = timezone.localdate(timezone=client.clinic.zone)
        stored.save(update_fields=["status", "closed_on"])
        entry.about(stored, status=stored.status)
    return stored

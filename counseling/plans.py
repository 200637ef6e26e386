"""Plans: treatment plan with goals and objectives, safety plan, discharge plan."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from cases.models import Client, CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import plan_progress, plan_text
from counseling.codes import GoalStatus
from counseling.models import CarryOverItem, DischargePlan, Goal, Objective, PlanReview, SafetyPlan, TreatmentPlan
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal


class EpisodeOver(Refusal):
    sentence = "This episode has ended. Plans are made in an open episode; admit the person again first."


class SomebodyElses(Refusal):
    sentence = "That record belongs to another client."


class NothingSaid(Refusal):
    sentence = "Write at least one part before saving the plan."


class AlreadyClosed(Refusal):
    sentence = "This is closed already."


class WordingMissing(Refusal):
    sentence = "Say what it is, in the client's words where possible."


def current(episode: TreatmentEpisode) -> TreatmentPlan | None:
    """The plan of the episode as it stands: its highest version."""
    return episode.treatment_plans.order_by("-version").first()


def start(*, episode: TreatmentEpisode, by: StaffMember, needs: str = "") -> TreatmentPlan:
    """Begin the plan of an episode, or its next version. Open goals go on; earlier versions stay readable."""
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


def new_version(*, episode: TreatmentEpisode, by: StaffMember, needs: str) -> TreatmentPlan:
    """Follow the plan by its next version. What the earlier one said is kept with it, and the database holds it.

    `needs` are all needs as they are now, one a line. Raises NotPermitted, EpisodeOver, NothingSaid.
    """
    if not needs.strip():
        raise NothingSaid("Name at least one need: a plan without a need has no reason.")
    return start(episode=episode, by=by, needs=needs)


def review(
    *,
    plan: TreatmentPlan,
    by: StaffMember,
    summary: str,
    progress: Mapping[Goal, str | tuple[str, str]],
    next_review_on: datetime.date | None = None,
) -> PlanReview:
    """Look at the plan again with the client: for each active goal how it goes, with words or without.

    A goal that is met is closed as met. A form that was sent twice is one review. Raises NotPermitted, EpisodeOver,
    and the refusals of plan_progress.
    """
    demand(by, Permission.PLAN_WRITE, plan.client)
    with act("counseling.review_plan", by=by, client=plan.client) as entry:
        episode = open_episode(plan.episode)
        before = plan_progress.sent_before(plan=plan, by=by, summary=summary)
        if before is not None:
            return before
        said = plan_progress.check(plan=plan, latest=current(episode), summary=summary, progress=progress)
        plan_progress.check_day(next_review_on, _today(episode))
        done = plan_progress.write(plan=plan, by=by, summary=summary, said=said, next_review_on=next_review_on)
        for goal, (how, _) in said.items():
            if how == plan_progress.MET:
                close_goal(goal=goal, status=GoalStatus.MET, by=by)
        entry.about(done, version=plan.version)
    return done


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
            opened_on=_today(episode),
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
    with act("counseling.add_objective", by=by, client=goal.client) as entry:
        episode = open_episode(goal.episode)
        objective = Objective.objects.create(
            goal=goal,
            wording=wording.strip(),
            intervention=intervention.strip(),
            due_on=due_on,
            opened_on=_today(episode),
            carried_from=carried_from,
            recorded_by=by,
        )
        entry.about(objective, goal=goal.pk)
    return objective


def close_goal(*, goal: Goal, status: str, by: StaffMember) -> Goal:
    """Close a goal as met, set aside or replaced; its open objectives close with it as set aside, or met with it."""
    demand(by, Permission.PLAN_WRITE, goal.client)
    with act("counseling.close_goal", by=by, client=goal.client) as entry:
        stored = Goal.objects.select_for_update(of=("self",)).select_related("client__clinic").get(pk=goal.pk)
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
        stored = Objective.objects.select_for_update().get(pk=objective.pk)
        if stored.status != GoalStatus.ACTIVE:
            raise AlreadyClosed
        stored.status = GoalStatus(status)
        stored.closed_on = timezone.localdate(timezone=client.clinic.zone)
        stored.save(update_fields=["status", "closed_on"])
        entry.about(stored, status=stored.status)
    return stored


def write_safety_plan(
    *, episode: TreatmentEpisode, by: StaffMember, carried_from: SafetyPlan | None = None, **steps: str
) -> SafetyPlan:
    """Write the safety plan down anew; the latest writing stands. `steps` are its six text fields."""
    demand(by, Permission.PLAN_WRITE, episode.client)
    if carried_from is not None and carried_from.client_id != episode.client_id:
        raise SomebodyElses
    with act("counseling.write_safety_plan", by=by, client=episode.client) as entry:
        episode = open_episode(episode)
        plan = SafetyPlan(carried_from=carried_from, **_written(SafetyPlan, episode, by, steps))
        plan.save()
        entry.about(plan)
    return plan


def write_discharge_plan(
    *,
    episode: TreatmentEpisode,
    by: StaffMember,
    triggers: Iterable[Trigger] = (),
    warning_signs: Iterable[WarningSign] = (),
    strategies: Iterable[CopingStrategy] = (),
    **parts: str,
) -> DischargePlan:
    """Write the discharge plan down anew; the latest writing stands. Its parts are what the next episode starts from.

    It may be written after the discharge too: not everybody leaves as planned, and the next counselor needs it.
    """
    client = episode.client
    demand(by, Permission.PLAN_WRITE, client)
    named: dict[str, list[Any]] = {
        "triggers": list(triggers),
        "warning_signs": list(warning_signs),
        "strategies": list(strategies),
    }
    if any(each.client_id != client.pk for rows in named.values() for each in rows):
        raise SomebodyElses
    if not any(named.values()) and not any(text.strip() for text in parts.values()):
        raise NothingSaid
    with act("counseling.write_discharge_plan", by=by, client=client) as entry:
        plan = DischargePlan(**_written(DischargePlan, episode, by, parts, may_be_empty=True))
        plan.save()
        for name, rows in named.items():
            getattr(plan, name).set(rows)
        entry.about(plan)
    return plan


def safety_plan_of(client: Client) -> SafetyPlan | None:
    """The safety plan that stands for a person: the latest writing, whichever episode it comes from.

    In danger an old plan is better than none, so it is shown before it is confirmed; `is_confirmed` says which it is.
    """
    return SafetyPlan.objects.filter(client=client).order_by("-written_at", "-pk").first()


def is_confirmed(plan: SafetyPlan, episode: TreatmentEpisode) -> bool:
    """Whether the plan was written in this episode, or found to hold still when the person came back."""
    if plan.episode_id == episode.pk:
        return True
    return CarryOverItem.objects.held().filter(episode=episode, safety_plan=plan).exists()


def discharge_plan_of(client: Client) -> DischargePlan | None:
    """The latest discharge plan of a person."""
    return DischargePlan.objects.filter(client=client).order_by("-written_at", "-pk").first()


def text_fields(model: type[models.Model]) -> list[str]:
    """Names of the parts of a written plan, in order."""
    return [field.name for field in model._meta.fields if isinstance(field, models.TextField)]


def _written(
    model: type[models.Model],
    episode: TreatmentEpisode,
    by: StaffMember,
    parts: dict[str, str],
    *,
    may_be_empty: bool = False,
) -> dict[str, Any]:
    unknown = set(parts) - set(text_fields(model))
    if unknown:
        raise TypeError(f"This plan has no part {', '.join(sorted(unknown))}.")
    if not may_be_empty and not any(text.strip() for text in parts.values()):
        raise NothingSaid
    return {
        "client_id": episode.client_id,
        "episode": episode,
        "written_at": timezone.now(),
        "written_by": by,
        **{name: text.strip() for name, text in parts.items()},
    }


def open_episode(episode: TreatmentEpisode) -> TreatmentEpisode:
    """The episode, locked so that two people do not number plan versions alike. Raises EpisodeOver."""
    episodes = TreatmentEpisode.objects.select_for_update(of=("self",)).select_related("client__clinic")
    stored = episodes.get(pk=episode.pk)
    if not stored.is_open:
        raise EpisodeOver
    return stored


def _today(episode: TreatmentEpisode) -> datetime.date:
    return timezone.localdate(timezone=episode.client.clinic.zone)

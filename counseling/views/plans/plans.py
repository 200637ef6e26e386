"""The plan page of a client: goals and objectives, safety plan, discharge plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client, TreatmentEpisode
from counseling import plans
from counseling.carry_over.provenance import goal_in_its_plan
from counseling.codes import CarryOverKind, GoalStatus
from counseling.forms.notes.notes import GoalForm, ObjectiveForm
from counseling.models import CarryOverItem, DischargePlan, Goal, Objective, PlanSignature, SafetyPlan, TreatmentPlan
from counseling.plans import lineage, plan_signatures, plan_text, plan_timing, written_plans
from counseling.plans.plan_signatures import SignatureStatus
from counseling.plans.plan_timing import Timing
from counseling.plans.written_plans import Verdicts
from counseling.views.carry_over.known_items import known_of
from counseling.views.loading import client_of, latest_episode, plan_pill
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.models import StaffMember
from staff.reading import Reading, answer, first, query, rows, together
from staff.reading import known as nothing
from staff.refusals import refusal_as_message, refusal_on

_COMES_BACK = (CarryOverKind.TRIGGER, CarryOverKind.WARNING_SIGN)  # still true, which is not that it helped
CLOSED_GOALS = 40  # on the plan's page; all of them are in its versions


@requires(Permission.PLAN_VIEW)
def plan(request: StaffRequest, client_id: int) -> HttpResponse:
    """Goals with their objectives, the safety plan, the discharge plan, and what held up from earlier.

    `?goal=` opens the form for an objective of that goal, `?need=` the form for a goal, for that line of the needs.
    """
    return _page(request, client_of(request, client_id), objective_goal=outside.number(request.GET.get("goal")))


@requires(Permission.PLAN_WRITE)
@require_POST
def goal_add(request: StaffRequest, client_id: int) -> HttpResponse:
    """Add a goal to the plan of the latest episode."""
    client = client_of(request, client_id)
    form = GoalForm(request.POST)
    episode = latest_episode(request, client)
    if (
        episode is not None
        and form.is_valid()
        and _did(form, lambda: plans.add_goal(episode=episode, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "Goal added.")
        return redirect("counseling:plan", client_id=client.pk)
    return _page(request, client, goal_form=form, status=422)


@requires(Permission.PLAN_WRITE)
@require_POST
def objective_add(request: StaffRequest, client_id: int, goal_id: int) -> HttpResponse:
    """Add an objective under a goal."""
    client = client_of(request, client_id)
    goal = get_object_or_404(Goal.objects.visible_to(request.user), pk=goal_id, client=client)
    form = ObjectiveForm(request.POST)
    if form.is_valid() and _did(form, lambda: plans.add_objective(goal=goal, by=request.user, **form.cleaned_data)):
        messages.success(request, "Objective added.")
        return redirect("counseling:plan", client_id=client.pk)
    return _page(request, client, objective_form=form, objective_goal=goal.pk, status=422)


@requires(Permission.PLAN_WRITE)
@require_POST
def goal_close(request: StaffRequest, client_id: int, goal_id: int) -> HttpResponse:
    """Close a goal as met or set aside."""
    client = client_of(request, client_id)
    goal = get_object_or_404(Goal.objects.visible_to(request.user), pk=goal_id, client=client)
    _close(request, lambda status: plans.close_goal(goal=goal, status=status, by=request.user))
    return redirect("counseling:plan", client_id=client.pk)


@requires(Permission.PLAN_WRITE)
@require_POST
def objective_close(request: StaffRequest, client_id: int, objective_id: int) -> HttpResponse:
    """Close an objective as met or set aside."""
    client = client_of(request, client_id)
    objectives = Objective.objects.visible_to(request.user).select_related("goal__client__clinic")
    objective = get_object_or_404(objectives, pk=objective_id, goal__client=client)
    _close(request, lambda status: plans.close_objective(objective=objective, status=status, by=request.user))
    return redirect("counseling:plan", client_id=client.pk)


def _page(
    request: StaffRequest,
    client: Client,
    *,
    goal_form: GoalForm | None = None,
    objective_form: ObjectiveForm | None = None,
    objective_goal: int | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = answer(_shown(request, client), keep_plan=True)
    episode, goals, current = shown.episode, shown.goals, shown.plan
    before, today = lineage.chains(goals, shown.goals_of_client), timezone.localdate(timezone=client.clinic.zone)
    context = {
        "client": client,
        "episode": episode,
        "plan": current,
        "standing": shown.standing,
        "timing": shown.timing,
        "today": today,
        "review_is_late": shown.timing is not None and shown.timing.review_is_late(today),
        "goals": [(goal, [(each, goal_in_its_plan(each)) for each in before[goal.pk]]) for goal in goals],
        **_closed_goals(shown),
        "held": [each for each in shown.held if each.kind not in _COMES_BACK],
        "still_true": [each for each in shown.held if each.kind in _COMES_BACK],
        "known": shown.known,
        "safety_plan": shown.safety,
        "safety_pill": plan_pill(shown.safety, episode, shown.verdicts),
        "discharge_plan": shown.discharge,
        "discharge_pill": plan_pill(shown.discharge, episode, shown.verdicts),
        "may_write_discharge": can(request.user, Permission.PLAN_WRITE) and episode is not None,
        "goal_form": goal_form or GoalForm(initial={"need": _need_asked_for(request, current)}),
        "adds_goal": goal_form is not None or "need" in request.GET,
        "objective_form": objective_form or ObjectiveForm(),
        "objective_goal": objective_goal,
        # its goal was closed meanwhile and has no place on the page: what was typed still has one
        "stray_objective": objective_form if objective_goal not in {goal.pk for goal in goals} else None,
        "may_write": can(request.user, Permission.PLAN_WRITE) and episode is not None and episode.is_open,
        "statuses": [GoalStatus.MET, GoalStatus.SET_ASIDE],
    }
    return render(request, "counseling/plans/plan.html", context, status=status)


@dataclass
class _Shown:
    """What the page shows: of the client, and of the latest episode where there is one."""

    safety: SafetyPlan | None
    discharge: DischargePlan | None
    goals_of_client: list[Goal]
    known: dict[str, Any]
    episode: TreatmentEpisode | None = None
    plan: TreatmentPlan | None = None
    timing: Timing | None = None
    goals: list[Goal] = field(default_factory=list)  # worked on in the episode, each with its `open_objectives`
    standing: list[SignatureStatus] = field(default_factory=list)
    held: list[CarryOverItem] = field(default_factory=list)  # but goals, which are listed among the goals
    verdicts: Verdicts = field(default_factory=dict)


def _shown(request: StaffRequest, client: Client) -> Reading[_Shown]:
    of_client = query(
        lambda client, by: Goal.objects.visible_to(by).filter(client=client).select_related("episode__program"),
        client=client,
        by=request.user,
    )
    of_episode, safety, discharge, goals = yield from together(
        _of_episode(request, client),
        plans.safety_plan_of.part(client),
        plans.discharge_plan_of.part(client),
        rows(of_client),
    )
    return _Shown(safety=safety, discharge=discharge, goals_of_client=goals, **of_episode)


def _of_episode(request: StaffRequest, client: Client) -> Reading[dict[str, Any]]:
    episode = yield from latest_episode.part(request, client)
    if episode is None:
        known = yield from known_of.part(request, client, None)
        return {"known": known}
    episode.client = client
    in_episode: dict[str, Any] = {"episode": episode.pk, "by": request.user}
    plan, goals_of_episode, known, verdicts, held_items, others = yield from together(
        first(query(_versions, **in_episode)),
        rows(query(_goals, **in_episode)),
        known_of.part(request, client, episode),
        written_plans.verdicts_in.part(episode),
        rows(query(_held, **in_episode)),
        together(
            plan_timing.of_episode.part(episode, timezone.now()) if episode.is_open else nothing(None),
            rows(query(_signatures, **in_episode)),
            rows(query(_objectives, **in_episode)),
        ),
    )
    timing, signatures, objectives = others
    for goal in goals_of_episode:
        own: Any = goal.objectives.all()
        own._result_cache = [each for each in objectives if each.goal_id == goal.pk]
        goal._prefetched_objects_cache = {"objectives": own}  # type: ignore[attr-defined]
    standing: list[SignatureStatus] = []
    if plan is not None:
        said = plan_text.contents(plan, goals_of_episode)
        standing = plan_signatures.standing(said, [each for each in signatures if each.plan_id == plan.pk])
    worked_on = [goal for goal in goals_of_episode if goal.status == GoalStatus.ACTIVE]
    for goal in worked_on:
        goal.open_objectives = [  # type: ignore[attr-defined]
            each for each in goal.objectives.all() if each.status == GoalStatus.ACTIVE
        ]
    return {
        "episode": episode,
        "plan": plan,
        "timing": timing,
        "goals": worked_on,
        "standing": standing,
        "held": held_items,
        "verdicts": verdicts,
        "known": known,
    }


def _versions(episode: Any, by: StaffMember) -> QuerySet[TreatmentPlan]:
    versions = TreatmentPlan.objects.visible_to(by).filter(episode=episode)
    return versions.order_by("-version").select_related("client__clinic")


def _goals(episode: Any, by: StaffMember) -> QuerySet[Goal]:
    return Goal.objects.visible_to(by).filter(episode=episode)


def _objectives(episode: Any, by: StaffMember) -> QuerySet[Objective]:
    return Objective.objects.visible_to(by).filter(goal__episode=episode)


def _held(episode: Any, by: StaffMember) -> QuerySet[CarryOverItem]:
    return CarryOverItem.objects.visible_to(by).filter(episode=episode, goal=None).held().standing().with_sources()


def _signatures(episode: Any, by: StaffMember) -> QuerySet[PlanSignature]:
    return PlanSignature.objects.visible_to(by).filter(plan__episode=episode).select_related("by")


def _need_asked_for(request: StaffRequest, plan: TreatmentPlan | None) -> str:
    """The need whose number is in the URL; its text never is."""
    lines = plan.need_lines if plan else []
    place = outside.number(request.GET.get("need"), lowest=1, highest=len(lines))
    return lines[place - 1][:200] if place else ""


def _closed_goals(shown: _Shown) -> dict[str, object]:
    """The goals that are not worked on in this episode: closed ones, and all of earlier episodes, open or not.

    The latest of them, how many there are, and how many are left to the page of versions.
    """
    worked_on = {goal.pk for goal in shown.goals}
    others = [goal for goal in shown.goals_of_client if goal.pk not in worked_on]
    taken_over = {goal.carried_from_id for goal in shown.goals_of_client if goal.status != GoalStatus.SET_ASIDE}
    listed = sorted(others, key=lambda goal: (goal.opened_on, goal.pk), reverse=True)[:CLOSED_GOALS]
    for goal in listed:
        goal.is_taken_over = goal.pk in taken_over  # type: ignore[attr-defined]
    return {
        "closed_goals": listed,
        "closed_goals_total": len(others),
        "closed_goals_more": max(len(others) - CLOSED_GOALS, 0),
    }


def _did(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do it, or show the refusal on the form and keep what was typed."""
    with refusal_on(form):
        act()
        return True
    return False


def _close(request: StaffRequest, act: Callable[[str], object]) -> None:
    status = request.POST.get("status", "")
    if status not in {GoalStatus.MET, GoalStatus.SET_ASIDE}:
        messages.error(request, "Choose Met or Discontinued.")
        return
    with refusal_as_message(request):
        act(status)
        messages.success(request, "Closed.")

"""The plan page of a client: goals and objectives, safety plan, discharge plan."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client, TreatmentEpisode
from counseling import plans
from counseling.carry_over.provenance import goal_in_its_plan
from counseling.codes import CarryOverKind, GoalStatus
from counseling.forms.notes.notes import GoalForm, ObjectiveForm
from counseling.models import CarryOverItem, Goal, Objective, TreatmentPlan
from counseling.plans import lineage, plan_signatures, plan_timing
from counseling.views.carry_over.known_items import known_of
from counseling.views.loading import client_of, latest_episode, open_goals, plan_pill
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
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
    episode = latest_episode(request, client)
    if episode is not None:
        episode.client = client
    current = _current(request, episode)
    timing = plan_timing.of_episode(episode, timezone.now()) if episode and episode.is_open else None
    safety, discharge = plans.safety_plan_of(client), plans.discharge_plan_of(client)
    goals = list(open_goals(request, episode)) if episode else []
    before, today = lineage.lineages(goals), timezone.localdate(timezone=client.clinic.zone)
    held = _held(request, episode)
    context = {
        "client": client,
        "episode": episode,
        "plan": current,
        "standing": plan_signatures.standing_of(current) if current else [],
        "timing": timing,
        "today": today,
        "review_is_late": timing is not None and timing.review_is_late(today),
        "goals": [(goal, [(each, goal_in_its_plan(each)) for each in before[goal.pk]]) for goal in goals],
        **_closed_goals(request, client, episode),
        "held": [each for each in held if each.kind not in _COMES_BACK],
        "still_true": [each for each in held if each.kind in _COMES_BACK],
        "known": known_of(request, client, episode),
        "safety_plan": safety,
        "safety_pill": plan_pill(safety, episode),
        "discharge_plan": discharge,
        "discharge_pill": plan_pill(discharge, episode),
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


def _current(request: StaffRequest, episode: TreatmentEpisode | None) -> TreatmentPlan | None:
    rows = TreatmentPlan.objects.visible_to(request.user).filter(episode=episode).order_by("-version")
    return rows.select_related("client__clinic").first() if episode else None


def _need_asked_for(request: StaffRequest, plan: TreatmentPlan | None) -> str:
    """The need whose number is in the URL; its text never is."""
    lines = plan.need_lines if plan else []
    place = outside.number(request.GET.get("need"), lowest=1, highest=len(lines))
    return lines[place - 1][:200] if place else ""


def _closed_goals(request: StaffRequest, client: Client, episode: TreatmentEpisode | None) -> dict[str, object]:
    """The goals that are not worked on in this episode: closed ones, and all of earlier episodes, open or not.

    The latest of them, how many there are, and how many are left to the page of versions.
    """
    goals = Goal.objects.visible_to(request.user).filter(client=client).select_related("episode__program")
    if episode is not None:
        goals = goals.exclude(episode=episode, status=GoalStatus.ACTIVE)
    carried = Goal.objects.visible_to(request.user).filter(carried_from=OuterRef("pk"))
    taken_over = carried.exclude(status=GoalStatus.SET_ASIDE)
    total = goals.count()
    shown = goals.annotate(is_taken_over=Exists(taken_over)).order_by("-opened_on", "-pk")[:CLOSED_GOALS]
    return {
        "closed_goals": list(shown),
        "closed_goals_total": total,
        "closed_goals_more": max(total - CLOSED_GOALS, 0),
    }


def _held(request: StaffRequest, episode: TreatmentEpisode | None) -> list[CarryOverItem]:
    """Items that held in this episode, without goals, which are listed among the goals."""
    items = CarryOverItem.objects.visible_to(request.user).filter(episode=episode, goal=None)
    return list(items.held().standing().with_sources()) if episode else []


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

"""The plan of a person: goals and objectives, safety plan, discharge plan."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Client, TreatmentEpisode
from counseling import plan_signatures, plan_timing, plans
from counseling.codes import GoalStatus
from counseling.forms import DischargePlanForm, GoalForm, ObjectiveForm, SafetyPlanForm
from counseling.models import CarryOverItem, DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from counseling.views.known import known_of
from counseling.views.loading import client_of, latest_episode, open_goals
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal


@requires(Permission.PLAN_VIEW)
def plan(request: StaffRequest, client_id: int) -> HttpResponse:
    """Goals with their objectives, the safety plan, the discharge plan, and what held from before.

    `?goal=` opens the form for an objective of that goal, `?need=` the form for a goal, for that line of the needs.
    """
    asked = request.GET.get("goal", "")
    return _page(request, client_of(request, client_id), objective_goal=int(asked) if asked.isdecimal() else None)


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


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def safety_plan_write(request: StaffRequest, client_id: int) -> HttpResponse:
    """Write the safety plan; it starts from the one that stands, to be gone through step by step."""
    client = client_of(request, client_id)
    latest = plans.safety_plan_of(client)
    names = plans.text_fields(SafetyPlan)
    initial = {name: getattr(latest, name) for name in names} if latest else {}
    form = SafetyPlanForm(request.POST or None, initial=initial)
    episode = latest_episode(request, client)
    if episode is None:
        messages.error(request, "A safety plan belongs to an episode. Admit the person first.")
        return redirect("counseling:plan", client_id=client.pk)
    if request.method == "POST" and form.is_valid():
        steps = {name: form.cleaned_data[name] for name in names}
        if _did(form, lambda: plans.write_safety_plan(episode=episode, by=request.user, carried_from=latest, **steps)):
            messages.success(request, "Safety plan written. Give the client a printed copy.")
            return redirect("counseling:safety_plan", client_id=client.pk)
    return render(request, "counseling/safety_plan_write.html", {"client": client, "form": form, "latest": latest})


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def discharge_plan_write(request: StaffRequest, client_id: int) -> HttpResponse:
    """Write the discharge plan: what the next episode, should there be one, starts from."""
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is None:
        messages.error(request, "A discharge plan belongs to an episode. Admit the person first.")
        return redirect("counseling:plan", client_id=client.pk)
    latest = DischargePlan.objects.visible_to(request.user).filter(episode=episode).first()
    known = {
        name: model.objects.visible_to(request.user).filter(client=client, no_longer_true_since=None)
        for name, model in DischargePlanForm.models_named().items()
    }
    form = DischargePlanForm(request.POST or None, instance=latest, known=known)
    if request.method == "POST" and form.is_valid():
        parts = {name: form.cleaned_data[name] for name in form.fields}
        if _did(form, lambda: plans.write_discharge_plan(episode=episode, by=request.user, **parts)):
            messages.success(request, "Discharge plan written.")
            return redirect("counseling:plan", client_id=client.pk)
    context = {"client": client, "form": form, "latest": latest, "episode": episode}
    return render(request, "counseling/discharge_plan_write.html", context)


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
    safety = plans.safety_plan_of(client)
    context = {
        "client": client,
        "episode": episode,
        "plan": current,
        "standing": plan_signatures.standing_of(current) if current else [],
        "timing": timing,
        "review_is_late": timing is not None and timing.review_is_late(timezone.localdate()),
        "goals": list(open_goals(request, episode)) if episode else [],
        "closed_goals": _closed_goals(request, client, episode),
        "held": _held(request, episode),
        "known": known_of(request, client, episode),
        "safety_plan": safety,
        "safety_plan_confirmed": bool(safety and episode and plans.is_confirmed(safety, episode)),
        "discharge_plan": plans.discharge_plan_of(client),
        "goal_form": goal_form or GoalForm(initial={"need": _need_asked_for(request, current)}),
        "adds_goal": goal_form is not None or "need" in request.GET,
        "objective_form": objective_form or ObjectiveForm(),
        "objective_goal": objective_goal,
        "may_write": can(request.user, Permission.PLAN_WRITE) and episode is not None and episode.is_open,
        "statuses": [GoalStatus.MET, GoalStatus.SET_ASIDE],
    }
    return render(request, "counseling/plan.html", context, status=status)


def _current(request: StaffRequest, episode: TreatmentEpisode | None) -> TreatmentPlan | None:
    rows = TreatmentPlan.objects.visible_to(request.user).filter(episode=episode).order_by("-version")
    return rows.select_related("client__clinic").first() if episode else None


def _need_asked_for(request: StaffRequest, plan: TreatmentPlan | None) -> str:
    """The need whose number the address names; its words stand in no address."""
    place = request.GET.get("need", "")
    lines = plan.need_lines if plan else []
    return lines[int(place) - 1][:200] if place.isdecimal() and 0 < int(place[:4]) <= len(lines) else ""


def _closed_goals(request: StaffRequest, client: Client, episode: TreatmentEpisode | None) -> list[Goal]:
    goals = Goal.objects.visible_to(request.user).filter(client=client).select_related("episode__program")
    if episode is not None:
        goals = goals.exclude(episode=episode, status=GoalStatus.ACTIVE)
    return list(goals.order_by("-opened_on", "-pk")[:40])


def _held(request: StaffRequest, episode: TreatmentEpisode | None) -> list[CarryOverItem]:
    """What counselor and client found to hold in this episode, goals aside: those stand among the goals."""
    items = CarryOverItem.objects.visible_to(request.user).filter(episode=episode, goal=None)
    return list(items.held().with_sources()) if episode else []


def _did(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do it, or put the refusal on the form, so that what was typed stays."""
    try:
        act()
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


def _close(request: StaffRequest, act: Callable[[str], object]) -> None:
    status = request.POST.get("status", "")
    if status not in {GoalStatus.MET, GoalStatus.SET_ASIDE}:
        messages.error(request, "Choose whether it is met or set aside.")
        return
    try:
        act(status)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Closed.")

"""A client's own goals: set, changed and put away on the page of their mutual help."""

from __future__ import annotations

import functools

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from referrals import own_goals
from referrals.forms import OwnGoalForm
from referrals.models import OwnGoal
from referrals.views.own_facts import kept
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal, refusal_as_message

BESIDE: dict[type[Refusal], str | None] = {own_goals.TooMany: "meetings", own_goals.NotAGoal: "meetings"}


@requires(Permission.REFERRAL_MAKE)
@require_POST
def set_goal(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a goal of the client's own."""
    client = client_or_404(request, client_id)
    form = OwnGoalForm(request.POST, prefix="goal")
    act = functools.partial(own_goals.set_goal, client=client)
    shown = {"goal_form": form}
    return kept(request, client, form, act, said="Goal recorded.", shown=shown, fields=BESIDE)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def change(request: StaffRequest, client_id: int, goal_id: int) -> HttpResponse:
    """Change a goal; what it was stays on record."""
    client = client_or_404(request, client_id)
    goal = _goal(request, client, goal_id)
    form = OwnGoalForm(request.POST, prefix=f"goal{goal.pk}", goal=goal)
    act = functools.partial(own_goals.change, goal=goal)
    return kept(
        request,
        client,
        form,
        act,
        said="Goal changed. What was done counts on.",
        shown={"change_forms": {goal.pk: form}},
        fields=BESIDE,
        gone=(own_goals.PutAway,),
    )


@requires(Permission.REFERRAL_MAKE)
@require_POST
def put_away(request: StaffRequest, client_id: int, goal_id: int) -> HttpResponse:
    """Put a goal away; the visits stay."""
    client = client_or_404(request, client_id)
    goal = _goal(request, client, goal_id)
    with refusal_as_message(request):
        own_goals.put_away(goal=goal, by=request.user)
        messages.success(request, "Goal put away. The visits stay.")
    return redirect("referrals:client_referrals", client_id=client.pk)


def _goal(request: StaffRequest, client: Client, goal_id: int) -> OwnGoal:
    rows = OwnGoal.objects.visible_to(request.user).select_related("client__clinic")
    return get_object_or_404(rows, pk=goal_id, client=client)

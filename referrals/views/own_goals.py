"""A client's own goals: set and put away on the page of their mutual help."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from referrals import own_goals
from referrals.forms import OwnGoalForm
from referrals.models import OwnGoal
from referrals.views.referrals import client_page
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.REFERRAL_MAKE)
@require_POST
def set_goal(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a goal of the client's own."""
    client = client_or_404(request, client_id)
    form = OwnGoalForm(request.POST, prefix="goal")
    ask_about(form, client)
    if form.is_valid():
        with refusal_on(form):
            own_goals.set_goal(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Goal recorded.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, goal_form=form)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def put_away(request: StaffRequest, client_id: int, goal_id: int) -> HttpResponse:
    """Put a goal away; the visits stay."""
    client = client_or_404(request, client_id)
    goal = get_object_or_404(
        OwnGoal.objects.visible_to(request.user).select_related("client__clinic"), pk=goal_id, client=client
    )
    with refusal_as_message(request):
        own_goals.put_away(goal=goal, by=request.user)
        messages.success(request, "Goal put away. The visits stay.")
    return redirect("referrals:client_referrals", client_id=client.pk)

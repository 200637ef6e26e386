"""Editing an objective: its wording or its target date."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.forms import concurrent_edits
from counseling import plans
from counseling.forms.notes.notes import ObjectiveForm
from counseling.models import Objective
from counseling.plans.planning import locked_episode
from counseling.views.loading import client_of
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def objective_change(request: StaffRequest, client_id: int, objective_id: int) -> HttpResponse:
    """Change an objective's date or wording; if two people changed it at once, the page asks."""
    client = client_of(request, client_id)
    with transaction.atomic():
        rows = Objective.objects.visible_to(request.user).select_related("goal__client__clinic", "goal__episode")
        objective = get_object_or_404(rows, pk=objective_id, goal__client=client)
        if request.method == "POST":
            locked_episode(objective.goal.episode)  # first, as a review does, which then closes objectives
            objective = rows.select_for_update(of=("self",), no_key=True).get(pk=objective.pk)
        now = _form(objective)
        form = now
        if request.method == "POST":
            merged = concurrent_edits.merge(request.POST, now)
            form = ObjectiveForm(merged.data)
            concurrent_edits.ask(form, now, merged.clashes)
            if form.is_valid() and _changed(request, objective, form):
                messages.success(request, "Objective updated. If the plan was signed, it needs new signatures.")
                return redirect(f"{reverse('counseling:plan', args=[client.pk])}#objective-{objective.pk}")
    context = {
        "client": client,
        "objective": objective,
        "form": form,
        "shown": concurrent_edits.shown(_form(objective)),
    }
    return render(request, "counseling/plans/objective_change.html", context, status=422 if form.is_bound else 200)


def _form(objective: Objective) -> ObjectiveForm:
    said = {name: getattr(objective, name) for name in ("wording", "intervention", "due_on")}
    return ObjectiveForm(initial=said)


def _changed(request: StaffRequest, objective: Objective, form: ObjectiveForm) -> bool:
    with refusal_on(form):
        plans.change_objective(objective=objective, by=request.user, **form.cleaned_data)
        return True
    return False

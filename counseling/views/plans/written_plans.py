"""Writing a new version of the safety plan or discharge plan, starting from the current one."""

from __future__ import annotations

import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.models import Client
from counseling.forms.notes.notes import DischargePlanForm, SafetyPlanForm
from counseling.models import DischargePlan, SafetyPlan
from counseling.plans import written_plans
from counseling.views.loading import client_of, latest_episode
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.reading import answer, each, first, rows, together
from staff.refusals import Refusal

READ = "read"  # hidden in the form: the number of the writing that it started from


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def safety_plan_write(request: StaffRequest, client_id: int) -> HttpResponse:
    """Write the safety plan, starting from the current version, step by step."""
    client = client_of(request, client_id)
    latest = written_plans.safety_plan_of(client)
    names = written_plans.text_fields(SafetyPlan)
    initial = {name: getattr(latest, name) for name in names} if latest else {}
    form = SafetyPlanForm(request.POST or None, initial=initial)
    episode = latest_episode(request, client)
    if episode is None or not episode.is_open:
        messages.error(request, "A safety plan needs an open episode. Admit the client first.")
        return redirect("counseling:plan", client_id=client.pk)
    if request.method == "POST" and form.is_valid():
        steps = {name: form.cleaned_data[name] for name in names}
        try:
            written_plans.write_safety_plan(
                episode=episode, by=request.user, carried_from=latest, read=_read(request), **steps
            )
        except Refusal as refusal:
            return _refused(request, client, form, refusal, "counseling/plans/safety_plan_write.html")
        messages.success(request, "Safety plan saved. Give the client a printed copy.")
        return redirect("counseling:safety_plan", client_id=client.pk)
    return _page(request, client, form, latest, "counseling/plans/safety_plan_write.html")


@requires(Permission.PLAN_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def discharge_plan_write(request: StaffRequest, client_id: int) -> HttpResponse:
    """Write the discharge plan, which the next episode starts from; also allowed after discharge."""
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is None:
        messages.error(request, "A discharge plan needs an episode. Admit the client first.")
        return redirect("counseling:plan", client_id=client.pk)
    written = DischargePlan.objects.visible_to(request.user).filter(episode=episode)
    known = {
        name: model.objects.visible_to(request.user).filter(client=client, no_longer_true_since=None)
        for name, model in DischargePlanForm.models_named().items()
    }
    latest, listed = answer(
        together(
            first(written.select_related("written_by", "client__clinic").prefetch_related(*DischargePlan.named())),
            each(rows(queryset) for queryset in known.values()),
        )
    )
    # a copy: a form that is refused has written its words into the row that it was made for
    form = DischargePlanForm(request.POST or None, instance=copy.copy(latest), known=known)
    form.offer(dict(zip(known, listed, strict=True)))
    if request.method == "POST" and form.is_valid():
        parts = {name: form.cleaned_data[name] for name in form.fields}
        try:
            written_plans.write_discharge_plan(episode=episode, by=request.user, read=_read(request), **parts)
        except Refusal as refusal:
            return _refused(request, client, form, refusal, "counseling/plans/discharge_plan_write.html")
        messages.success(request, "Discharge plan saved. Give the client a printed copy.")
        return redirect("counseling:discharge_plan", client_id=client.pk)
    return _page(request, client, form, latest, "counseling/plans/discharge_plan_write.html")


def _read(request: StaffRequest) -> int | None:
    return outside.number(request.POST.get(READ))


def _refused(
    request: StaffRequest, client: Client, form: forms.BaseForm, refusal: Refusal, template: str
) -> HttpResponse:
    """The form with what was typed, next to what a colleague saved in the meantime; the next submit decides."""
    form.add_error(None, refusal.sentence)
    theirs = refusal.latest if isinstance(refusal, written_plans.WrittenMeanwhile) else None
    return _page(request, client, form, theirs, template, theirs=theirs)


def _page(
    request: StaffRequest,
    client: Client,
    form: forms.BaseForm,
    latest: SafetyPlan | DischargePlan | None,
    template: str,
    theirs: SafetyPlan | DischargePlan | None = None,
) -> HttpResponse:
    read: Any = request.POST.get(READ, "") if form.errors and theirs is None else latest.pk if latest else 0
    context = {"client": client, "form": form, "latest": latest, "theirs": theirs, "read": read}
    return render(request, template, context, status=422 if form.errors else 200)

"""Views to add triggers and strategies, mark them no longer current, and record a sobriety date."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cases.forms.recovery.learning import LearnedForm, SobrietyDateForm, StrategyForm, TriggerForm, WarningSignForm
from cases.models import Client, CopingStrategy, Trigger, WarningSign
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from cases.recovery import learning, sobriety, told
from staff.access import Permission, StaffRequest, requires
from staff.models import StaffMember
from staff.refusals import refusal_as_message, refusal_on

from .relapses import relapses_page


@dataclass(frozen=True)
class _Kind:
    """One list of learned items: how it is read, validated and saved."""

    name: str
    form: type[LearnedForm]
    rows: Callable[[StaffMember], QuerySet[Any]]
    add: Callable[..., Any]


_KINDS = {
    kind.name: kind
    for kind in (
        _Kind("trigger", TriggerForm, lambda by: Trigger.objects.visible_to(by), learning.add_trigger),
        _Kind("sign", WarningSignForm, lambda by: WarningSign.objects.visible_to(by), learning.add_warning_sign),
        _Kind("strategy", StrategyForm, lambda by: CopingStrategy.objects.visible_to(by), learning.add_strategy),
    )
}


@requires(Permission.RELAPSE_RECORD)
@require_POST
def told_settle(request: StaffRequest, client_id: int, key: str) -> HttpResponse:
    """Confirm or dismiss something mentioned elsewhere."""
    client = client_or_404(request, client_id)
    with refusal_as_message(request):
        if "decline" in request.POST:
            told.decline(client=client, key=key, by=request.user)
            messages.success(request, "Dismissed. The original entry is unchanged.")
        else:
            row = told.confirm(client=client, key=key, by=request.user)
            messages.success(request, f"Added: {row}.")
    return redirect(f"{reverse('cases:relapses', args=[client.pk])}#learned")


@requires(Permission.RELAPSE_RECORD)
@require_POST
def state_sobriety_date(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record the sobriety date the client states."""
    client = client_or_404(request, client_id)
    form = SobrietyDateForm(request.POST)
    ask_about(form, client)
    if form.is_valid() and _done(form, "sobriety_date", sobriety.state, client=client, by=request.user):
        messages.success(request, "Sobriety date recorded. Earlier dates are kept.")
        return redirect("cases:relapses", client.pk)
    return relapses_page(request, client, forms_sent={"sobriety": form})


@requires(Permission.RELAPSE_RECORD)
@require_POST
def learned_add(request: StaffRequest, client_id: int, kind: str) -> HttpResponse:
    """One more trigger, warning sign or strategy."""
    chosen = _kind(kind)
    client = client_or_404(request, client_id)
    form = chosen.form(request.POST, prefix=chosen.name)
    if form.is_valid() and _done(form, "wording", chosen.add, client=client, by=request.user):
        messages.success(request, "Saved.")
        return redirect_to_learned(client.pk)
    return relapses_page(request, client, forms_sent={chosen.name: form})


@requires(Permission.RELAPSE_RECORD)
@require_POST
def learned_turn(request: StaffRequest, client_id: int, kind: str, item_id: int) -> HttpResponse:
    """Mark as no longer current, or as current again."""
    item = get_object_or_404(_kind(kind).rows(request.user), pk=item_id, client=client_id)
    if "still_true" in request.POST:
        learning.mark_still_true(item=item, by=request.user)
        messages.success(request, f"“{item.wording}” marked as current.")
    else:
        learning.mark_no_longer_true(item=item, on=_today(item.client), by=request.user)
        messages.success(request, f"“{item.wording}” marked as no longer current.")
    return redirect_to_learned(client_id)


def redirect_to_learned(client_id: int) -> HttpResponse:
    """Back to learned items, on the returns to use page."""
    response = redirect("cases:relapses", client_id)
    response["Location"] += "#learned"
    return response


def _kind(name: str) -> _Kind:
    if name not in _KINDS:
        raise Http404
    return _KINDS[name]


def _done(form: forms.Form, field: str, act: Callable[..., Any], **given: object) -> bool:
    with refusal_on(form, field):
        act(**given, **{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})
        return True
    return False


def _today(client: Client) -> datetime.date:
    return client.today

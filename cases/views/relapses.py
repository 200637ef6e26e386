"""Returns to use: where somebody stands, what happened, and what was learned from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases import recovery
from cases import relapses as records
from cases.forms.learning import SobrietyDateForm, StrategyForm, TriggerForm, WarningSignForm
from cases.forms.relapse import LastDayForm
from cases.models import Client, CopingStrategy, Relapse, Trigger, WarningSign
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal


@requires(Permission.RELAPSE_VIEW)
def relapses(request: StaffRequest, client_id: int) -> HttpResponse:
    """Where the client stands, every return to use, and what was learned."""
    return relapses_page(request, _client(request, client_id))


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_warn(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """The client was told how far tolerance has fallen."""
    relapse = _relapse(request, client_id, relapse_id)
    records.warn_of_tolerance(relapse=relapse, by=request.user)
    messages.success(request, "It is on record that the danger of a lost tolerance was explained.")
    return redirect("cases:relapses", client_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def relapse_close(request: StaffRequest, client_id: int, relapse_id: int) -> HttpResponse:
    """The last day of use is known."""
    relapse, form = _relapse(request, client_id, relapse_id), LastDayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the last day of use as a date.")
        return redirect("cases:relapses", client_id)
    try:
        records.close(relapse=relapse, ended_on=form.cleaned_data["ended_on"], by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The last day of use is recorded.")
    return redirect("cases:relapses", client_id)


def relapses_page(
    request: StaffRequest, client: Client, *, forms_sent: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page, with a form on it that was sent and not accepted, as it was typed."""
    today = timezone.localdate(timezone=client.clinic.zone)
    sent = forms_sent or {}
    order = (F("no_longer_true_since").desc(nulls_first=True), "-evidence", "pk")
    triggers = Trigger.objects.visible_to(request.user).filter(client=client).with_evidence()
    signs = WarningSign.objects.visible_to(request.user).filter(client=client).with_evidence()
    strategies = (
        CopingStrategy.objects.visible_to(request.user)
        .filter(client=client)
        .with_outcomes()
        .annotate(helped_or_partly=F("helped") + F("partly"), tries=F("helped") + F("partly") + F("did_not"))
    )
    learned: list[dict[str, Any]] = [
        {
            "name": "trigger",
            "title": "What sets it off",
            "icon": "zap",
            "rows": triggers.order_by(*order),
            "form": sent.get("trigger") or TriggerForm(prefix="trigger"),
            "empty": "No triggers are known yet.",
        },
        {
            "name": "sign",
            "title": "Early warning signs",
            "icon": "eye",
            "rows": signs.order_by(*order),
            "form": sent.get("sign") or WarningSignForm(prefix="sign"),
            "empty": "No warning signs are known yet.",
        },
        {
            "name": "strategy",
            "title": "What helps",
            "icon": "life-buoy",
            "rows": strategies.order_by(order[0], "-helped", "-partly", "did_not", "pk"),
            "form": sent.get("strategy") or StrategyForm(prefix="strategy"),
            "empty": "No strategies are known yet.",
        },
    ]
    context = {
        "client": client,
        "recovery": recovery.of(client, staff_member=request.user, on=today),
        "sobriety_form": sent.get("sobriety") or SobrietyDateForm(),
        "learned": learned,
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
    }
    return render(request, "cases/relapses/relapses.html", context, status=422 if sent else 200)


def _relapse(request: StaffRequest, client_id: int, relapse_id: int) -> Relapse:
    rows = Relapse.objects.visible_to(request.user).select_related("client__clinic", "tolerance_warned_by")
    return get_object_or_404(rows, pk=relapse_id, client=client_id)


def _client(request: StaffRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("clinic"), pk=client_id)

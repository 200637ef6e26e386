"""Legal holds on a chart, and the list of records past retention: a list, since nothing here deletes anything."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from privacy import legal_holds as acts
from privacy import retention
from privacy.filters import RetentionFilter
from privacy.forms.retention import LegalHoldForm, LiftHoldForm
from privacy.models import LegalHold
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message, refusal_on

PAGE = 50


@requires(Permission.RETENTION_KEEP)
def legal_holds(request: StaffRequest, client_id: int) -> HttpResponse:
    """The holds on one record, open and lifted, and a form to place one."""
    client = client_or_404(request, client_id)
    form = LegalHoldForm(request.POST if request.method == "POST" else None, initial={"from_on": client.today})
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            acts.place(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Legal hold placed.")
            return redirect("privacy:legal_holds", client_id=client.pk)
    holds = LegalHold.objects.visible_to(request.user).filter(client=client).select_related("placed_by", "lifted_by")
    lines = [{"hold": each, "form": LiftHoldForm(prefix=f"hold{each.pk}")} for each in holds]
    return render(request, "privacy/legal_holds.html", {"client": client, "lines": lines, "form": form})


@requires(Permission.RETENTION_KEEP)
@require_POST
def legal_hold_lift(request: StaffRequest, client_id: int, hold_id: int) -> HttpResponse:
    """Lift one."""
    rows = LegalHold.objects.visible_to(request.user).filter(client=client_id).select_related("client__clinic")
    hold = get_object_or_404(rows, pk=hold_id)
    form = LiftHoldForm(request.POST, prefix=f"hold{hold.pk}")
    if not form.is_valid():
        messages.error(request, acts.HoldNeedsReason.sentence)
        return redirect("privacy:legal_holds", client_id=client_id)
    with refusal_as_message(request):
        acts.lift(hold=hold, by=request.user, **form.cleaned_data)
        messages.success(request, "Legal hold lifted.")
    return redirect("privacy:legal_holds", client_id=client_id)


@requires(Permission.RETENTION_KEEP)
def retention_list(request: StaffRequest) -> HttpResponse:
    """Whose record was kept for the whole period, or is on hold."""
    filters = RetentionFilter(request, Client.objects.visible_to(request.user))
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    period = retention.period_of(request.user.clinic)
    lines = [{"client": each, "keep_until": period.keep_until(each, each.last_on)} for each in page]
    context = {"filters": filters, "page": page, "query": filters.kept, "lines": lines, "period": period}
    return render(request, "privacy/retention.html", context)

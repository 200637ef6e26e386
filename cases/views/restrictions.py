"""A client's own restrictions about members of staff: for the privacy officer and supervisors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cases.forms.restrictions import LiftForm, RestrictionForm
from cases.models import ClientRestriction
from cases.people import restrictions as acts
from cases.people.chart_page import client_or_404
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.RESTRICTION_KEEP)
def restrictions(request: StaffRequest, client_id: int) -> HttpResponse:
    """All of them, in force and lifted, and a form to record one."""
    client = client_or_404(request, client_id)
    form = RestrictionForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            acts.restrict(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, f"{form.cleaned_data['staff_member']} can no longer see this client.")
            return redirect("cases:restrictions", client.pk)
    rows = ClientRestriction.objects.visible_to(request.user).filter(client=client)
    context = {
        "client": client,
        "form": form,
        "rows": rows.select_related("staff_member", "recorded_by", "lifted_by").order_by("lifted_at", "-starts_at"),
    }
    return render(request, "cases/people/restrictions.html", context, status=422 if form.errors else 200)


@requires(Permission.RESTRICTION_KEEP)
def restriction_lift(request: StaffRequest, client_id: int, restriction_id: int) -> HttpResponse:
    """End one, with how it ended."""
    client = client_or_404(request, client_id)
    rows = ClientRestriction.objects.visible_to(request.user).select_related("staff_member", "client__clinic")
    found = get_object_or_404(rows, pk=restriction_id, client=client)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            acts.lift(restriction=found, by=request.user, **form.cleaned_data)
            messages.success(request, "Restriction lifted. Their role and the care team decide again.")
            return redirect("cases:restrictions", client.pk)
    context = {"client": client, "form": form, "restriction": found}
    return render(request, "cases/people/restriction_lift.html", context, status=422 if form.errors else 200)

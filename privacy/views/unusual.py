"""Unusual access: the list, and one with what was opened and the privacy officer's review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from privacy import openings
from privacy import unusual as acts
from privacy.filters import UnusualFilter
from privacy.forms.logs import UnusualReviewForm
from privacy.models import ChartAccess, UnusualAccess
from staff.access import Permission, StaffRequest, requires
from staff.days import beginning_of, end_of
from staff.paging import newest_first
from staff.refusals import refusal_on


@requires(Permission.ACCESS_LOG_VIEW)
def unusual(request: StaffRequest) -> HttpResponse:
    """What was unusual in the access log, newest first."""
    rows = UnusualAccess.objects.visible_to(request.user).select_related("staff_member", "review__by")
    filters = UnusualFilter(request, rows)
    page = newest_first(filters.qs, key=("on", "pk"), after=request.GET.get("after", ""))
    names = openings.names_of({row.client_id for row in page.rows if row.client_id}, by=request.user)
    context = {
        "filters": filters,
        "page": page,
        "kept": filters.kept,
        "found": [(row, names.get(row.client_id or 0, "")) for row in page.rows],
    }
    return render(request, "privacy/unusual.html", context)


@requires(Permission.ACCESS_LOG_VIEW)
def unusual_one(request: StaffRequest, unusual_id: int) -> HttpResponse:
    """One of them: the reason, what the person did that day, and what came of the review."""
    rows = UnusualAccess.objects.visible_to(request.user).select_related("staff_member", "review__by")
    access = get_object_or_404(rows, pk=unusual_id)
    if access.client_id is not None:
        request.opened_client_ids = [access.client_id]  # type: ignore[attr-defined]  # for the access log
    form = UnusualReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={acts.ReviewSaysNothing: "note"}):
            acts.review(access=access, by=request.user, **form.cleaned_data)
            messages.success(request, "Review recorded.")
            return redirect("privacy:unusual")
    zone = request.user.clinic.zone
    entries = ChartAccess.objects.visible_to(request.user).filter(
        staff_member=access.staff_member_id, at__gte=beginning_of(access.on, zone), at__lt=end_of(access.on, zone)
    )
    if access.client_id is not None:
        entries = entries.filter(client_id=access.client_id)
    context = {
        "access": access,
        "whose": openings.names_of([access.client_id], by=request.user).get(access.client_id, "")
        if access.client_id
        else "",
        "page": openings.days_of(entries, by=request.user, whole=True),
        "form": form,
        "is_own": access.staff_member_id == request.user.pk,
    }
    return render(request, "privacy/unusual_one.html", context, status=422 if form.is_bound else 200)

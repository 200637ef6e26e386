from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.people import finding
from cases.people.chart_page import client_or_404
from privacy import emergency as acts
from privacy import openings
from privacy.filters import AccessLogFilter, ListLogFilter, LookUpFilter
from privacy.forms.emergencies import EmergencyForm, LookUpReviewForm, ReviewForm
from privacy.models import ChartAccess, Disclosure, EmergencyAccess, EmergencyLookUp, ListAccess
from privacy.thresholds import EMERGENCY_MINUTES
from staff.access import Permission, StaffRequest, requires
from staff.models import StaffMember
from staff.paging import newest_first
from staff.reading import answer, rows, together
from staff.refusals import refusal_as_message, refusal_on

LONGEST = 120  # characters of a search


@requires(Permission.ACCESS_LOG_VIEW)
def access_log(request: StaffRequest) -> HttpResponse:
    """Who opened which chart and what they did, by day and person; a client is found by name, sent by POST."""
    asked = request.POST.get("q", "").strip()[:LONGEST]
    found = finding.search(staff_member=request.user, text=asked) if asked else []
    if len(found) == 1 and found[0].is_sure and not found[0].namesakes:
        return redirect(_narrowed(request, found[0].client.pk))
    filters = AccessLogFilter(request, ChartAccess.objects.visible_to(request.user))
    whose = filters.form.cleaned_data.get("client") if filters.form.is_valid() else None
    is_narrow = bool(filters.is_narrowed and (whose or filters.form.cleaned_data.get("staff")))
    page = openings.days_of(filters.qs, by=request.user, before=request.GET.get("after", ""), whole=is_narrow)
    return render(
        request,
        "privacy/access_log.html",
        {
            "filters": filters,
            "page": page,
            "kept": filters.kept,
            "to_review": _to_review(request.user),
            "asked": asked,
            "found": [(match.client, _narrowed(request, match.client.pk)) for match in found],
            "whose": openings.names_of([whose], by=request.user).get(whose, "") if whose else "",
        },
    )


def _to_review(by: StaffMember) -> list[dict[str, Any]]:
    """Charts that were opened and disclosures that were made in an emergency, which no one has reviewed yet."""
    accesses = EmergencyAccess.objects.visible_to(by).unreviewed().select_related("client__clinic", "staff_member")
    disclosures = Disclosure.objects.visible_to(by).unreviewed().select_related("client", "disclosed_by")
    opened, told = answer(together(rows(accesses), rows(disclosures)))
    return [
        {
            "what": "Emergency access",
            "by": each.staff_member,
            "at": each.opened_at,
            "client": each.client,
            "why": each.reason,
            "url": reverse("privacy:emergency_review", args=[each.pk]),
        }
        for each in opened
    ] + [
        {
            "what": "Disclosure",
            "by": each.disclosed_by,
            "at": each.disclosed_at,
            "client": each.client,
            "why": each.why,
            "url": reverse("privacy:disclosure_review", args=[each.pk]),
        }
        for each in told
    ]


def _narrowed(request: StaffRequest, client_id: int) -> str:
    """The same page for one client: its address names the number only."""
    kept = request.GET.copy()
    kept["client"] = str(client_id)
    kept.pop("after", None)
    return f"{request.path}?{kept.urlencode()}"


@requires(Permission.ACCESS_LOG_VIEW)
def access_entries(request: StaffRequest) -> HttpResponse:
    """The same entries one by one with their numbers, as the log checks name them, newest first."""
    rows = ChartAccess.objects.visible_to(request.user).select_related("staff_member")
    filters = AccessLogFilter(request, rows)
    page = newest_first(filters.qs, key=("at", "pk"), after=request.GET.get("after", ""))
    names = openings.names_of({row.client_id for row in page.rows if row.client_id}, by=request.user)
    entries = [(row, names.get(row.client_id or 0, "")) for row in page.rows]
    context = {"filters": filters, "page": page, "kept": filters.kept, "entries": entries}
    return render(request, "privacy/access_entries.html", context)


@requires(Permission.CLIENT_VIEW, Permission.CHART_OPENINGS_VIEW)
def chart_openings(request: StaffRequest, client_id: int) -> HttpResponse:
    """Who opened this chart and what they did, by day and person."""
    client = client_or_404(request, client_id)
    page = openings.of_chart(client, by=request.user, before=request.GET.get("after", ""))
    return render(request, "privacy/chart_openings.html", {"client": client, "page": page})


@requires(Permission.EMERGENCY_OPEN)
def emergency(request: StaffRequest) -> HttpResponse:
    """Open a chart in a medical emergency, with the password or a passkey again each time."""
    form = EmergencyForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        names = ("given_name", "family_name", "birth_date", "birth_year", "reason")
        with refusal_on(form):
            access = acts.look_up(by=request.user, **{name: form.cleaned_data[name] for name in names})
            ends = timezone.localtime(access.ends_at)
            messages.warning(request, f"Chart open until {ends:%-I:%M %p}. The privacy officer will see your reason.")
            return redirect("desk:chart", client_id=access.client_id)
    minutes = EMERGENCY_MINUTES.for_clinic(request.user.clinic)
    return render(request, "privacy/emergency.html", {"form": form, "minutes": minutes})


@requires(Permission.EMERGENCY_REVIEW)
def emergency_review(request: StaffRequest, pk: int) -> HttpResponse:
    """One emergency access: who, why, and what was opened during it."""
    rows = EmergencyAccess.objects.visible_to(request.user).with_restricted()
    rows = rows.select_related("client__clinic", "staff_member", "reviewed_by")
    access = get_object_or_404(rows, pk=pk)
    opened = ChartAccess.objects.visible_to(request.user).filter(
        client_id=access.client_id, staff_member=access.staff_member, at__range=(access.opened_at, access.ends_at)
    )
    context = {"access": access, "opened": opened.order_by("position")[:200], "form": ReviewForm()}
    return render(request, "privacy/emergency_review.html", {**context, "due_on": acts.review_due_on(access)})


@requires(Permission.EMERGENCY_REVIEW)
@require_POST
def emergency_reviewed(request: StaffRequest, pk: int) -> HttpResponse:
    """Record the finding."""
    access = get_object_or_404(EmergencyAccess.objects.visible_to(request.user), pk=pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a finding.")
        return redirect("privacy:emergency_review", pk=pk)
    with refusal_as_message(request):
        acts.review(access=access, by=request.user, **form.cleaned_data)
        messages.success(request, "Review recorded.")
    return redirect("privacy:access_log")


@requires(Permission.EMERGENCY_REVIEW)
def look_ups(request: StaffRequest) -> HttpResponse:
    """Every use of the emergency form, newest first, and those that still need a look."""
    rows = EmergencyLookUp.objects.visible_to(request.user).select_related("staff_member", "reviewed_by")
    filters = LookUpFilter(request, rows)
    page = newest_first(filters.qs, key=("at", "pk"), after=request.GET.get("after", ""))
    opened = EmergencyLookUp.Outcome.OPENED
    waiting = [
        row.pk
        for row in page.rows
        if row.reviewed_at is None and row.outcome != opened and row.staff_member_id != request.user.pk
    ]
    form = LookUpReviewForm(
        request.POST if request.method == "POST" else None, initial={"shown": " ".join(map(str, waiting))}
    )
    if request.method == "POST" and form.is_valid():
        count = acts.review_look_ups(look_ups=form.numbers, note=form.cleaned_data["note"], by=request.user)
        messages.success(request, f"{count} look-up{'' if count == 1 else 's'} reviewed.")
        return redirect("privacy:look_ups")
    context = {"filters": filters, "page": page, "kept": filters.kept, "waiting": waiting, "form": form}
    return render(request, "privacy/look_ups.html", context)


@requires(Permission.ACCESS_LOG_VIEW)
def list_log(request: StaffRequest) -> HttpResponse:
    """Who read which list, searched for what, and exported what, newest first."""
    rows = ListAccess.objects.visible_to(request.user).select_related("staff_member")
    filters = ListLogFilter(request, rows)
    page = newest_first(filters.qs, key=("position",), after=request.GET.get("after", ""))
    context = {"filters": filters, "page": page, "kept": filters.kept}
    return render(request, "privacy/list_log.html", context)

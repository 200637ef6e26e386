"""The meeting finder and a meeting's own page, alone or for a client."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cases.models import Client
from cases.people.chart_page import client_or_404
from referrals import finder, referring
from referrals.filters import KM_PER_MILE, MeetingFilter
from referrals.forms import MeetingOfferForm
from referrals.models import Meeting, MeetingVisit
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on

PAGE = 25


def _page_of_meetings(request: StaffRequest, client: Client | None) -> HttpResponse:
    filters = MeetingFilter(request, Meeting.objects.visible_to(request.user), data=request.GET or _start_for(client))
    now = filters.now
    page = Paginator(filters.qs.select_related("feed"), PAGE).get_page(request.GET.get("page"))
    for meeting in page:
        _say_when_and_where(meeting, now)
    context = {"form": filters.form, "page": page, "client": client, "query": filters.kept, "now": now}
    only_results = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    response = render(request, "referrals/_results.html" if only_results else "referrals/finder.html", context)
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers: the browser must not mix them up
    return response


def _start_for(client: Client | None) -> dict[str, str]:
    """Initial search for a client: within ten miles of their ZIP code, if it is known."""
    if client is None or not client.postal_code:
        return {}
    try:
        finder.locate(client.postal_code)
    except finder.UnknownPlace:
        return {}
    return {"near": client.postal_code[:5], "within": "10"}


def _say_when_and_where(meeting: Any, now: datetime.datetime) -> None:
    """Words for the next start in the reader's own day, and the distance in miles."""
    if meeting.next_start is not None:
        start = timezone.localtime(meeting.next_start)
        ahead = (start.date() - now.date()).days
        meeting.day_words = {0: "Today", 1: "Tomorrow"}.get(
            ahead, f"{start:%A}" if 0 < ahead < 7 else f"{start:%A, %b %-d}"
        )
        meeting.local_start = start
        meeting.has_begun = meeting.next_start <= now
        meeting.other_clock = start.utcoffset() != meeting.next_start.astimezone(meeting.zone).utcoffset()
    if meeting.distance_km is not None:
        meeting.miles = meeting.distance_km / KM_PER_MILE


@requires(Permission.MEETING_VIEW)
def find(request: StaffRequest) -> HttpResponse:
    """Find a meeting. With ?client=…, goes on to the finder for that client."""
    client_id = outside.number(request.GET.get("client"))
    if client_id is not None and can(request.user, Permission.REFERRAL_MAKE):
        client = client_or_404(request, client_id)
        return redirect("referrals:client_finder", client_id=client.pk)
    return _page_of_meetings(request, None)


@requires(Permission.MEETING_VIEW, Permission.REFERRAL_MAKE)
def find_for_client(request: StaffRequest, client_id: int) -> HttpResponse:
    """Find a meeting for a client, initially near where they live."""
    return _page_of_meetings(request, client_or_404(request, client_id))


def _meeting_for(request: StaffRequest, meeting_id: int) -> Any:
    meeting: Any = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("feed"), pk=meeting_id)
    now = timezone.localtime()
    next_one: Any = finder.find(now=now, among=Meeting.objects.visible_to(request.user).filter(pk=meeting.pk)).first()
    meeting.next_start = next_one.next_start if next_one else None
    meeting.distance_km = None
    _say_when_and_where(meeting, now)
    return meeting


@requires(Permission.MEETING_VIEW)
def meeting(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """One meeting as its list gives it."""
    return render(request, "referrals/meeting.html", {"meeting": _meeting_for(request, meeting_id), "client": None})


@requires(Permission.MEETING_VIEW, Permission.REFERRAL_MAKE)
def meeting_for_client(request: StaffRequest, client_id: int, meeting_id: int) -> HttpResponse:
    """One meeting, with the form that offers it to a client."""
    client = client_or_404(request, client_id)
    listed = _meeting_for(request, meeting_id)
    form = MeetingOfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            referral = referring.offer(client=client, meeting=listed, by=request.user, **form.cleaned_data)
            messages.success(request, "Meeting offered. Set a date now.")
            return redirect("referrals:referral", client_id=client.pk, referral_id=referral.pk)
    visits = MeetingVisit.objects.visible_to(request.user).filter(client=client, meeting=listed)[:5]
    return render(
        request, "referrals/meeting.html", {"meeting": listed, "client": client, "form": form, "visits": visits}
    )

"""The meeting finder and a meeting's own page, alone or for a client."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cases.models import Client
from cases.people.chart_page import client_or_404
from referrals import clock_words, finder, handout, meeting_map, referring, sources, tried_before
from referrals.filters import MeetingFilter
from referrals.forms import MeetingOfferForm
from referrals.meeting_cards import KM_PER_MILE, cards
from referrals.models import Meeting, OwnMeetingChange
from referrals.results import MOST, MeetingPages
from referrals.start_points import nearest_home
from reminders import languages
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on

PAGE = 25
OFF_THE_MAP = 25  # shown of those whose distance isn't known


def _page_of_meetings(request: StaffRequest, client: Client | None) -> HttpResponse:
    filters = MeetingFilter(request, Meeting.objects.visible_to(request.user).leads_for(request.user), client=client)
    now = filters.now
    pages = MeetingPages(filters.qs, PAGE, since=now - finder.GRACE, stretches=filters.stretches)
    page = pages.get_page(request.GET.get("page"))
    start = filters.start_point
    unlocated: list[Any] = []
    others = filters.off_the_map() if page.number == 1 or not page.has_next() else None
    are_last = others is not None and page.has_next() and others.exists()
    if others is not None and not page.has_next():
        known = {each.pk for each in page}
        unlocated = [each for each in others[: OFF_THE_MAP + 1] if each.pk not in known]
    chosen = _chosen(request)
    ticked = {each.pk for each in chosen}
    shown = {each.pk for each in (*page, *unlocated[:OFF_THE_MAP])}
    drawn = functools.partial(
        cards, now=now, reader=filters.zone, client=client, is_measured=start is not None, ticked=ticked
    )
    context = {
        "chosen": chosen,
        "chosen_query": urlencode([("m", each.pk) for each in chosen]),
        "chosen_elsewhere": [each for each in chosen if each.pk not in shown],
        "most_chosen": handout.MOST,
        "filters": filters,
        "form": filters.form,
        "page": page,
        "pages": pages,
        "cards": list(drawn(page, first=page.start_index())),
        "most": MOST,
        "client": client,
        "query": filters.kept,
        "start": start,
        "is_nearest": filters.sorting == finder.NEAREST,
        "map": meeting_map.draw(page, start.point if start else None, first=page.start_index()),
        "unlocated": list(drawn(unlocated[:OFF_THE_MAP], first=page.end_index() + 1)),
        "unlocated_are_last": are_last,
        "handout_language": languages.of(client).value,
        "handout_zone": handout.zone_of(client),
        "is_more_unlocated": len(unlocated) > OFF_THE_MAP,
    }
    only_results = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    if client is not None and not only_results:
        context["helped"] = tried_before.helped(client=client, by=request.user)
    response = render(request, "referrals/_results.html" if only_results else "referrals/finder.html", context)
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers: the browser must not mix them up
    return response


def _chosen(request: StaffRequest) -> list[Meeting]:
    """What was ticked for a handout, in this search and before: it survives until it is taken off."""
    wanted = handout.ticked(request.GET)
    rows = Meeting.objects.visible_to(request.user).in_bulk(wanted) if wanted else {}
    return [rows[key] for key in wanted if key in rows]


def _describe(meetings: Iterable[Any], *, now: datetime.datetime, reader: datetime.tzinfo) -> None:
    """Give each its next time in words, and its distance in miles."""
    for meeting in meetings:
        if meeting.next_start is not None:
            meeting.at = clock_words.when(
                meeting.next_start, minutes=meeting.minutes, there=meeting.zone, reader=reader, now=now
            )
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
    """Find a meeting for a client, initially the nearest to where they live."""
    return _page_of_meetings(request, client_or_404(request, client_id))


def _meeting_for(request: StaffRequest, meeting_id: int, client: Client | None) -> dict[str, Any]:
    """A meeting's page: the meeting with its next time, how far it is for the client, and its group's others."""
    visible = Meeting.objects.visible_to(request.user)
    meeting: Any = get_object_or_404(visible.select_related("feed"), pk=meeting_id)
    now = timezone.now()
    reader = client.zone if client else request.user.clinic.zone
    start = nearest_home(client)
    told = _sources_of(request, meeting)
    behind = [each.listing for each in told["listings"]] if told["lead"] is None else None
    group = sources.week_of_group(meeting, behind=behind, by=request.user)
    among = visible.filter(pk__in=[meeting.pk, *(each.pk for each in group)])
    found: Any = finder.find(now=now, among=among)
    held = dict(found.values_list("pk", "next_start"))
    for each in (meeting, *group):
        each.next_start = held.get(each.pk)
        place = (each.latitude, each.longitude) if each.has_place and each.latitude is not None else None
        each.distance_km = finder.kilometers(start.point, place) if start and place else None
    _describe([meeting, *group], now=now, reader=reader)
    return {
        "meeting": meeting,
        "client": client,
        "handout_url": handout.address([meeting.pk], languages.of(client), zone=handout.zone_of(client)),
        "group": group if len(group) > 1 else [],
        "start": start,
        **told,
    }


def _sources_of(request: StaffRequest, meeting: Any) -> dict[str, Any]:
    """All lists that have it, when each was read, and what was done by hand."""
    listings = sources.listings_of(meeting, by=request.user)
    listed = [meeting, *(each.listing for each in listings)]
    read = sources.read_on(listed)
    for each in listed:
        each.read_at = read.get(each.feed_id)
        each.is_shared_no_longer = each.feed.clinic_id != request.user.clinic_id and not each.feed.is_shared
    is_own = meeting.feed.is_kept_by_hand and meeting.feed.clinic_id == request.user.clinic_id
    changes = OwnMeetingChange.objects.visible_to(request.user).filter(meeting=meeting).select_related("by")
    return {
        "lead": sources.lead_of(meeting, by=request.user),
        "listings": listings,
        "is_own": is_own,
        "changes": changes if is_own else [],
        "may_join": can(request.user, Permission.FEED_IMPORT),
        "may_keep": can(request.user, Permission.PLACES_KEEP),
    }


@requires(Permission.MEETING_VIEW)
def meeting(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """One meeting as its list gives it."""
    return render(request, "referrals/meeting.html", _meeting_for(request, meeting_id, None))


@requires(Permission.MEETING_VIEW, Permission.REFERRAL_MAKE)
def meeting_for_client(request: StaffRequest, client_id: int, meeting_id: int) -> HttpResponse:
    """One meeting, with the form that offers it to a client."""
    client = client_or_404(request, client_id)
    context = _meeting_for(request, meeting_id, client)
    listed = context["meeting"]
    form = MeetingOfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            referral = referring.offer(client=client, meeting=listed, by=request.user, **form.cleaned_data)
            messages.success(request, "Meeting offered. Set a date now.")
            return redirect("referrals:referral", client_id=client.pk, referral_id=referral.pk)
    same = {listed.pk, *(each.listing_id for each in context["listings"])}
    helped, visits = tried_before.before_offering(client=client, by=request.user, meetings=same)
    return render(request, "referrals/meeting.html", context | {"form": form, "visits": visits, "helped": helped})

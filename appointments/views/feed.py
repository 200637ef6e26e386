"""The calendar feed: its secret address, and the settings for one's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from appointments import feeds
from staff import outside
from staff.access import Permission, StaffRequest, public, requires


@public
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What a calendar program reads, which can't sign in. Anything but a valid address is a 404.

    The secret is in the query, which no log has.
    """
    found = feeds.read(outside.text(request.GET.get("key", "")), timezone.now())
    if found is None:
        raise Http404
    answer = HttpResponse(found, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return answer


@requires(Permission.APPOINTMENT_VIEW)
def feed_settings(request: StaffRequest) -> HttpResponse:
    """Whether there is a feed, and how to make, renew or end it."""
    return render(request, "appointments/feed.html", {"feed": feeds.own(request.user)})


@requires(Permission.APPOINTMENT_VIEW)
@require_POST
def renew_feed(request: StaffRequest) -> HttpResponse:
    """Show the new address, this once."""
    token = feeds.renew(by=request.user)
    address = f"{request.build_absolute_uri(reverse('appointments:feed'))}?key={token}"
    return render(request, "appointments/feed.html", {"feed": feeds.own(request.user), "address": address})


@requires(Permission.APPOINTMENT_VIEW)
@require_POST
def end_feed(request: StaffRequest) -> HttpResponse:
    """Nobody reads it any more."""
    if feeds.end(by=request.user):
        messages.success(request, "The calendar address no longer works.")
    return redirect("appointments:feed_settings")

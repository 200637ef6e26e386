"""The handout: which meetings are on it, and the sheet as a page, a PDF and entries for a calendar."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from referrals import handout, handout_calendar
from referrals.handout_words import WORDS
from referrals.models import Meeting
from reminders.languages import Language
from staff import time_zones
from staff.access import Permission, StaffRequest, requires
from staff.paper.answering import as_pdf


def _language(request: StaffRequest) -> Language:
    asked = request.GET.get("in", "")
    return Language(asked) if asked in Language.values else Language.ENGLISH


def _zone(request: StaffRequest) -> str:
    """The time zone that the address asks for; blank, which is the clinic's, for anything that is none."""
    asked = request.GET.get("zone", "")
    return asked if asked in time_zones.places() else ""


def _clock(request: StaffRequest) -> zoneinfo.ZoneInfo:
    zone = _zone(request)
    return zoneinfo.ZoneInfo(zone) if zone else request.user.clinic.zone


def _meetings(request: StaffRequest, chosen: str) -> list[Any]:
    wanted = handout.keys(chosen)
    found = handout.meetings(wanted, by=request.user, now=timezone.now())
    if not found or len(found) < len(wanted):
        raise Http404
    return _once(found)


def _once(found: list[Any]) -> list[Any]:
    """Two listings of one meeting are one on paper."""
    return list({each.pk: each for each in reversed(found)}.values())[::-1]


def _without(meeting: Meeting, keys: list[int], language: Language, zone: str) -> str:
    """The handout of the others, if there are any."""
    others = [key for key in keys if key != meeting.known_as.pk]
    return handout.address(others, language, zone=zone) if others else ""


def _to(request: StaffRequest, url: str) -> HttpResponse:
    """On to another page, also from the finder's form, whose script would put the page among the results."""
    return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else redirect(url)


@requires(Permission.MEETING_VIEW)
def choose(request: StaffRequest) -> HttpResponse:
    """From what was ticked in the finder to its handout; of more than three, which three."""
    wanted = handout.ticked(request.GET)
    language, zone = _language(request), _zone(request)
    if 1 <= len(wanted) <= handout.MOST:
        return _to(request, handout.address(wanted, language, zone=zone))
    if "HX-Request" in request.headers:
        kept = QueryDict(mutable=True)
        kept.setlist("m", [str(each) for each in wanted])
        kept["in"] = language.value
        if zone:
            kept["zone"] = zone
        return _to(request, f"{reverse('referrals:handout_choose')}?{kept.urlencode()}")
    found = _once(handout.meetings(wanted, by=request.user, now=timezone.now()))
    context = {"meetings": found, "most": handout.MOST, "language": language, "zone": zone}
    return render(request, "referrals/handout_choose.html", context)


@requires(Permission.MEETING_VIEW)
def page(request: StaffRequest, chosen: str) -> HttpResponse:
    """The handout to look at and print."""
    found, language, zone = _meetings(request, chosen), _language(request), _zone(request)
    now = timezone.now()
    keys = [each.known_as.pk for each in found]
    context = {
        "sheet": handout.sheet(found, language=language, zone=_clock(request), now=now),
        "meetings": [(each, _without(each, keys, language, zone)) for each in found],
        "has_times": any(each.next_start for each in found),
        "languages": [(each, handout.address(keys, each, zone=zone), each == language) for each in Language],
        "event": WORDS[language]["event"],
        "pdf_url": handout.address(keys, language, "handout_pdf", zone=zone),
        "calendar_url": handout.address(keys, language, "handout_calendar", zone=zone),
    }
    return render(request, "referrals/handout.html", context)


@requires(Permission.MEETING_VIEW)
def pdf(request: StaffRequest, chosen: str) -> HttpResponse:
    """The handout as a PDF."""
    found, language = _meetings(request, chosen), _language(request)
    return as_pdf(handout.sheet(found, language=language, zone=_clock(request), now=timezone.now()))


@requires(Permission.MEETING_VIEW)
def calendar(request: StaffRequest, chosen: str) -> HttpResponse:
    """The handout's meetings as entries for a calendar."""
    found, language = _meetings(request, chosen), _language(request)
    content = handout_calendar.written(found, language=language, now=timezone.now())
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{WORDS[language]["file"]}.ics"'
    answer["Cache-Control"] = "no-store"
    return answer

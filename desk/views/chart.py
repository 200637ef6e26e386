"""A client's chart: the overview, and the whole timeline."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.people.chart_page import client_or_404
from desk.panels import cards, panels_for
from desk.timeline import Span, Window, draw, draw_in_full
from staff.access import Permission, StaffRequest, requires
from staff.reading import answer, together

_ON_THE_OVERVIEW = (Span.LIFE, Span.YEARS, Span.YEAR, Span.QUARTER)


@requires(Permission.CLIENT_VIEW)
def chart(request: StaffRequest, client_id: int) -> HttpResponse:
    """The overview: who, where in care, in recovery since when, dangers, what was learned, what is next."""
    client = _client(request, client_id)
    today = client.today
    window, now = _window(request, today), timezone.now()
    about: dict[str, Any] = {"client": client, "staff_member": request.user}
    picture, panels = answer(
        together(draw.part(**about, span=window.span), panels_for.part(**about, now=now)), keep_plan=True
    )
    context = {
        "client": client,
        "timeline": picture,
        "spans": [Window(span, today) for span in _ON_THE_OVERVIEW],
        "full_url": reverse("desk:timeline", args=[client.pk]),
        "cards": cards(panels, client=client, request=request),
    }
    return render(request, "desk/chart.html", context)


@requires(Permission.CLIENT_VIEW)
def timeline(request: StaffRequest, client_id: int) -> HttpResponse:
    """The whole timeline, from a life to a month."""
    client = _client(request, client_id)
    today = client.today
    window = _window(request, today)
    about: dict[str, Any] = {"client": client, "staff_member": request.user}
    picture, first = answer(draw_in_full.part(**about, window=window), keep_plan=True)
    context = {
        "client": client,
        "timeline": picture,
        "since": f"{first:%B %Y}",
        "spans": [_as_near(window, span, today) for span in Span],
        "earlier": window.earlier(first),
        "later": window.later(today),
    }
    return render(request, "desk/timeline.html", context)


def _as_near(window: Window, span: Span, today: datetime.date) -> Window:
    """Another span that keeps the middle of the present one in sight."""
    if window.is_today or span.days is None or window.span.days is None:
        return Window(span, today)
    middle = window.until - datetime.timedelta(days=window.span.days // 2)
    return window.around(middle, today=today, span=span)


def _window(request: StaffRequest, today: datetime.date) -> Window:
    return Window.read(span=request.GET.get("span", ""), until=request.GET.get("until", ""), today=today)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)

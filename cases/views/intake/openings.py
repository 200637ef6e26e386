"""View of openings and wait lists."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cases.intake import offers, openings
from staff.access import Permission, StaffRequest, can, requires
from staff.models import Program


@requires(Permission.INQUIRY_VIEW)
def places_page(request: StaffRequest) -> HttpResponse:
    """Per program: openings taken, held and free, expected discharges, and who is next and why."""
    now = timezone.now()
    context = {
        "places": openings.now_in(staff_member=request.user, now=now),
        "may_take": can(request.user, Permission.INQUIRY_TAKE),
        "may_go_beyond": can(request.user, Permission.EPISODE_OVERRIDE),
        "usual_last_day": offers.usual_last_day(request.user.clinic),
        "programs": Program.objects.visible_to(request.user).open(),
        "today": timezone.localdate(now, request.user.clinic.zone),
        "now": now,
    }
    return render(request, "cases/intake/openings.html", context)

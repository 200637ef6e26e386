"""A client's appointments: what is ahead, then the past."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from appointments import calendar
from appointments.codes import Step
from appointments.models import Appointment
from cases.people.chart_page import client_or_404
from staff.access import Permission, StaffRequest, can, requires

PAGE = 25


@requires(Permission.APPOINTMENT_VIEW)
def client_appointments(request: StaffRequest, client_id: int) -> HttpResponse:
    """A client's appointments: what is ahead, then the past, the latest first."""
    client = client_or_404(request, client_id)
    now = timezone.now()
    own = (
        Appointment.objects.visible_to(request.user)
        .of_client(client)
        .with_step()
        .select_related("room", "staff_member", "client", "inquiry")
    )
    ahead = own.filter(starts_at__gte=now).not_marked(Step.MOVED).order_by("starts_at", "pk")
    page = Paginator(own.filter(starts_at__lt=now).order_by("-starts_at", "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "client": client,
        "ahead": [_listed(each, request) for each in ahead[:100]],
        "past": [_listed(each, request) for each in page.object_list],
        "page": page,
        "may_book": can(request.user, Permission.APPOINTMENT_BOOK),
    }
    return render(request, "appointments/client_appointments.html", context)


def _listed(each: Appointment, request: StaffRequest) -> dict[str, Any]:
    """A line of the client's own list: here the name is whom they come to."""
    may_book = can(request.user, Permission.APPOINTMENT_BOOK)
    entry = calendar.of_appointment(each, reader=request.user, may_move=may_book)
    return {"entry": entry, "with_whom": each.staff_member}

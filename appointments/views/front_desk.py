"""The front desk: who comes today, who has arrived, and since when they wait."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from appointments import addresses, calendar, printing
from appointments.codes import NEXT, Step
from appointments.filters import FrontDeskFilter
from appointments.models import Appointment
from staff.access import Permission, StaffRequest, can, requires

PAGE, ON_PAPER = 60, 500
GRACE = datetime.timedelta(minutes=10)  # after which somebody who has not come is late
BUTTONS = ((Step.ARRIVED, "Arrived"), (Step.KEPT, "Kept"), (Step.NO_SHOW, "No-show"))


@dataclass(frozen=True)
class Line:
    """One appointment with what can be done with it now."""

    appointment: Appointment
    entry: calendar.Entry
    state: str
    waiting_minutes: int | None
    is_late: bool
    buttons: list[tuple[str, str]]
    step_url: str
    cancel_url: str


@requires(Permission.APPOINTMENT_VIEW)
def front_desk(request: StaffRequest) -> HttpResponse:
    """Appointments of a day in order, with the buttons that say what became of them."""
    now = timezone.now()
    rows = (
        Appointment.objects.visible_to(request.user)
        .with_step()
        .select_related("client", "inquiry__client", "room", "staff_member")
    )
    filters = FrontDeskFilter(request, rows)
    page = Paginator(filters.qs, ON_PAPER if printing.is_asked(request) else PAGE).get_page(request.GET.get("page"))
    may_book = can(request.user, Permission.APPOINTMENT_BOOK)
    today = timezone.localdate(now, request.user.clinic.zone)
    day = filters.form.cleaned_data.get("day") or today
    lines = [_line(each, now, today, request, may_book=may_book) for each in page.object_list]
    context = {
        "filters": filters,
        "page": page,
        "query": filters.kept,
        "lines": lines,
        "day": day,
        "is_today": day == today,
        "waiting": sum(line.waiting_minutes is not None for line in lines),
        "here": request.get_full_path(),
    }
    return render(request, "appointments/front_desk.html", context | printing.context(request))


def _line(
    appointment: Appointment, now: datetime.datetime, today: datetime.date, request: StaffRequest, *, may_book: bool
) -> Line:
    appointment.clinic = request.user.clinic
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    step_at: datetime.datetime = appointment.step_at  # type: ignore[attr-defined]
    may_follow = NEXT[step] if may_book else ()
    has_come = appointment.local_date <= today
    begun = appointment.starts_at <= now
    buttons = [
        (str(each), label)
        for each, label in BUTTONS
        if each in may_follow and has_come and (each == Step.ARRIVED or step == Step.ARRIVED or begun)
    ]
    waits = step == Step.ARRIVED and appointment.local_date == today
    return Line(
        appointment=appointment,
        entry=calendar.of_appointment(appointment, reader=request.user, may_move=may_book),
        state=Step(step).label,
        waiting_minutes=int((now - step_at).total_seconds() // 60) if waits else None,
        is_late=step in (Step.BOOKED, Step.CONFIRMED, Step.REOPENED) and appointment.starts_at + GRACE < now,
        buttons=buttons,
        step_url=addresses.of(appointment, "step"),
        cancel_url=addresses.of(appointment) + "#cancel" if Step.CANCELLED_BY_CLIENT in may_follow else "",
    )

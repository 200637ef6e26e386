"""Book an appointment with a client or a caller, or move one: the first openings, or any other time."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from appointments import addresses, booking, calendar, openings
from appointments.codes import Mode, Purpose
from appointments.forms import OTHER, BookForm, MoveForm, WhenForm, openings_value
from appointments.forms import primary_counselor as first_choice
from appointments.models import Appointment, Room
from appointments.openings import Opening
from appointments.views.appointment import found_or_404
from cases.models import Client, Inquiry
from cases.people import chart_page
from cases.people.chart_page import client_or_404
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.days import day_in_words
from staff.models import StaffMember
from staff.reading import answer, exists, together
from staff.refusals import Refusal
from staff.typed_days import LATEST_DAY, day_in_address

OFFERED = 12
LOOKS_AHEAD = datetime.timedelta(days=42)


@requires(Permission.APPOINTMENT_BOOK)
def book(request: StaffRequest, client_id: int | None = None, inquiry_id: int | None = None) -> HttpResponse:
    """Book an appointment, or a series: the first free times are offered, and any other time can be typed."""
    whom = _whom(request, client_id, inquiry_id)
    form = BookForm(
        request.POST or None,
        staff_member=request.user,
        may_repeat="client" in whom,
        initial=_initial(request, whom) if request.method != "POST" else None,
    )
    looks = "look" in request.POST
    if request.method == "POST" and not looks and form.is_valid():
        try:
            return _booked(request, form, whom)
        except Refusal as refusal:
            form.refuse(refusal)
    return _when_page(request, form, "appointments/book.html", whom, looks=looks)


def _booked(request: StaffRequest, form: BookForm, whom: dict[str, Any]) -> HttpResponse:
    if form.cleaned_data.get("every_weeks"):
        series = booking.book_series(client=whom["client"], by=request.user, **form.series_facts())
        count = len(series.appointments)
        messages.success(request, f"{count} appointment{'' if count == 1 else 's'} booked: {series.series}.")
        if series.left_out:
            left = "; ".join(f"{day_in_words(day)} ({why.rstrip('.')})" for day, why in series.left_out[:6])
            messages.warning(request, f"Left out: {left}{' …' if len(series.left_out) > 6 else ''}.")
        return redirect("appointments:client_appointments", client_id=whom["client"].pk)
    made = booking.book(client=whom.get("client"), inquiry=whom.get("inquiry"), by=request.user, **form.facts())
    messages.success(request, f"Booked: {_in_words(made)}, with {made.staff_member}.")
    return redirect(addresses.of(made))


@requires(Permission.APPOINTMENT_BOOK)
def move(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """Move an appointment to another time, person or room."""
    found, whom = found_or_404(request, appointment_id, client_id, inquiry_id)
    form = MoveForm(
        request.POST or None,
        staff_member=request.user,
        initial=_moves_from(request, found) if request.method != "POST" else None,
    )
    looks = "look" in request.POST
    if request.method == "POST" and not looks and form.is_valid():
        try:
            moved = booking.move(appointment=found, by=request.user, reason=form.cleaned_data["reason"], **form.facts())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Moved to {_in_words(moved)}. Its reminders moved with it.")
            return redirect(addresses.of(moved))
    about = {"appointment": found, "appointment_url": addresses.of(found), "name": calendar.name_of(found)}
    return _when_page(request, form, "appointments/move.html", whom | about, looks=looks)


def _when_page(
    request: StaffRequest, form: WhenForm, template: str, whom: dict[str, Any], *, looks: bool
) -> HttpResponse:
    """The form with the first openings of whom it names, what was typed kept."""
    person, minutes, day = form.sought()
    today = timezone.localdate(timezone=request.user.clinic.zone)
    since = min(max(day or today, today), LATEST_DAY - 2 * LOOKS_AHEAD)
    in_person = (form["mode"].value() or Mode.IN_PERSON) == Mode.IN_PERSON
    offered, has_rooms = answer(
        together(
            openings.find.part(staff=person, minutes=minutes, between=(since, since + LOOKS_AHEAD), most=OFFERED),
            exists(Room.objects.visible_to(request.user).in_use()),
        )
    )
    if looks:
        form.errors.clear()
    chosen = form["opening"].value() or ""
    typed = bool(form["time"].value())
    context = whom | {
        "form": form,
        "person": person,
        "minutes": minutes,
        "offered": _by_day(offered),
        "chosen": chosen if chosen else (OTHER if typed or not offered else openings_value(offered[0].starts_at)),
        "other": OTHER,
        "since": since if day else None,
        "has_rooms": has_rooms and in_person,
        "layout": "layout/chart.html" if whom.get("client") else "layout/page.html",
    }
    return render(request, template, context, status=422 if form.is_bound and form.errors and not looks else 200)


def _by_day(offered: list[Opening]) -> list[tuple[datetime.date, list[tuple[str, datetime.datetime]]]]:
    days: dict[datetime.date, list[tuple[str, datetime.datetime]]] = {}
    for opening in offered:
        local = opening.local_start
        days.setdefault(local.date(), []).append((openings_value(opening.starts_at), local))
    return list(days.items())


def _whom(request: StaffRequest, client_id: int | None, inquiry_id: int | None) -> dict[str, Any]:
    if client_id is not None:
        return {"client": client_or_404(request, client_id)}
    inquiry = get_object_or_404(Inquiry.objects.visible_to(request.user).select_related("client"), pk=inquiry_id)
    if inquiry.client_id:
        client = chart_page.read(request, inquiry.client_id).client
        if client is not None:
            return {"client": client, "inquiry": inquiry}
    return {"inquiry": inquiry}


def _initial(request: StaffRequest, whom: dict[str, Any]) -> dict[str, Any]:
    client: Client | None = whom.get("client")
    person: StaffMember | None = first_choice(client, request.user) if client else None
    inquiry: Inquiry | None = whom.get("inquiry")
    asked = request.GET.get("purpose", "")
    if asked not in Purpose.values:
        asked = Purpose.ASSESSMENT if inquiry else Purpose.INDIVIDUAL
    return {
        "staff_member": person
        or (inquiry.assigned_to if inquiry and inquiry.assigned_to else None)
        or _oneself(request),
        "minutes": 90 if asked == Purpose.ASSESSMENT else 50,
        "purpose": asked,
        "day": day_in_address(request.GET.get("day", "")),
        "time": request.GET.get("time", "")[:5],
    }


def _oneself(request: StaffRequest) -> StaffMember | None:
    """The reader, if clients come to them; else the first clinician by name."""
    clinicians = StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name")
    return clinicians.filter(pk=request.user.pk).first() or clinicians.first()


def _moves_from(request: StaffRequest, found: Appointment) -> dict[str, Any]:
    """As it is; a drop in the calendar names the new day and time, and in the clinic's day the new person."""
    person = outside.row(StaffMember.objects.visible_to(request.user).clinicians(), request.GET.get("staff", ""))
    return {
        "staff_member": person or found.staff_member,
        "minutes": found.minutes,
        "mode": found.mode,
        "room": found.room_id,
        "link": found.link,
        "day": day_in_address(request.GET.get("day", "")),
        "time": request.GET.get("time", "")[:5],
    }


def _in_words(made: Appointment) -> str:
    local = made.local_start
    return f"{local:%A}, {day_in_words(local.date())}, {local:%-I:%M %p}"

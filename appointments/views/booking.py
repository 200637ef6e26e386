"""Book an appointment with a client or a caller, or move one: the first openings, or any other time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from appointments import addresses, asked_times, booking, calendar, openings
from appointments.codes import Mode, Purpose
from appointments.forms import OTHER, WITHOUT_ROOM, BookForm, MoveForm, WhenForm
from appointments.models import Appointment
from appointments.openings import Opening
from appointments.views.appointment import found_or_404
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.people import chart_page, primary_counselors
from cases.people.chart_page import client_or_404
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.days import day_in_words
from staff.models import Program, StaffMember
from staff.reading import answer, rows, together
from staff.reading import known as known_rows
from staff.refusals import Refusal
from staff.typed_days import LATEST_DAY, day_in_address

OFFERED = 12
MOST_OF_A_DAY = 300
BEFORE = 3  # openings that are offered before one that was chosen on another page
SOONER = 2  # openings of colleagues in the same program
LOOKS_AHEAD = datetime.timedelta(days=42)


@requires(Permission.APPOINTMENT_BOOK)
def book(request: StaffRequest, client_id: int | None = None, inquiry_id: int | None = None) -> HttpResponse:
    """Book an appointment, or a series: the first free times are offered, and any other time can be typed."""
    whom = _whom(request, client_id, inquiry_id)
    known = _of_client(request, whom)
    form = BookForm(
        request.POST or None,
        staff_member=request.user,
        may_repeat="client" in whom,
        initial=_initial(request, whom, known) if request.method != "POST" else None,
    )
    looks = "look" in request.POST
    if request.method == "POST" and not looks and form.is_valid():
        try:
            return _booked(request, form, whom, known.program)
        except Refusal as refusal:
            form.refuse(refusal)
    whom |= {"back": addresses.back(request)}
    return _when_page(request, form, "appointments/book.html", whom, known, looks=looks)


def _booked(request: StaffRequest, form: BookForm, whom: dict[str, Any], program: Program | None) -> HttpResponse:
    if form.cleaned_data.get("every_weeks"):
        series = booking.book_series(client=whom["client"], by=request.user, program=program, **form.series_facts())
        asked_times.settle(appointment=_instead_of(request, series.appointments[0]), by=request.user)
        count = len(series.appointments)
        messages.success(request, f"{count} appointment{'' if count == 1 else 's'} booked: {series.series}.")
        if series.left_out:
            left = "; ".join(f"{day_in_words(day)} ({why.rstrip('.')})" for day, why in series.left_out[:6])
            messages.warning(request, f"Left out: {left}{' …' if len(series.left_out) > 6 else ''}.")
        return redirect(
            addresses.back(request) or reverse("appointments:client_appointments", args=[whom["client"].pk])
        )
    made = booking.book(
        client=whom.get("client"),
        inquiry=whom.get("inquiry"),
        by=request.user,
        program=program,
        **form.facts(),
    )
    asked_times.settle(appointment=_instead_of(request, made), by=request.user)
    messages.success(request, f"Booked: {_in_words(made)}, with {made.staff_member}.")
    return redirect(addresses.back(request) or addresses.of(made))


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
            asked_times.settle(appointment=found, by=request.user)
            messages.success(request, f"Moved to {_in_words(moved)}. Its reminders moved with it.")
            return redirect(addresses.back(request) or addresses.of(moved))
    about = {
        "appointment": found,
        "appointment_url": addresses.back(request) or addresses.of(found),
        "name": calendar.name_of(found, reader=request.user),
    }
    return _when_page(request, form, "appointments/move.html", whom | about, _OfClient(), looks=looks)


def _when_page(
    request: StaffRequest, form: WhenForm, template: str, whom: dict[str, Any], of_client: _OfClient, *, looks: bool
) -> HttpResponse:
    """The form with the first openings of whom it names, what was typed kept."""
    person, minutes, day = form.sought()
    today = timezone.localdate(timezone=request.user.clinic.zone)
    since = min(max(day or today, today), LATEST_DAY - 2 * LOOKS_AHEAD)
    room = form.meets_in()
    sought: dict[str, Any] = {"minutes": minutes, "between": (since, since + LOOKS_AHEAD), "in_a_room": room}
    program, colleagues = of_client.program, [each for each in of_client.clinicians if each != person]
    asked = form["opening"].value() or ""
    most = MOST_OF_A_DAY if asked not in ("", OTHER) else OFFERED  # the chosen one is among them, wherever it is
    offered, in_program = answer(
        together(
            openings.find.part(staff=person, most=most, **sought),
            openings.find.part(staff=colleagues, program=program, most=SOONER, **sought) if program else known_rows([]),
        )
    )
    if looks:
        form.errors.clear()
    places = [each.value for each in offered]
    taken = not form.is_bound and bool(asked) and asked not in places
    place = places.index(asked) if asked in places else 0
    begin = place - BEFORE if place >= OFFERED else 0  # a choice from the first ones leaves them as they are
    offered = offered[begin : begin + OFFERED]
    chosen = "" if taken else asked
    typed = bool(form["time"].value())
    kept: dict[str, Any] = {"staff": "", "opening": "", **request.GET.dict(), "minutes": minutes}
    if "purpose" in form.fields:
        kept["purpose"] = form["purpose"].value()
    context = whom | {
        "form": form,
        "person": person,
        "minutes": minutes,
        "offered": _by_day(offered),
        "chosen": chosen if chosen else (OTHER if typed or not offered else offered[0].value),
        "other": OTHER,
        "since": since if day else None,
        "room": room,
        "program": program,
        "is_taken": taken,
        "sooner": [
            (each, f"?{urlencode(kept | {'staff': each.staff_member.pk, 'opening': each.value})}")
            for each in in_program
            if not offered or each.starts_at < offered[0].starts_at
        ],
        "layout": "layout/chart.html" if whom.get("client") else "layout/page.html",
    }
    return render(request, template, context, status=422 if form.is_bound and form.errors and not looks else 200)


def _by_day(offered: list[Opening]) -> list[tuple[datetime.date, list[tuple[str, datetime.datetime]]]]:
    days: dict[datetime.date, list[tuple[str, datetime.datetime]]] = {}
    for opening in offered:
        local = opening.local_start
        days.setdefault(local.date(), []).append((opening.value, local))
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


def _initial(request: StaffRequest, whom: dict[str, Any], known: _OfClient) -> dict[str, Any]:
    inquiry: Inquiry | None = whom.get("inquiry")
    asked = request.GET.get("purpose", "")
    if asked not in Purpose.values:
        asked = Purpose.ASSESSMENT if inquiry else Purpose.INDIVIDUAL
    return {
        "staff_member": addresses.asked_person(request)
        or known.primary
        or (inquiry.assigned_to if inquiry and inquiry.assigned_to else None)
        or _oneself(request),
        "minutes": outside.number(request.GET.get("minutes"), lowest=5, highest=480)
        or (90 if asked == Purpose.ASSESSMENT else 50),
        "purpose": asked,
        "mode": Mode.PHONE if asked in WITHOUT_ROOM else Mode.IN_PERSON,
        **_asked_time(request),
    }


def _asked_time(request: StaffRequest) -> dict[str, Any]:
    """The opening that was chosen on another page (`?opening=`), or the day and time of a drop in the calendar."""
    opening = addresses.asked_opening(request)
    if opening is None:
        return {"day": day_in_address(request.GET.get("day", "")), "time": request.GET.get("time", "")[:5]}
    return {"opening": openings.value_of(opening), "day": opening.date()}


@dataclass(frozen=True)
class _OfClient:
    """What a client's chart says about whom to book with, read in one statement."""

    primary: StaffMember | None = None
    program: Program | None = None  # of the open episode, if there is just one
    clinicians: Sequence[StaffMember] = ()


def _of_client(request: StaffRequest, whom: dict[str, Any]) -> _OfClient:
    client: Client | None = whom.get("client")
    if client is None:
        return _OfClient()
    primary, stays, clinicians = answer(
        together(
            primary_counselors.of.part([client.pk], timezone.now()),
            rows(
                TreatmentEpisode.objects.visible_to(request.user)
                .filter(client=client)
                .open()
                .select_related("program")[:2]
            ),
            rows(StaffMember.objects.visible_to(request.user).clinicians().select_related("clinic")),
        )
    )
    program = stays[0].program if len(stays) == 1 else None
    return _OfClient(primary.get(client.pk), program, clinicians)


def _instead_of(request: StaffRequest, made: Appointment) -> Appointment | None:
    """The canceled appointment of the same client that this one takes the place of (`?instead_of=`)."""
    if made.client is None:
        return None
    own = Appointment.objects.visible_to(request.user).of_client(made.client)
    return outside.row(own, request.GET.get("instead_of", ""))


def _oneself(request: StaffRequest) -> StaffMember | None:
    """The reader, if clients come to them; else the first clinician by name."""
    clinicians = StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name")
    return clinicians.filter(pk=request.user.pk).first() or clinicians.first()


def _moves_from(request: StaffRequest, found: Appointment) -> dict[str, Any]:
    """As it is; a drop in the calendar names the new day and time, and in the clinic's day the new person."""
    return {
        "staff_member": addresses.asked_person(request) or found.staff_member,
        "minutes": found.minutes,
        "mode": found.mode,
        "room": found.room_id or "",
        "link": found.link,
        **_asked_time(request),
    }


def _in_words(made: Appointment) -> str:
    local = made.local_start
    return f"{local:%A}, {day_in_words(local.date())}, {local:%-I:%M %p}"

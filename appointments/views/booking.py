"""A client's or caller's appointments: book, move, say what became of one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from appointments import addresses, booking, calendar, openings, unmarked
from appointments import messages as messages_of
from appointments.codes import NEXT, Mode, Purpose, Step
from appointments.forms import OTHER, BookForm, CancelForm, MoveForm, ReasonForm, WhenForm, openings_value
from appointments.forms import primary_counselor as first_choice
from appointments.models import Appointment, AppointmentStep, Room
from appointments.openings import Opening
from cases.models import Client, Inquiry
from cases.people import chart_page
from cases.people.chart_page import client_or_404
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.days import day_in_words
from staff.models import StaffMember
from staff.reading import answer, exists, first, known, rows, together
from staff.refusals import Refusal, refusal_as_message
from staff.typed_days import LATEST_DAY, day_in_address

PAGE = 25
OFFERED = 12
LOOKS_AHEAD = datetime.timedelta(days=42)
DONE = {
    Step.CONFIRMED: (booking.confirm, "Marked as confirmed."),
    Step.ARRIVED: (booking.arrive, "Arrived."),
    Step.KEPT: (booking.keep, "Marked as kept."),
    Step.NO_SHOW: (booking.no_show, "Marked as a no-show."),
}
LABELS = {
    Step.CONFIRMED: ("Confirmed", "check"),
    Step.ARRIVED: ("Arrived", "armchair"),
    Step.KEPT: ("Kept", "check-check"),
    Step.NO_SHOW: ("No-show", "user-x"),
}


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
    found, whom = _appointment(request, appointment_id, client_id, inquiry_id)
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


@requires(Permission.APPOINTMENT_VIEW)
def appointment(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """One appointment: the facts, what became of it, and what may follow."""
    found, whom = _appointment(request, appointment_id, client_id, inquiry_id)
    return _appointment_page(request, found, whom)


def _appointment_page(
    request: StaffRequest, found: Appointment, whom: dict[str, Any], *, status: int = 200, **forms_with_errors: Any
) -> HttpResponse:
    now = timezone.now()
    steps, before, in_series, told = answer(
        together(
            rows(AppointmentStep.objects.visible_to(request.user).filter(appointment=found).select_related("by")),
            first(Appointment.objects.visible_to(request.user).filter(moved_to=found).select_related("inquiry")),
            rows(
                Appointment.objects.visible_to(request.user)
                .filter(series=found.series_id, starts_at__gt=now)
                .ahead()
                .values_list("pk", flat=True)
            )
            if found.series_id
            else known([]),
            messages_of.of.part(appointment=found, client=whom.get("client"), staff_member=request.user, now=now),
        )
    )
    step: str = found.step  # type: ignore[attr-defined]  # annotated
    may_book = can(request.user, Permission.APPOINTMENT_BOOK)
    following = NEXT[step] if may_book else ()
    has_come = found.local_date <= timezone.localdate(now, found.clinic.zone)
    tone, icon = calendar.STEP_LOOKS[step]
    context = whom | {
        "appointment": found,
        "state": Step(step).label,
        "tone": tone,
        "state_icon": icon,
        "purpose_icon": calendar.PURPOSE_ICONS[found.purpose],
        "where": calendar.where(found),
        "name": calendar.name_of(found),
        "steps": [
            {
                "what": each.get_step_display(),
                "at": each.at,
                "by": each.by,
                "reason": each.reason,
                "tone": calendar.STEP_LOOKS[each.step][0],
            }
            for each in steps
        ],
        "messages_about": told,
        "moved_from": (before, addresses.of(before)) if before else None,
        "moved_to": (found.moved_to, addresses.of(found.moved_to)) if found.moved_to else None,
        "buttons": [
            (each, *LABELS[each])
            for each in LABELS
            if each in following
            and (has_come or each == Step.CONFIRMED)
            and (each != Step.NO_SHOW or found.starts_at <= now)
        ],
        "move_url": addresses.of(found, "move") if Step.MOVED in following else "",
        "step_url": addresses.of(found, "step"),
        "cancel_url": addresses.of(found, "cancel") if Step.CANCELLED_BY_CLINIC in following else "",
        "reopen_url": addresses.of(found, "reopen") if Step.REOPENED in following else "",
        "cancel_form": CancelForm(),
        "reopen_form": ReasonForm(prefix="reopen"),
        "no_show_url": (
            addresses.of(found, "no_show")
            if step == Step.NO_SHOW and (whom.get("client") or found.client_id is None)
            else ""
        ),
        "note_url": (
            f"{reverse('counseling:note_new', args=[found.client_id])}?appointment={found.pk}"
            if (step in (Step.ARRIVED, Step.KEPT) or unmarked.may_be_kept(found, request.user, now))
            and whom.get("client")
            and found.client_id
            and can(request.user, Permission.NOTE_WRITE)
            else ""
        ),
        "series_ahead": len(in_series) if found.series_id else 0,
        "series_form": CancelForm(prefix="series"),
        "may_book": may_book,
        "layout": "layout/chart.html" if whom.get("client") else "layout/page.html",
    }
    return render(request, "appointments/appointment.html", context | forms_with_errors, status=status)


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def step(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """They confirmed, arrived, were here, or did not come."""
    found, _ = _appointment(request, appointment_id, client_id, inquiry_id)
    wanted = request.POST.get("step", "")
    if wanted not in DONE:
        raise Http404
    do, said = DONE[Step(wanted)]
    with refusal_as_message(request):
        do(appointment=found, by=request.user)
        messages.success(request, f"{calendar.name_of(found)}: {said[:1].lower()}{said[1:]}")
    return redirect(_back(request, addresses.of(found)))


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def cancel(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """Cancel it, for the client or for the clinic."""
    found, whom = _appointment(request, appointment_id, client_id, inquiry_id)
    form = CancelForm(request.POST)

    def act() -> None:
        facts = form.cleaned_data
        by_client = facts["who"] == "client"
        booking.cancel(appointment=found, by=request.user, by_client=by_client, reason=facts["reason"])

    return _done(request, found, whom, form, act, "cancel_form", "Canceled. The time is free again.")


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def reopen(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """Take back what was recorded by mistake."""
    found, whom = _appointment(request, appointment_id, client_id, inquiry_id)
    form = ReasonForm(request.POST, prefix="reopen")

    def act() -> None:
        booking.reopen(appointment=found, reason=form.cleaned_data["reason"], by=request.user)

    return _done(request, found, whom, form, act, "reopen_form", "Booked again.")


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def cancel_series(request: StaffRequest, appointment_id: int, client_id: int) -> HttpResponse:
    """Cancel all that is still ahead of a series."""
    found, whom = _appointment(request, appointment_id, client_id, None)
    series = found.series
    if series is None:
        raise Http404
    form = CancelForm(request.POST, prefix="series")

    def act() -> None:
        facts = form.cleaned_data
        booking.cancel_series(
            series=series, reason=facts["reason"], by=request.user, by_client=facts["who"] == "client"
        )

    return _done(request, found, whom, form, act, "series_form", "The rest of the series is canceled.")


def _done(
    request: StaffRequest,
    found: Appointment,
    whom: dict[str, Any],
    form: Any,
    act: Callable[[], None],
    name: str,
    said: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except Refusal as refusal:
            form.add_error("reason" if isinstance(refusal, booking.ReasonNeeded) else None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect(_back(request, addresses.of(found)))
    return _appointment_page(request, found, whom, status=422, **{name: form})


def _appointment(
    request: StaffRequest, appointment_id: int, client_id: int | None, inquiry_id: int | None
) -> tuple[Appointment, dict[str, Any]]:
    """The appointment of an address, and whose it is: `client` only for those who may see the chart."""
    visible = Appointment.objects.visible_to(request.user).with_step()
    rows_ = visible.of_client(client_id) if client_id else visible.filter(inquiry=inquiry_id)
    found = get_object_or_404(
        rows_.select_related(
            "client", "inquiry__client", "staff_member", "room", "series__client", "moved_to__inquiry", "program"
        ),
        pk__in=outside.keys(appointment_id),
    )
    found.clinic = request.user.clinic
    if found.moved_to:
        found.moved_to.clinic = request.user.clinic
    whom: dict[str, Any] = {}
    person = found.person
    if person is not None:
        seen = chart_page.read(request, person.pk).client
        if seen is not None:
            whom["client"] = seen
    if found.inquiry is not None:
        whom["inquiry"] = found.inquiry
    return found, whom


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


def _listed(each: Appointment, request: StaffRequest) -> dict[str, Any]:
    """A line of the client's own list: here the name is whom they come to."""
    entry = calendar.of_appointment(each, may_move=can(request.user, Permission.APPOINTMENT_BOOK))
    return {"entry": entry, "with_whom": each.staff_member}


def _in_words(made: Appointment) -> str:
    local = made.local_start
    return f"{local:%A}, {day_in_words(local.date())}, {local:%-I:%M %p}"


def _back(request: StaffRequest, otherwise: str) -> str:
    """The list from which a button was pressed, if that is one of ours."""
    asked = request.POST.get("back", "")
    lists = (reverse("appointments:front_desk"), reverse("appointments:calendar"))
    is_list = asked == reverse("desk:today") or asked.startswith(lists)
    is_ours = is_list and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else otherwise

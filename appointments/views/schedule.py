"""Working hours and time off, the clinic's holidays and rooms."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from appointments import schedules
from appointments.forms import HolidayForm, HoursForm, RoomForm, TimeOffForm
from appointments.models import Appointment, Holiday, Room, TimeOff, WorkingHours
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.models import StaffMember
from staff.refusals import refusal_as_message, refusal_on

DAYS_SHOWN = 40


@requires(Permission.APPOINTMENT_BOOK)
def hours(request: StaffRequest) -> HttpResponse:
    """The reader's own hours and time off; a colleague's with the permission for schedules."""
    person = _person(request)
    today = timezone.localdate(timezone=request.user.clinic.zone)
    form = HoursForm(request.POST, today=today) if request.method == "POST" else None
    if form is not None and form.is_valid():
        with refusal_on(form):
            starts_on = form.cleaned_data["starts_on"]
            schedules.set_hours(staff_member=person, stretches=form.stretches(), starts_on=starts_on, by=request.user)
            messages.success(request, "Hours saved. Appointments already booked don’t change.")
            return redirect(_address(request, person))
    return _hours_page(request, person, hours_form=form)


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def take_time_off(request: StaffRequest) -> HttpResponse:
    """Keep time free of bookings."""
    person = _person(request)
    form = TimeOffForm(request.POST)
    if form.is_valid():
        with refusal_on(form, fields={schedules.EndBeforeStart: "ends_at"}):
            _, booked = schedules.take_time_off(staff_member=person, by=request.user, **form.cleaned_data)
            messages.success(request, "Time off saved. Nothing new can be booked then.")
            _tell_of(request, booked)
            return redirect(_address(request, person))
    return _hours_page(request, person, off_form=form)


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def remove_time_off(request: StaffRequest, off_id: int) -> HttpResponse:
    """Take time off back."""
    off = get_object_or_404(TimeOff.objects.visible_to(request.user).select_related("staff_member"), pk=off_id)
    if not schedules.may_set(request.user, off.staff_member):
        raise Http404
    with refusal_as_message(request):
        schedules.remove_time_off(off=off, by=request.user)
        messages.success(request, "Time off removed.")
    return redirect(_address(request, off.staff_member))


@requires(Permission.SCHEDULE_MANAGE)
def holidays(request: StaffRequest) -> HttpResponse:
    """Days on which the clinic is closed, and its rooms."""
    if request.method == "POST" and "name" in request.POST and "day" in request.POST:
        form = HolidayForm(request.POST, instance=Holiday(clinic=request.user.clinic))
        if form.is_valid():
            with refusal_on(form, "day"):
                facts = form.cleaned_data
                _, booked = schedules.add_holiday(day=facts["day"], name=facts["name"], by=request.user)
                messages.success(request, "Holiday added.")
                _tell_of(request, booked)
                return redirect("appointments:holidays")
        return _clinic_page(request, holiday_form=form)
    if request.method == "POST":
        room_form = RoomForm(request.POST, instance=Room(clinic=request.user.clinic))
        if room_form.is_valid():
            with refusal_on(room_form, "name"):
                schedules.save_room(room=None, by=request.user, **room_form.cleaned_data)
                messages.success(request, "Room added.")
                return redirect("appointments:holidays")
        return _clinic_page(request, room_form=room_form)
    return _clinic_page(request)


@requires(Permission.SCHEDULE_MANAGE)
@require_POST
def remove_holiday(request: StaffRequest, holiday_id: int) -> HttpResponse:
    """The clinic is open after all."""
    holiday = get_object_or_404(Holiday.objects.visible_to(request.user).select_related("clinic"), pk=holiday_id)
    with refusal_as_message(request):
        schedules.remove_holiday(holiday=holiday, by=request.user)
        messages.success(request, f"{holiday.name} removed.")
    return redirect("appointments:holidays")


@requires(Permission.SCHEDULE_MANAGE)
def room(request: StaffRequest, room_id: int) -> HttpResponse:
    """Rename a room, or take it out of use."""
    found = get_object_or_404(Room.objects.visible_to(request.user), pk=room_id)
    form = RoomForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, "name"):
            schedules.save_room(room=found, by=request.user, **form.cleaned_data)
            messages.success(request, "Room saved.")
            return redirect("appointments:holidays")
    return render(request, "appointments/room.html", {"form": form, "room": found})


def _hours_page(
    request: StaffRequest, person: StaffMember, *, hours_form: HoursForm | None = None, off_form: Any = None
) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now, request.user.clinic.zone)
    own = list(WorkingHours.objects.visible_to(request.user).filter(staff_member=person))
    form = hours_form or HoursForm(today=today, initial=HoursForm.initial_of(own, today))
    ahead = TimeOff.objects.visible_to(request.user).filter(staff_member=person, ends_at__gte=now)
    may_manage = can(request.user, Permission.SCHEDULE_MANAGE)
    context = {
        "person": person,
        "is_own": person.pk == request.user.pk,
        "form": form,
        "has_own_hours": any(each.is_in_force(today) for each in own),
        "later": sorted({each.first_day for each in own if each.first_day > today}),
        "time_off": list(ahead[:DAYS_SHOWN]),
        "off_form": off_form or TimeOffForm(),
        "colleagues": StaffMember.objects.visible_to(request.user).clinicians().order_by("given_name", "family_name")
        if may_manage
        else [],
        "may_manage": may_manage,
    }
    failed = (hours_form is not None and hours_form.errors) or (off_form is not None and off_form.errors)
    return render(request, "appointments/hours.html", context, status=422 if failed else 200)


def _clinic_page(request: StaffRequest, **forms_with_errors: Any) -> HttpResponse:
    today = timezone.localdate(timezone=request.user.clinic.zone)
    context = {
        "holidays": Holiday.objects.visible_to(request.user).filter(day__gte=today)[:DAYS_SHOWN],
        "rooms": Room.objects.visible_to(request.user),
        "holiday_form": HolidayForm(),
        "room_form": RoomForm(),
    }
    return render(
        request, "appointments/holidays.html", context | forms_with_errors, status=422 if forms_with_errors else 200
    )


def _person(request: StaffRequest) -> StaffMember:
    sought = request.POST.get("staff") or request.GET.get("staff", "")
    if not sought or outside.number(sought) == request.user.pk:
        return request.user
    person = outside.row(StaffMember.objects.visible_to(request.user).clinicians(), sought)
    if person is None or not schedules.may_set(request.user, person):
        raise Http404
    return person


def _address(request: StaffRequest, person: StaffMember) -> str:
    own = reverse("appointments:hours")
    return own if person.pk == request.user.pk else f"{own}?staff={person.pk}"


def _tell_of(request: StaffRequest, booked: list[Appointment]) -> None:
    """What is booked in time that is no longer free; nobody is canceled by the way."""
    if booked:
        count = len(booked)
        messages.warning(
            request,
            f"{count} appointment{' is' if count == 1 else 's are'} already booked then, beginning with "
            f"{booked[0].local_start:%b %-d, %-I:%M %p}. Move or cancel {'it' if count == 1 else 'them'}: Today asks "
            "until then.",
        )

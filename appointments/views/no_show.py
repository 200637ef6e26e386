"""After a missed appointment: its steps, and the form that records one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from appointments import addresses, no_shows
from appointments.codes import NoShowStep
from appointments.follow_up_forms import NoShowStepForm
from appointments.models import Appointment
from cases.models import Client
from cases.people import numbers_to_call
from cases.people.chart_page import client_or_404
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on


@requires(Permission.APPOINTMENT_VIEW)
def no_show(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """The steps after a no-show of a client, or of a caller; a post records one."""
    client = client_or_404(request, client_id) if client_id is not None else None
    appointment = _appointment(request, appointment_id, client, inquiry_id)
    if client is None and appointment.client_id is not None:
        return redirect(addresses.of(appointment, "no_show"))  # found since: it is on the chart
    today = timezone.localdate(timezone=request.user.clinic.zone)
    protocol = no_shows.protocol(appointment, today)
    may_record = can(request.user, Permission.APPOINTMENT_BOOK)
    to_do = protocol.next_step if protocol else None
    if request.method == "POST" and not may_record:
        raise Http404
    form = NoShowStepForm(
        request.POST if request.method == "POST" else None,
        of_caller=client is None,
        initial={"step": to_do.step if to_do else NoShowStep.CALL},
    )
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={no_shows.OutcomeNeeded: "outcome", no_shows.BeforeTheAppointment: "at"}):
            no_shows.record(appointment=appointment, by=request.user, **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect(addresses.of(appointment, "no_show"))
    context = {
        "client": client,
        "inquiry": None if client else appointment.inquiry,
        "appointment": appointment,
        "appointment_url": addresses.of(appointment),
        "protocol": protocol,
        "to_do": to_do,
        "today": today,
        "form": form,
        "number": numbers_to_call.of(client.pk, staff_member=request.user) if client and protocol else None,
        "book_url": addresses.to_book_again(appointment, next=request.path) if may_record else "",
        "may_record": may_record and protocol is not None and (form.is_bound or not protocol.ended),
        "layout": "layout/chart.html" if client else "layout/page.html",
    }
    return render(
        request, "appointments/follow_up/no_show.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _appointment(
    request: StaffRequest, appointment_id: int, client: Client | None, inquiry_id: int | None
) -> Appointment:
    rows = Appointment.objects.visible_to(request.user).select_related("staff_member", "inquiry")
    own = rows.of_client(client) if client else rows.filter(inquiry=inquiry_id)
    appointment = get_object_or_404(own, pk=appointment_id)
    appointment.clinic = request.user.clinic
    return appointment

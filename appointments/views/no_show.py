"""After a missed appointment: its steps, and the form that records one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from appointments import no_shows
from appointments.codes import NoShowStep
from appointments.follow_up_forms import NoShowStepForm
from appointments.models import Appointment
from cases.models.people.client import Client
from cases.people.chart_page import client_or_404
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on


@requires(Permission.APPOINTMENT_VIEW)
def no_show(request: StaffRequest, client_id: int, appointment_id: int) -> HttpResponse:
    """The steps after a no-show; a post records one."""
    client = client_or_404(request, client_id)
    appointment = _appointment(request, client, appointment_id)
    today = timezone.localdate(timezone=client.clinic.zone)
    protocol = no_shows.protocol(appointment, today)
    may_record = can(request.user, Permission.APPOINTMENT_BOOK)
    to_do = protocol.next_step if protocol else None
    if request.method == "POST" and not may_record:
        raise Http404
    form = NoShowStepForm(
        request.POST if request.method == "POST" else None, initial={"step": to_do.step if to_do else NoShowStep.CALL}
    )
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={no_shows.OutcomeNeeded: "outcome", no_shows.BeforeTheAppointment: "at"}):
            no_shows.record(appointment=appointment, by=request.user, **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect("appointments:no_show", client_id=client.pk, appointment_id=appointment.pk)
    context = {
        "client": client,
        "appointment": appointment,
        "protocol": protocol,
        "to_do": to_do,
        "today": today,
        "form": form,
        "may_record": may_record and protocol is not None and (form.is_bound or not protocol.ended),
    }
    return render(
        request, "appointments/follow_up/no_show.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _appointment(request: StaffRequest, client: Client, appointment_id: int) -> Appointment:
    rows = Appointment.objects.visible_to(request.user).of_client(client).select_related("staff_member", "inquiry")
    appointment = get_object_or_404(rows, pk=appointment_id)
    appointment.clinic = client.clinic
    return appointment

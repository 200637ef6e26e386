"""A caller who turns out to be a client, and back: their appointments follow (settings.INQUIRY_LINKED, -UNLINKED).

An appointment that was booked in a call is the caller's until the call is linked. From then on it is the client's, with
reminders, follow-up and all else that hangs on a client. If the link was a mistake, it is the caller's again.
"""

from __future__ import annotations

from django.utils import timezone

from appointments import reminding
from appointments.codes import AHEAD, Step
from appointments.models import Appointment, AppointmentStep
from cases.models import Client, Inquiry
from staff.models import StaffMember


def found(*, inquiry: Inquiry, client: Client, by: StaffMember) -> None:
    """The call is about this client: so are its appointments. Called in the act that links it."""
    for appointment in _of(inquiry, None):
        appointment.client = client
        appointment.save(update_fields=["client"])
        if _is_ahead(appointment):
            booked = AppointmentStep.objects.filter(appointment=appointment, step__in=(Step.BOOKED, Step.REOPENED))
            reminding.schedule(appointment, booked=booked.latest("pk"), by=by)


def lost(*, inquiry: Inquiry, client: Client, by: StaffMember) -> None:
    """The call is about someone else: its appointments are the caller's again, without this client."""
    for appointment in _of(inquiry, client):
        appointment.client = None
        appointment.save(update_fields=["client"])
        reminding.cancel(appointment, "the appointment is another person’s", by=by)


def _of(inquiry: Inquiry, client: Client | None) -> list[Appointment]:
    own = Appointment.objects.with_step().filter(inquiry=inquiry, client=client)
    return list(own.select_related("clinic", "client", "staff_member").order_by("pk"))


def _is_ahead(appointment: Appointment) -> bool:
    step: str = appointment.step  # type: ignore[attr-defined]  # annotated
    return step in AHEAD and appointment.starts_at > timezone.now()

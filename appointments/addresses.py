"""Where an appointment's pages are: below the client's chart, or below the call it was booked in."""

from __future__ import annotations

from django.urls import reverse

from appointments.models import Appointment


def of(appointment: Appointment, page: str = "appointment") -> str:
    """The address of one of its pages. Needs its inquiry, if it was booked for a caller."""
    client_id = appointment.client_id or (appointment.inquiry.client_id if appointment.inquiry else None)
    if client_id:
        return reverse(f"appointments:{page}", kwargs={"client_id": client_id, "appointment_id": appointment.pk})
    return reverse(
        f"appointments:inquiry_{page}", kwargs={"inquiry_id": appointment.inquiry_id, "appointment_id": appointment.pk}
    )

from __future__ import annotations

from django.db import models

from appointments.models import Appointment
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.history import tracked

from .note import SessionNote


class NoteOfAppointmentQuerySet(ClientRecordQuerySet["NoteOfAppointment"]):
    view_permission = Permission.NOTE_VIEW
    client_path = "note__client"


@tracked
class NoteOfAppointment(models.Model):
    """Which appointment a note is about. A note is of one at most; two people who were there may each write one."""

    note = models.OneToOneField(SessionNote, on_delete=models.PROTECT, related_name="of_appointment")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="notes_about")

    objects = NoteOfAppointmentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Note {self.note_id} of appointment {self.appointment_id}"

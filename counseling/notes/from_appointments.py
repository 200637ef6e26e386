"""A note that begins from its appointment: times, place and who was there are known already."""

from __future__ import annotations

import datetime
from typing import Unpack

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from appointments import booking
from appointments.codes import Mode, Purpose, Step
from appointments.models import Appointment
from cases.models import TreatmentEpisode
from counseling.codes import Modality, Place
from counseling.models import NoteOfAppointment, SessionNote
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import drafts, formats
from .drafts import Header, NoteFields

_MODALITY: dict[str, Modality] = {
    Purpose.ASSESSMENT: Modality.INTAKE,
    Purpose.FAMILY: Modality.FAMILY,
    Purpose.AFTER_DISCHARGE: Modality.CASE_MANAGEMENT,
    Purpose.CHECKUP: Modality.CASE_MANAGEMENT,
}
_PLACE: dict[str, Place] = {Mode.PHONE: Place.PHONE, Mode.VIDEO: Place.VIDEO}
# Nobody writes a session note about these: a specimen has its result, a call after discharge its own form.
WITHOUT_NOTE = (Purpose.SPECIMEN, Purpose.AFTER_DISCHARGE, Purpose.CALL)
LOOKS_BACK = datetime.timedelta(days=60)
SAME_SESSION = datetime.timedelta(hours=12)


class AppointmentOfSomebodyElse(Refusal):
    """A note about one client from the appointment of another."""

    sentence = "That appointment is another client’s. Start the note from their own."


def start(
    *,
    appointment: Appointment,
    episode: TreatmentEpisode,
    by: StaffMember,
    format: str = "soap",
    kept: bool = False,
    **fields: Unpack[NoteFields],
) -> SessionNote:
    """Start a note from its appointment, with what is known of the session; `fields` replace what they name.

    With `kept` the appointment is marked as kept, too, which takes the permission of `booking.keep`. Raises as
    `notes.start` does, and AppointmentOfSomebodyElse; with `kept` as `booking.keep` does.
    """
    demand(by, Permission.APPOINTMENT_VIEW, appointment)
    if appointment.person != episode.client:
        raise AppointmentOfSomebodyElse
    with act("counseling.start_note_of_appointment", by=by, client=episode.client, whole=True) as entry:
        header: NoteFields = {**header_of(appointment), **fields}
        chosen = formats.named(episode.client.clinic, format)
        if chosen is not None and not chosen.is_for(header["modality"]) and "modality" not in fields:
            header["modality"] = chosen.usual_kind  # of a format for other kinds of session the writer knows better
        note = drafts.start(client=episode.client, episode=episode, by=by, format=format, **header)
        NoteOfAppointment.objects.create(note=note, appointment=appointment)
        if kept:
            booking.keep(appointment=appointment, by=by)
        entry.about(note, appointment=appointment.pk)
    return note


def header_of(appointment: Appointment) -> Header:
    """What is known of the session before a word is written."""
    purpose = appointment.purpose
    return {
        "session_started_at": appointment.starts_at,
        "session_ended_at": appointment.ends_at,
        "modality": _MODALITY.get(purpose, Modality.INDIVIDUAL),
        "place": _PLACE.get(appointment.mode, Place.CLINIC),
        "attendees": "Client and family" if purpose == Purpose.FAMILY else "Client",
    }


def without_note(by: StaffMember, since: datetime.datetime, until: datetime.datetime) -> QuerySet[Appointment]:
    """Kept appointments of a person, in a stretch of time, about which they have not begun a note.

    A note of the same hours that was begun by itself counts, too.
    """
    linked = NoteOfAppointment.objects.filter(appointment=OuterRef("pk"), note__author=by, note__discarded_at=None)
    by_itself = SessionNote.objects.filter(
        client=OuterRef("client"),
        author=by,
        discarded_at=None,
        session_started_at__gt=OuterRef("starts_at") - SAME_SESSION,
        session_started_at__lt=OuterRef("starts_at") + SAME_SESSION,
    )
    return (
        Appointment.objects.visible_to(by)
        .filter(staff_member=by, client__isnull=False, starts_at__gt=since, starts_at__lte=until)
        .exclude(purpose__in=WITHOUT_NOTE)
        .marked(Step.KEPT)
        .exclude(Q(Exists(linked)) | Q(Exists(by_itself)))
        .select_related("client", "clinic")
        .order_by(F("starts_at"), "pk")
    )

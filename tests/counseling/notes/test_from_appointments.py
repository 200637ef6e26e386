"""A note begins from its appointment, and a kept appointment without a note does not go unnoticed."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking
from appointments.codes import Mode, Purpose
from appointments.models import Appointment
from cases.models import Client, TreatmentEpisode
from counseling import notes
from counseling.models import NoteOfAppointment, SessionNote
from counseling.notes import from_appointments
from counseling.panels import today
from staff.access import ROLES, Permission
from staff.models import StaffMember
from staff.refusals import NotPermitted
from tests import factories

NOON = datetime.datetime(2026, 3, 4, 17, tzinfo=datetime.UTC)  # Wednesday, noon in New York
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def episode(client_record: Client, program: Any) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(client=client_record, program=program)


@pytest.fixture
def kept(client_record: Client, counselor: StaffMember, episode: TreatmentEpisode) -> Any:
    """Kept by the counselor; yesterday at 11 AM unless the story says otherwise."""

    def make(**facts: Any) -> Appointment:
        facts = {"client": client_record, "staff_member": counselor, "by": counselor, "minutes": 50} | facts
        appointment = booking.book(**{"starts_at": NOON - DAY - HOUR, **facts})
        return booking.keep(appointment=appointment, by=facts["by"])

    return make


def to_write(counselor: StaffMember) -> list[str]:
    found = today.needs(staff_member=counselor, now=NOON)
    return [need.title for need in found if need.title.startswith("Write the note")]


def test_times_place_and_attendees_are_filled_in(kept: Any, counselor: StaffMember, episode: TreatmentEpisode) -> None:
    appointment = kept(purpose=Purpose.FAMILY, mode=Mode.VIDEO)
    note = from_appointments.start(appointment=appointment, episode=episode, by=counselor)
    assert note.session_started_at == appointment.starts_at
    assert note.session_ended_at == appointment.starts_at + 50 * HOUR / 60
    assert (note.modality, note.place, note.attendees) == ("family", "video", "Client and family")
    assert NoteOfAppointment.objects.get(note=note).appointment == appointment


def test_from_the_appointment_through_the_page(
    kept: Any, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    appointment = kept()
    browser = signed_in(counselor)
    page = browser.get(reverse("appointments:appointment", args=[client_record.pk, appointment.pk]))
    url = f"{reverse('counseling:note_new', args=[client_record.pk])}?appointment={appointment.pk}"
    assert url in page.content.decode()
    form = browser.get(url)
    assert "About the appointment on" in form.content.decode()
    browser.post(
        reverse("counseling:note_new", args=[client_record.pk]), {"format": "dap", "appointment": appointment.pk}
    )
    note = SessionNote.objects.get()
    assert note.session_started_at == appointment.starts_at
    assert note.of_appointment.appointment == appointment


def test_a_kept_appointment_without_a_note_is_on_today_after_a_day(
    kept: Any, counselor: StaffMember, episode: TreatmentEpisode
) -> None:
    appointment = kept()
    assert to_write(counselor) == ["Write the note: individual session"]
    note = from_appointments.start(appointment=appointment, episode=episode, by=counselor)
    assert to_write(counselor) == []
    notes.discard(note=note, by=counselor)
    assert to_write(counselor) == ["Write the note: individual session"]


def test_a_note_begun_by_itself_counts(
    kept: Any, counselor: StaffMember, client_record: Client, episode: TreatmentEpisode
) -> None:
    appointment = kept()
    notes.start(client=client_record, episode=episode, by=counselor, session_started_at=appointment.starts_at + HOUR)
    assert to_write(counselor) == []


def test_what_needs_no_note_is_not_asked_for(kept: Any, counselor: StaffMember) -> None:
    kept(starts_at=NOON - HOUR)  # an hour ago: not yet
    kept(purpose=Purpose.SPECIMEN, starts_at=NOON - DAY - 2 * HOUR)
    assert to_write(counselor) == []


def test_nobody_writes_about_a_strangers_appointment(
    kept: Any, counselor: StaffMember, episode: TreatmentEpisode, make_staff: Any, signed_in: Any, client_record: Client
) -> None:
    other_client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    theirs = kept(client=other_client)
    with pytest.raises(from_appointments.AppointmentOfSomebodyElse):
        from_appointments.start(appointment=theirs, episode=episode, by=counselor)
    colleague = make_staff()
    with pytest.raises(NotPermitted):
        from_appointments.start(appointment=theirs, episode=episode, by=colleague)
    url = f"{reverse('counseling:note_new', args=[client_record.pk])}?appointment={theirs.pk}"
    assert "About the appointment" not in signed_in(counselor).get(url).content.decode()
    assert to_write(colleague) == []


@pytest.fixture
def over(client_record: Client, counselor: StaffMember, episode: TreatmentEpisode) -> Appointment:
    """Over since yesterday; nobody said what became of it."""
    return booking.book(client=client_record, staff_member=counselor, starts_at=NOON - DAY - HOUR, by=counselor)


def step_of(appointment: Appointment) -> str:
    return str(appointment.steps.order_by("-pk").values_list("step", flat=True)[0])


@pytest.mark.parametrize(("ticked", "step"), [(True, "kept"), (False, "booked")])
def test_beginning_a_note_says_that_they_met(
    ticked: bool, step: str, over: Appointment, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    page = browser.get(reverse("appointments:appointment", args=[client_record.pk, over.pk])).content.decode()
    url = f"{reverse('counseling:note_new', args=[client_record.pk])}?appointment={over.pk}"
    assert url in page
    assert 'name="kept" checked' in browser.get(url).content.decode()
    sent = {"format": "dap", "appointment": over.pk} | ({"kept": "on"} if ticked else {})
    browser.post(reverse("counseling:note_new", args=[client_record.pk]), sent)
    assert SessionNote.objects.count() == 1
    assert step_of(over) == step


def test_what_is_not_over_or_was_marked_is_not_offered(
    kept: Any, counselor: StaffMember, client_record: Client, signed_in: Any, episode: TreatmentEpisode
) -> None:
    going_on = booking.book(client=client_record, staff_member=counselor, starts_at=NOON - HOUR / 2, by=counselor)
    for appointment in (going_on, kept()):
        url = f"{reverse('counseling:note_new', args=[client_record.pk])}?appointment={appointment.pk}"
        assert 'name="kept"' not in signed_in(counselor).get(url).content.decode()


def test_only_who_may_say_who_came_says_it_with_a_note(
    over: Appointment, counselor: StaffMember, episode: TreatmentEpisode, monkeypatch: Any
) -> None:
    monkeypatch.setitem(ROLES, counselor.role, ROLES[counselor.role] - {Permission.APPOINTMENT_BOOK})
    with pytest.raises(NotPermitted):
        from_appointments.start(appointment=over, episode=episode, by=counselor, kept=True)
    assert not SessionNote.objects.exists()
    assert step_of(over) == "booked"

"""A client answers a message: C, R, X, and what they mean to the appointment."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import booking
from appointments.codes import Step
from appointments.models import Appointment, AppointmentAnswer
from reminders import opt_outs, outbox, staff_tasks
from reminders.kinds import Kind
from reminders.meaning import Answer
from reminders.models import DeliveryAttempt, OptOut, Reminder, StaffTask
from staff.models import Clinic, StaffMember
from tests.appointments.replying import TOLD, reply, told
from tests.ownership import as_owner
from tests.reminders.conftest import ADDRESS

__all__ = ["told"]

pytestmark = pytest.mark.usefixtures("today")


def last_step(appointment: Appointment) -> str:
    return appointment.steps.order_by("-pk")[0].step


@pytest.mark.parametrize(
    "words",
    ["C", "c.", "Confirm", "confirmed, thanks", "Confirmo", "Yes", "y", "Sí", "OK", "1", "Yes, I will be there!"],
)
def test_confirmed(told: Appointment, clinic: Clinic, words: str) -> None:
    reply(clinic, words)
    assert last_step(told) == Step.CONFIRMED
    assert told.steps.order_by("-pk")[0].by is None
    assert not StaffTask.objects.exists()
    reply(clinic, words)  # a second time changes nothing
    assert told.steps.count() == 2


def test_yes_to_something_else_confirms_nothing(told: Appointment, clinic: Clinic) -> None:
    with time_machine.travel(TOLD, tick=False):
        outbox.schedule(
            kind=Kind.CLIENT_MEETING_FOLLOWUP,
            client_or_staff=told.client,
            due_at=TOLD,
            dedupe_key="please-call",
            context={"number": "(555) 010-0100"},
        )
    later = TOLD + datetime.timedelta(hours=1)
    for each in Reminder.objects.filter(dedupe_key="please-call"):
        DeliveryAttempt.objects.create(
            reminder=each,
            number=1,
            channel="email",
            contact_value=ADDRESS,
            started_at=later,
            finished_at=later,
            outcome="sent",
        )
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="Yes", at=later + datetime.timedelta(minutes=1))
    assert last_step(told) == Step.BOOKED
    assert StaffTask.objects.open().get().kind == StaffTask.Kind.REPLY


@pytest.mark.parametrize("words", ["X", "x", "Can't come", "I can’t make it"])
def test_cannot_come_frees_the_time_and_leaves_a_task_with_openings(
    told: Appointment, clinic: Clinic, words: str
) -> None:
    reply(clinic, words)
    assert last_step(told) == Step.LATE_CANCEL
    task = StaffTask.objects.open().get()
    assert task.client == told.client
    assert task.sentence.startswith("The client can’t come on Mar 5, 2026, 10:00 AM and the appointment is canceled.")
    assert "Call and offer: Mar 5, 2026, 8:00 AM" in task.sentence


def test_another_time_is_a_task_and_the_appointment_stays(told: Appointment, clinic: Clinic) -> None:
    reply(clinic, "R")
    assert last_step(told) == Step.BOOKED
    assert "asks for another time than Mar 5, 2026, 10:00 AM" in StaffTask.objects.open().get().sentence


def test_cancel_is_an_opt_out_by_law_and_a_task(told: Appointment, clinic: Clinic) -> None:
    reply(clinic, "CANCEL")
    assert OptOut.objects.in_force().exists()
    assert last_step(told) == Step.BOOKED
    assert "may mean the visit" in StaffTask.objects.open().get().sentence


@pytest.mark.parametrize("words", ["C", "X", "R"])
def test_an_answer_to_an_appointment_that_was_moved_is_read_by_a_person(
    told: Appointment, clinic: Clinic, counselor: StaffMember, at: Any, words: str
) -> None:
    new = booking.move(appointment=told, starts_at=at(6, 11), by=counselor)
    reply(clinic, words)
    assert (last_step(told), last_step(new)) == (Step.MOVED, Step.BOOKED)
    assert "Reply to a reminder" in StaffTask.objects.open().get().sentence


def test_an_answer_from_another_address_or_another_clinic_changes_nothing(
    told: Appointment, clinic: Clinic, other_clinic: Clinic
) -> None:
    reply(clinic, "X", value="somebody.else@person.example")
    reply(other_clinic, "X")
    assert last_step(told) == Step.BOOKED
    assert StaffTask.objects.count() == 2


def test_words_of_danger_come_first(told: Appointment, clinic: Clinic) -> None:
    reply(clinic, "x. i want to die")
    assert last_step(told) == Step.BOOKED


def test_where_two_appointments_may_be_meant_a_person_reads_the_answer(
    told: Appointment, book: Any, clinic: Clinic, at: Any
) -> None:
    """Two visits ahead were written about, to one client or to two who share a number."""
    other = book(starts_at=at(6, 10))
    sent = Reminder.objects.filter(context__appointment_id=other.pk).earliest("pk")
    DeliveryAttempt.objects.create(
        reminder=sent, number=9, started_at=TOLD, channel="email", contact_value=ADDRESS, outcome="sent"
    )
    reply(clinic, "X")
    assert (last_step(told), last_step(other)) == (Step.BOOKED, Step.BOOKED)
    assert "Reply to a reminder" in StaffTask.objects.open().latest("pk").sentence


def test_the_appointments_page_shows_its_messages_and_answers(
    told: Appointment, clinic: Clinic, counselor: StaffMember, make_staff: Any, signed_in: Any, at: Any
) -> None:
    url = reverse("appointments:appointment", args=[told.client_id, told.pk])
    first, second = Reminder.objects.filter(context__appointment_id=told.pk).order_by("due_at")
    page = " ".join(signed_in(counselor).get(url).content.decode().split())
    assert "Sent Wed, Mar 4, 10:0" in page
    assert "Scheduled for Thu, Mar 5, 8:00 AM" in page
    for each in (first, second):
        assert reverse("reminders:life", args=[told.client_id, each.pk]) in page
    reply(clinic, "R")
    reply(clinic, "C")
    page = " ".join(signed_in(counselor).get(url).content.decode().split())
    assert f"R: asks for another time</span> <br>Task for {counselor}" in page
    assert "C: confirms" in page
    staff_tasks.done(task=StaffTask.objects.open().get(), by=counselor)
    assert f"Done by {counselor}" in " ".join(signed_in(counselor).get(url).content.decode().split())
    assert [each.answer for each in AppointmentAnswer.objects.order_by("pk")] == ["reschedule", "confirm"]
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AppointmentAnswer.objects.update(answer="confirm")
    medical = signed_in(make_staff("medical")).get(url).content.decode()  # sees no reminders
    assert "Sent Wed" not in medical
    assert "C: confirms" in medical


def test_every_answer_has_its_words() -> None:
    assert set(AppointmentAnswer.Meant.values) == {each.value for each in Answer} - {
        Answer.YES
    }  # kept as what it means


def test_another_appointments_messages_are_not_shown(
    told: Appointment, book: Any, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    other = book(starts_at=at(20, 10))
    page = signed_in(counselor).get(reverse("appointments:appointment", args=[other.client_id, other.pk]))
    said = " ".join(page.content.decode().split())
    assert "Scheduled for Thu, Mar 19, 10:00 AM" in said
    assert "Mar 4" not in said
    assert "Mar 5" not in said


def test_a_page_with_many_messages_asks_no_more(
    told: Appointment, clinic: Clinic, counselor: StaffMember, signed_in: Any
) -> None:
    url = reverse("appointments:appointment", args=[told.client_id, told.pk])
    browser, counts = signed_in(counselor), []
    for _ in range(2):
        reply(clinic, "R")
        reply(clinic, "R")
        browser.get(url)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12

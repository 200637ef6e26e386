"""After a no-show: a call, another way, a review, a letter, until the client is reached or comes, and no discharge."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from appointments import booking, no_shows
from appointments.codes import NoShowStep, Outcome
from appointments.models import Appointment, NoShowContact
from cases.models import Client, Inquiry, TreatmentEpisode
from reminders.models import Kind, Reminder
from staff.models import AuditEntry, Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.appointments.stories import signed_note
from tests.reminders.passes import cause_gone

MARCH = [datetime.date(2026, 3, each) for each in range(1, 32)]


@pytest.fixture
def clock() -> Any:
    """Monday, March 2, 2026, 5 PM in the clinic, and later days by `move_to`."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 22, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def stay(client_record: Client) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(client=client_record)


@pytest.fixture
def missed(
    clock: Any, stay: TreatmentEpisode, book: Callable[..., Appointment], at: Any, counselor: Any
) -> Appointment:
    """Monday's appointment at 10 AM, to which the client did not come."""
    appointment = book(starts_at=at(2, 10))
    return booking.no_show(appointment=appointment, by=counselor)


def to_do(appointment: Appointment, on: datetime.date) -> str:
    protocol = no_shows.protocol(appointment, on)
    step = protocol.to_do(on) if protocol else None
    return str(step.step) if step else ""


def test_each_step_has_its_day(missed: Appointment) -> None:
    assert [(str(each.step), each.due_on, each.contact) for each in no_shows.steps(missed, MARCH[1])] == [
        ("call", MARCH[1], None),
        ("second", MARCH[3], None),
        ("review", MARCH[8], None),
        ("letter", MARCH[15], None),
    ]


def test_the_days_are_the_clinics_own_numbers(missed: Appointment, clinic: Clinic) -> None:
    ClinicThreshold.objects.create(clinic=clinic, key="appointments.no_show_letter_days", value=21)
    assert no_shows.steps(missed, MARCH[1])[-1].due_on == MARCH[22]


def test_an_appointment_that_was_not_missed_has_no_steps(
    book: Any, clock: Any, counselor: StaffMember, at: Any
) -> None:
    assert no_shows.steps(book(), MARCH[1]) == []
    with pytest.raises(no_shows.NotMissed):
        no_shows.record(appointment=book(starts_at=at(2, 9)), step="call", outcome="message", by=counselor)


def test_one_step_after_another(missed: Appointment, clock: Any, counselor: StaffMember, at: Any) -> None:
    assert to_do(missed, MARCH[1]) == "call"
    assert to_do(missed, MARCH[10]) == "call"  # nothing was done yet: begin with the call
    contact = no_shows.record(appointment=missed, step="call", outcome="not_reached", by=counselor)
    assert to_do(missed, MARCH[2]) == ""
    assert to_do(missed, MARCH[3]) == "second"
    clock.move_to(at(9, 9))
    no_shows.record(appointment=missed, step="second", outcome="message", by=counselor, note="Text, with consent")
    no_shows.record(appointment=missed, step="review", by=counselor, note="Bus line changed. Offer video.")
    assert to_do(missed, MARCH[14]) == ""
    clock.move_to(at(16, 9))
    letter = no_shows.record(appointment=missed, step="letter", by=counselor)
    assert letter.outcome == Outcome.MESSAGE_LEFT
    assert to_do(missed, MARCH[30]) == ""
    steps = no_shows.steps(missed, MARCH[30])
    assert [each.contact is not None for each in steps] == [True] * 4
    assert steps[0].contact == contact
    assert AuditEntry.objects.filter(act="appointments.record_no_show_step").count() == 4


def test_a_step_that_was_left_out_is_not_asked_for_again(missed: Appointment, clock: Any, counselor: Any) -> None:
    no_shows.record(appointment=missed, step="second", outcome="not_reached", by=counselor)
    assert to_do(missed, MARCH[4]) == ""
    assert to_do(missed, MARCH[8]) == "review"


def reached(missed: Appointment, by: StaffMember, at: Any, **_: Any) -> None:
    no_shows.record(appointment=missed, step="call", outcome="reached", by=by)


def came_late(missed: Appointment, by: StaffMember, at: Any, **_: Any) -> None:
    later = booking.book(client=missed.client, staff_member=by, starts_at=at(2, 15), by=by)
    booking.arrive(appointment=later, by=by)


def wrote_a_note(missed: Appointment, by: StaffMember, at: Any, **_: Any) -> None:
    assert missed.client is not None
    signed_note(missed.client, by, at(2, 14))


def booked_again(missed: Appointment, by: StaffMember, at: Any, **_: Any) -> None:
    booking.book(client=missed.client, staff_member=by, starts_at=at(12, 10), by=by)


def booked_as_a_caller(missed: Appointment, by: StaffMember, at: Any, *, intake: StaffMember, **_: Any) -> None:
    call = Inquiry.objects.create(clinic=by.clinic, client=missed.client, taken_at=at(2, 12), taken_by=intake)
    booking.book(inquiry=call, staff_member=by, starts_at=at(12, 10), by=intake)


def discharged(missed: Appointment, by: StaffMember, at: Any, *, stay: TreatmentEpisode, **_: Any) -> None:
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on=MARCH[1], discharge_reason="completed")


def died(missed: Appointment, by: StaffMember, at: Any, *, stay: TreatmentEpisode, **_: Any) -> None:
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on=MARCH[1], discharge_reason="died")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (reached, "reached on Mar 2"),
        (came_late, "came on Mar 2"),
        (wrote_a_note, "came on Mar 2"),
        (booked_again, "booked for Mar 12"),
        (booked_as_a_caller, "booked for Mar 12"),
        (discharged, "clinician discharged them on Mar 2"),
        (died, "death is on record"),
    ],
)
def test_it_ends_by_itself(
    missed: Appointment, counselor: StaffMember, intake: StaffMember, stay: TreatmentEpisode, at: Any, what: Any,
    words: str,
) -> None:  # fmt: skip
    what(missed, counselor, at, stay=stay, intake=intake)
    protocol = no_shows.protocol(missed, MARCH[4])
    assert protocol is not None
    assert words in protocol.ended
    assert all(each.contact for each in protocol.steps)
    assert protocol.to_do(MARCH[30]) is None


def test_an_appointment_that_passed_again_without_a_word_does_not_end_it(
    missed: Appointment, counselor: StaffMember, at: Any
) -> None:
    booked_again(missed, counselor, at)
    assert no_shows.steps(missed, MARCH[11]) == []
    assert to_do(missed, MARCH[12]) == "call"


def test_a_standing_hour_booked_before_ends_nothing_until_they_come(
    clock: Any, stay: TreatmentEpisode, counselor: StaffMember, signed_in: Any, at: Any
) -> None:
    """A weekly series: they missed Monday's and are called, whatever is booked for next week."""
    booked = booking.book_series(
        client=stay.client, staff_member=counselor, first_day=MARCH[1], last_day=MARCH[22], time=datetime.time(10),
        by=counselor,
    )  # fmt: skip
    first, second, *_ = booked.appointments
    clock.shift(60)
    booking.no_show(appointment=first, by=counselor)
    assert to_do(first, MARCH[1]) == "call"
    assert "Call about a missed appointment" in signed_in(counselor).get(reverse("desk:today")).content.decode()
    missed_message = Reminder.objects.get(kind=Kind.CLIENT_MISSED_APPOINTMENT)
    assert cause_gone(missed_message) == ""
    booking.confirm(appointment=second, by=counselor)
    assert to_do(first, MARCH[3]) == "call"
    clock.move_to(at(9, 10))
    booking.arrive(appointment=second, by=counselor)
    protocol = no_shows.protocol(first, MARCH[9])
    assert protocol is not None
    assert protocol.ended == "They came on Mar 9, 2026."
    assert cause_gone(missed_message) == "They came on Mar 9, 2026."


def test_one_moved_since_is_one_booked_since(missed: Appointment, clock: Any, counselor: StaffMember, at: Any) -> None:
    booking.reopen(appointment=missed, reason="Wrong row", by=counselor)
    other = booking.book(client=missed.client, staff_member=counselor, starts_at=at(12, 10), by=counselor)
    clock.shift(60)
    booking.no_show(appointment=missed, by=counselor)
    assert to_do(missed, MARCH[1]) == "call"
    clock.shift(60)
    booking.move(appointment=other, starts_at=at(13, 10), by=counselor)
    assert to_do(missed, MARCH[1]) == ""


def test_a_discharge_before_it_does_not_end_it(missed: Appointment, stay: TreatmentEpisode) -> None:
    """Someone who missed a visit of the follow-up after care."""
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on="2026-02-20", discharge_reason="completed")
    assert to_do(missed, MARCH[1]) == "call"


def test_no_step_changes_an_episode(
    missed: Appointment, stay: TreatmentEpisode, clock: Any, counselor: Any, at: Any
) -> None:
    clock.move_to(at(30, 9))
    for step in NoShowStep.values:
        no_shows.record(appointment=missed, step=step, outcome="not_reached", by=counselor)
    stay.refresh_from_db()
    assert stay.is_open


def test_what_is_refused(missed: Appointment, counselor: StaffMember, make_staff: Any, stay: Any, at: Any) -> None:
    with pytest.raises(no_shows.OutcomeNeeded):
        no_shows.record(appointment=missed, step="call", by=counselor)
    with pytest.raises(Refusal, match="from the list"):
        no_shows.record(appointment=missed, step="discharge", by=counselor)
    with pytest.raises(no_shows.BeforeTheAppointment):
        no_shows.record(appointment=missed, step="call", outcome="reached", by=counselor, at=at(1, 9))
    with pytest.raises(Refusal, match="future"):
        no_shows.record(appointment=missed, step="call", outcome="reached", by=counselor, at=at(3, 9))
    with pytest.raises(NotPermitted):
        no_shows.record(appointment=missed, step="call", outcome="reached", by=make_staff())
    died(missed, counselor, at, stay=stay)
    with pytest.raises(no_shows.Died):
        no_shows.record(appointment=missed, step="call", outcome="reached", by=counselor)
    assert not NoShowContact.objects.exists()


def lines(browser: Any) -> str:
    return " ".join(browser.get("/").content.decode().split())


def test_today_asks_for_the_step_that_is_due_once_a_client(
    missed: Appointment, book: Any, clock: Any, counselor: StaffMember, make_staff: Any, signed_in: Any, at: Any
) -> None:
    earlier = book(starts_at=at(2, 9))
    booking.no_show(appointment=earlier, by=counselor)
    page = lines(signed_in(counselor))
    assert page.count("Call about a missed appointment") == 2  # the line, and the words of its button
    assert reverse("appointments:no_show", args=[missed.client_id, missed.pk]) in page
    assert "a missed appointment" not in lines(signed_in(make_staff()))
    no_shows.record(appointment=missed, step="call", outcome="message", by=counselor)
    assert "a missed appointment" not in lines(signed_in(counselor))
    clock.move_to(at(4, 9))
    assert "Try another way after a missed appointment" in lines(signed_in(counselor))


def test_a_step_is_recorded_on_the_page(missed: Appointment, counselor: StaffMember, signed_in: Any) -> None:
    url = reverse("appointments:no_show", args=[missed.client_id, missed.pk])
    browser = signed_in(counselor)
    assert "None of them ends treatment" in " ".join(browser.get(url).content.decode().split())
    refused = browser.post(url, {"step": "call"})
    assert refused.status_code == 422
    assert "Choose whether the client was reached." in refused.content.decode()
    saved = browser.post(url, {"step": "call", "outcome": "reached", "note": "Car broke down"}, follow=True)
    page = " ".join(saved.content.decode().split())
    assert "They were reached on Mar 2, 2026." in page
    assert "Car broke down" in page


def test_strangers_see_nothing_of_it(
    missed: Appointment, counselor: StaffMember, make_staff: Any, make_client: Any, other_clinic: Clinic, signed_in: Any
) -> None:
    no_shows.record(appointment=missed, step="call", outcome="message", by=counselor, note="Left with his sister")
    url = reverse("appointments:no_show", args=[missed.client_id, missed.pk])
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        assert signed_in(stranger).get(url).status_code == 404
        assert signed_in(stranger).post(url, {"step": "review"}).status_code == 404
    assert signed_in(make_staff("administrator")).get(url).status_code == 403
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    assert signed_in(counselor).get(reverse("appointments:no_show", args=[other.pk, missed.pk])).status_code == 404
    assert NoShowContact.objects.count() == 1

"""After a missed appointment: a call the same day, another way, a review, a letter. No step ends treatment.

What is still to be done is derived: it ends by itself once the client was reached, came, or has an appointment ahead
that was booked since, and after a discharge, which is only ever a clinician's, or a death. A caller's ends with the
inquiry, too, which only a person closes.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from appointments import no_show_steps
from appointments.codes import CALLER_STEPS, NoShowStep, Outcome, Step
from appointments.models import Appointment, NoShowContact
from appointments.no_show_steps import Protocol, StepDue
from reminders import standing
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import check_past

__all__ = ["Protocol", "StepDue", "protocol", "record", "steps"]


class NotMissed(Refusal):
    """An appointment that was not missed."""

    sentence = "This appointment isn’t marked as a no-show. Reload the page."


class NoAddress(Refusal):
    """A letter to a caller, of whom a number is known and no address."""

    sentence = "There is no mailing address for a caller. Choose another step."


class OutcomeNeeded(Refusal):
    """A try without its outcome."""

    sentence = "Choose whether the client was reached."


class BeforeTheAppointment(Refusal):
    """A contact before the appointment began."""

    sentence = "This time is before the appointment. Check the date."


class Died(Refusal):
    """A contact after a death."""

    sentence = "The client’s death is on record. There is no one to call."


def steps(appointment: Appointment, on: datetime.date) -> list[StepDue]:
    """The steps after a missed appointment, each with its day and the contact that took it, as they stand on a day.

    Once the client was reached or came, or nothing more is to be done, only those that were taken are left. None for an
    appointment that was not missed.
    """
    found = protocol(appointment, on)
    return [] if found is None else list(found.steps)


def protocol(appointment: Appointment, on: datetime.date) -> Protocol | None:
    """The same, with the reason why it ended."""
    stepped = Appointment.objects.with_step().filter(pk=appointment.pk)
    found = no_show_steps.protocols(list(stepped), clinic=appointment.clinic, on=on)
    return found[0] if found else None


def record(
    *,
    appointment: Appointment,
    step: str,
    outcome: str = "",
    by: StaffMember,
    note: str = "",
    at: datetime.datetime | None = None,
) -> NoShowContact:
    """Record a step taken after a missed appointment: a try with its outcome, the review, or the letter that was sent.

    Raises NotPermitted, NotMissed, NoAddress, OutcomeNeeded, BeforeTheAppointment, Died, LongPast, StillAhead.
    """
    demand(by, Permission.APPOINTMENT_BOOK, appointment)
    now = timezone.now()
    at = at or now
    if step not in NoShowStep.values:
        raise Refusal("Choose a step from the list.")
    if step == NoShowStep.REVIEW:
        outcome = ""
    elif step == NoShowStep.LETTER:
        outcome = outcome or Outcome.MESSAGE_LEFT
    if step != NoShowStep.REVIEW and outcome not in Outcome.values:
        raise OutcomeNeeded
    check_past(at, now=now)
    if at < appointment.starts_at:
        raise BeforeTheAppointment
    client = appointment.client
    if client is None and step not in CALLER_STEPS:
        raise NoAddress
    if client is not None and standing.died(client):
        raise Died
    with act("appointments.record_no_show_step", by=by, client=client, clinic=appointment.clinic) as entry:
        locked = Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=appointment.pk)
        last = locked.steps.order_by("-pk").values_list("step", flat=True).first()
        if last != Step.NO_SHOW:
            raise NotMissed
        contact = NoShowContact.objects.create(
            client=client,
            appointment=locked,
            step=step,
            outcome=outcome,
            at=at,
            by=by,
            note=" ".join(note.split())[:300],
        )
        entry.about(contact, step=step, outcome=outcome)
    return contact

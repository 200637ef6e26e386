"""What is still to be done after missed appointments: read for many at once, in few queries.

A caller who is not a client yet has the same steps but for the letter: a call has a number and no mailing address.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from appointments import visits
from appointments.codes import AHEAD, CALLER_STEPS, NoShowStep, Outcome, Step
from appointments.models import Appointment, AppointmentStep, NoShowContact
from appointments.models.appointment import AppointmentQuerySet
from appointments.thresholds import NO_SHOW_LETTER_DAYS, NO_SHOW_REVIEW_DAYS, NO_SHOW_SECOND_DAYS
from cases.models import Inquiry, TreatmentEpisode
from reminders.standing import CareStatus
from staff.days import day_in_words
from staff.models import Clinic
from staff.prepared import IsOneOf
from staff.reading import Reading, known, query, reads, rows, together
from staff.thresholds import values_for


@dataclass(frozen=True)
class StepDue:
    """One step after a missed appointment, with the contact that took it, if any."""

    step: NoShowStep
    due_on: datetime.date
    contact: NoShowContact | None = None
    of_caller: bool = False

    @property
    def label(self) -> str:
        """“Call the same day”."""
        return CALLER_STEPS[self.step] if self.of_caller else str(self.step.label)


@dataclass(frozen=True)
class Protocol:
    """The steps after one missed appointment, in order. Once it `ended`, only those that were taken are left."""

    appointment: Appointment
    steps: Sequence[StepDue]
    ended: str = ""

    def to_do(self, on: datetime.date) -> StepDue | None:
        """The step that is due by a day: the first one after those that were taken."""
        step = self.next_step
        return step if step is not None and step.due_on <= on else None

    @property
    def next_step(self) -> StepDue | None:
        """The first step after those that were taken, due or not."""
        last = max((place for place, each in enumerate(self.steps) if each.contact is not None), default=-1)
        return next(iter(self.steps[last + 1 :]), None)


LETTERS_WAIT = datetime.timedelta(days=30)  # so long a letter that was not sent is asked for


def looks_back_to(clinic: Clinic, now: datetime.datetime) -> datetime.datetime:
    """Missed appointments since then may still have a step to be taken."""
    return now - LETTERS_WAIT - datetime.timedelta(days=NO_SHOW_LETTER_DAYS.for_clinic(clinic))


@reads
def protocols(appointments: Sequence[Appointment], *, clinic: Clinic, on: datetime.date) -> Reading[list[Protocol]]:
    """The protocols of these missed appointments (`with_step`) of one clinic, as they stand on a day."""
    missed = [each for each in appointments if each.step == Step.NO_SHOW]  # type: ignore[attr-defined]
    if not missed:
        return []
    clients = sorted({each.client_id for each in missed if each.client_id is not None})
    since = min(each.starts_at for each in missed)
    callers = sorted({each.inquiry_id for each in missed if each.client_id is None and each.inquiry_id is not None})
    contacts, later, as_caller, stays, seen, (of_callers, inquiries) = yield from together(
        rows(query(_contacts, appointments=sorted(each.pk for each in missed))),
        rows(query(_later, clients=clients, since=since)) if clients else known([]),
        rows(query(_later_as_caller, clients=clients, since=since)) if clients else known([]),
        rows(query(_stays, clients=clients)) if clients else known([]),
        visits.since.part(clients=clients, since=since),
        together(
            rows(query(_later_of_callers, inquiries=callers, since=since)), rows(query(_inquiries, inquiries=callers))
        )
        if callers
        else known(([], [])),
    )
    told = _Known(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list), seen, {})
    for contact in contacts:
        told.contacts[contact.appointment_id].append(contact)
    for client_id, *other in (*later, *as_caller):
        told.later[client_id].append(_Other(*other))
    for inquiry_id, *other in of_callers:
        told.later_of_callers[inquiry_id].append(_Other(*other))
    for stay in stays:
        told.stays[stay.client_id].append(stay)
    told.inquiries.update({inquiry.pk: inquiry for inquiry in inquiries})
    days = _days(clinic)
    return [_protocol(each, told, days, clinic, on) for each in missed]


@dataclass(frozen=True)
class _Other:
    """Another appointment of theirs."""

    starts_at: datetime.datetime
    step: str
    booked_at: datetime.datetime


@dataclass(frozen=True)
class _Known:
    contacts: dict[int, list[NoShowContact]]
    later: dict[int, list[_Other]]
    later_of_callers: dict[int, list[_Other]]
    stays: dict[int, list[TreatmentEpisode]]
    seen: dict[int, list[datetime.datetime]]
    inquiries: dict[int, Inquiry]


def _days(clinic: Clinic) -> dict[NoShowStep, int]:
    own = values_for(clinic, [NO_SHOW_SECOND_DAYS, NO_SHOW_REVIEW_DAYS, NO_SHOW_LETTER_DAYS])
    return {
        NoShowStep.CALL: 0,
        NoShowStep.SECOND_CHANNEL: own[NO_SHOW_SECOND_DAYS.key],
        NoShowStep.REVIEW: own[NO_SHOW_REVIEW_DAYS.key],
        NoShowStep.LETTER: own[NO_SHOW_LETTER_DAYS.key],
    }


def _protocol(
    appointment: Appointment, told: _Known, days: dict[NoShowStep, int], clinic: Clinic, on: datetime.date
) -> Protocol:
    of_caller = appointment.client_id is None
    missed_on = timezone.localdate(appointment.starts_at, clinic.zone)
    # of several tries the last
    taken = {NoShowStep(each.step): each for each in told.contacts[appointment.pk]}
    steps = [
        StepDue(step, missed_on + datetime.timedelta(days=after), taken.get(step), of_caller)
        for step, after in days.items()
        if step in CALLER_STEPS or not of_caller
    ]
    ended = _ended(appointment, told, missed_on, clinic, on)
    return Protocol(appointment, [each for each in steps if each.contact or not ended], ended)


def _ended(appointment: Appointment, told: _Known, missed_on: datetime.date, clinic: Clinic, on: datetime.date) -> str:
    """Why nothing more is to be done; empty if something is."""
    if appointment.client_id is None:
        assert appointment.inquiry_id is not None  # a constraint
        later = told.later_of_callers[appointment.inquiry_id]
        return _met(appointment, told, later, [], clinic, on) or _inquiry_ended(told.inquiries[appointment.inquiry_id])
    status = CareStatus(told.stays[appointment.client_id])
    last = status.last_discharge
    if status.died:
        return "The client’s death is on record."
    seen = told.seen.get(appointment.client_id, [])
    if met := _met(appointment, told, told.later[appointment.client_id], seen, clinic, on):
        return met
    if last is not None and not status.open and last.discharged_on is not None and last.discharged_on >= missed_on:
        return f"A clinician discharged them on {day_in_words(last.discharged_on)}."
    return ""


def _met(
    appointment: Appointment,
    told: _Known,
    others: Sequence[_Other],
    seen: Sequence[datetime.datetime],
    clinic: Clinic,
    on: datetime.date,
) -> str:
    """They were reached, came, or have an appointment ahead that was booked since they missed this one.

    One that was booked before says nothing of how they are: whoever has a standing hour is called, too.
    """
    reached = next((each for each in told.contacts[appointment.pk] if each.outcome == Outcome.REACHED), None)
    if reached is not None:
        return f"They were reached on {_day(reached.at, clinic)}."
    later = [each for each in others if each.starts_at > appointment.starts_at]
    came = [each.starts_at for each in later if each.step in (Step.ARRIVED, Step.KEPT)]
    came += [at for at in seen if at > appointment.starts_at]
    if came:
        return f"They came on {_day(min(came), clinic)}."
    missed_at: datetime.datetime = appointment.step_at  # type: ignore[attr-defined]  # annotated
    since = [each.starts_at for each in later if each.step in AHEAD and each.booked_at >= missed_at]
    ahead = [at for at in since if timezone.localdate(at, clinic.zone) >= on]
    if ahead:
        return f"Another appointment is booked for {_day(min(ahead), clinic)}."
    return ""


def _inquiry_ended(inquiry: Inquiry) -> str:
    """Only a person closes an inquiry; no step here does."""
    if inquiry.stage not in Inquiry.CLOSED_STAGES:
        return ""
    reason = f": {inquiry.closing_reason}" if inquiry.closing_reason else "."
    return f"The inquiry ended as “{inquiry.get_stage_display()}”{reason}"


def _day(moment: datetime.datetime, clinic: Clinic) -> str:
    return day_in_words(timezone.localdate(moment, clinic.zone))


def _contacts(appointments: Any) -> QuerySet[NoShowContact]:
    found = NoShowContact.objects.filter(IsOneOf("appointment", appointments))
    return found.select_related("by").order_by("at", "pk")


def _later(clients: Any, since: Any) -> QuerySet[Appointment, Any]:
    found = Appointment.objects.filter(IsOneOf("client", clients), starts_at__gt=since)
    return _with_booking(found).values_list("client", "starts_at", "step", "booked_at")  # type: ignore[misc]


def _later_as_caller(clients: Any, since: Any) -> QuerySet[Appointment, Any]:
    found = Appointment.objects.filter(IsOneOf("inquiry__client", clients), client=None, starts_at__gt=since)
    return _with_booking(found).values_list("inquiry__client", "starts_at", "step", "booked_at")  # type: ignore[misc]


def _stays(clients: Any) -> QuerySet[TreatmentEpisode]:
    return TreatmentEpisode.objects.filter(IsOneOf("client", clients)).order_by("pk")


def _later_of_callers(inquiries: Any, since: Any) -> QuerySet[Appointment, Any]:
    found = Appointment.objects.filter(IsOneOf("inquiry", inquiries), client=None, starts_at__gt=since)
    return _with_booking(found).values_list("inquiry", "starts_at", "step", "booked_at")  # type: ignore[misc]


def _with_booking(appointments: AppointmentQuerySet) -> QuerySet[Appointment, Any]:
    booked = AppointmentStep.objects.filter(appointment=OuterRef("pk"), step=Step.BOOKED).order_by("pk")
    return appointments.with_step().annotate(booked_at=Subquery(booked.values("at")[:1])).order_by()


def _inquiries(inquiries: Any) -> QuerySet[Inquiry]:
    return Inquiry.objects.filter(IsOneOf("pk", inquiries))

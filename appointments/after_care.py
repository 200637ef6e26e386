"""Visits after care has ended: agreed on since the discharge, or made for it. Their messages go on.

Only where someone still follows up: who died, went elsewhere or is in custody, `reminders.standing` says.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from appointments.codes import Pace, Purpose, Step
from appointments.models import Appointment, AppointmentStep, ContinuingCareChoice
from cases.models import TreatmentEpisode
from reminders.models import Reminder
from staff.reading import Reading, reads, rows

MADE_FOR_IT = (Purpose.AFTER_DISCHARGE, Purpose.CHECKUP)


@reads
def agreed(reminders: Sequence[Reminder]) -> Reading[set[int]]:
    """Which of these messages, by id, are about a visit that the client agreed to for after the last discharge.

    None are once the client wants no follow-up any more. One query.
    """
    numbers = {each.context.get("appointment_id") for each in reminders} - {None}
    asked = _with_discharge(Appointment.objects.filter(pk__in=numbers, client__isnull=False).select_related("clinic"))
    holds = {each.pk for each in (yield from rows(asked)) if _is_agreed(each)}
    return {each.pk for each in reminders if each.context.get("appointment_id") in holds}


def _with_discharge(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    booked = AppointmentStep.objects.filter(appointment=OuterRef("pk"), step__in=(Step.BOOKED, Step.REOPENED))
    ended = TreatmentEpisode.objects.filter(client=OuterRef("client"), discharged_on__isnull=False)
    ended = ended.order_by("-discharged_on", "-pk")
    wishes = ContinuingCareChoice.objects.filter(episode=OuterRef("ended")).order_by("-at", "-pk")
    return appointments.annotate(
        booked_at=Subquery(booked.order_by("-pk").values("at")[:1]),
        ended=Subquery(ended.values("pk")[:1]),
        ended_on=Subquery(ended.values("discharged_on")[:1]),
        ended_at=Subquery(ended.values("discharged_at")[:1]),
        pace=Subquery(wishes.values("pace")[:1]),
    )


def _is_agreed(appointment: Appointment) -> bool:
    booked_at: datetime.datetime = appointment.booked_at  # type: ignore[attr-defined]  # annotated, as what follows
    ended_on: datetime.date | None = appointment.ended_on  # type: ignore[attr-defined]
    ended_at: datetime.datetime | None = appointment.ended_at  # type: ignore[attr-defined]
    if ended_on is None or appointment.pace == Pace.NONE:  # type: ignore[attr-defined]
        return False
    if appointment.purpose in MADE_FOR_IT:
        return True
    if ended_at is None:  # a discharge from before it was recorded when
        return booked_at.astimezone(appointment.clinic.zone).date() > ended_on
    return booked_at > ended_at

"""Reminders of the steps after a missed appointment, on the morning of their day, to whom the client was to meet.

Not of the call on the same day: whoever records that nobody came sees it at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from appointments import no_show_steps
from appointments.codes import NoShowStep, Step
from appointments.models import Appointment, AppointmentStep
from reminders.models.reminder import Kind
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Steps of which someone is to be reminded in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the client was reached or came, or the step was taken."""
    return (
        yield from promises.gone(reminders, "appointment_id", _promised, "the step was taken or is no longer needed")
    )


def _promised(clinic: Clinic, appointments: list[int] | None) -> Reading[list[Promise]]:
    now = timezone.now()
    today = timezone.localdate(now, clinic.zone)
    since = no_show_steps.looks_back_to(clinic, now)
    missed = AppointmentStep.objects.filter(step=Step.NO_SHOW, at__gt=since).values("appointment")
    asked: dict[str, Any] = {}
    if appointments is not None:  # all of these clients': the latest decides
        asked = {"client__in": Appointment.objects.filter(pk__in=appointments).values("client")}
    no_shows = Appointment.objects.filter(
        clinic=clinic,
        pk__in=missed,
        starts_at__gt=since,
        client__isnull=False,
        client__merged_into=None,
        staff_member__is_active=True,
        **asked,
    ).marked(Step.NO_SHOW)
    in_order = yield from rows(no_shows.select_related("staff_member").order_by("starts_at", "pk"))
    latest = {each.client_id: each for each in in_order}
    found: list[Promise] = []
    for protocol in (yield from no_show_steps.protocols.part(list(latest.values()), clinic=clinic, on=today)):
        step, appointment = protocol.next_step, protocol.appointment
        if step is None or step.step == NoShowStep.CALL:
            continue
        to = appointment.staff_member
        to.clinic = clinic
        key = f"no-show:{appointment.pk}:{step.step}:{step.due_on:%Y%m%d}"
        context = {"appointment_id": appointment.pk, "client_id": appointment.client_id}
        at = promises.morning(step.due_on, clinic)
        found.append(promises.to_colleague(Kind.STAFF_NO_SHOW_STEP, to, at, key, context))
    return found

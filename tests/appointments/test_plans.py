"""Each index of appointments serves the question it was made for."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from appointments.codes import Step
from appointments.models import (
    Appointment,
    AppointmentStep,
    ContinuingCareChoice,
    FollowUpCall,
    NoShowContact,
    Series,
    TimeOff,
)
from tests.plans import leave_only, plan_of

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(days=1)
ASKED: dict[str, Any] = {
    "appointment_by_day": lambda: Appointment.objects.filter(clinic=1).between(NOW, LATER),
    "appointment_by_staff": lambda: Appointment.objects.filter(staff_member=1).between(NOW, LATER),
    "appointment_by_client": lambda: Appointment.objects.filter(client=1).order_by("-starts_at")[:20],
    "appointment_by_inquiry": lambda: Appointment.objects.filter(inquiry=1).order_by(),
    "appointment_last_step": lambda: AppointmentStep.objects.filter(appointment=1).order_by("-pk")[:1],
    "appointment_no_shows": lambda: AppointmentStep.objects.filter(step=Step.NO_SHOW, at__gt=NOW).order_by("-at"),
    "time_off_by_person": lambda: TimeOff.objects.filter(staff_member=1, ends_at__gt=NOW).order_by(),
    "series_by_client": lambda: Series.objects.filter(client=1).order_by(),
    "follow_up_by_client": lambda: FollowUpCall.objects.filter(client=1).order_by("-at")[:1],
    "continuing_care_by_client": lambda: ContinuingCareChoice.objects.filter(client=1).order_by("-at")[:1],
    "no_show_contact_by_client": lambda: NoShowContact.objects.filter(client=1).order_by("-at"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("index", ASKED)
def test_an_index_is_used(index: str) -> None:
    rows = ASKED[index]()
    leave_only(index, rows.model)
    assert index in plan_of(rows)


def test_every_index_is_asked_for() -> None:
    models = {rows().model for rows in ASKED.values()}
    assert {index.name for model in models for index in model._meta.indexes} == set(ASKED)

"""A counselor's day that the stories about appointments start from."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from appointments import booking
from appointments.models import Appointment, Room
from cases.models import Client
from staff.models import Clinic, StaffMember

NEW_YORK = "America/New_York"


@pytest.fixture
def today() -> Any:
    """Monday, March 2, 2026, 7 AM in the clinic (New York)."""
    with time_machine.travel(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC), tick=False):
        yield datetime.date(2026, 3, 2)


@pytest.fixture
def at(clinic: Clinic) -> Callable[..., datetime.datetime]:
    """A time on the clinic's clock: `at(3, 10)` is March 3, 10 AM."""

    def moment(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime.datetime:
        return datetime.datetime(2026, month, day, hour, minute, tzinfo=clinic.zone)

    return moment


@pytest.fixture
def room(clinic: Clinic) -> Room:
    return Room.objects.create(clinic=clinic, name="Room 1")


@pytest.fixture
def book(client_record: Client, counselor: StaffMember, at: Any) -> Callable[..., Appointment]:
    """The client with the counselor, Tuesday at 10 AM unless the story says otherwise."""

    def make(**facts: Any) -> Appointment:
        given = {"client": client_record, "staff_member": counselor, "by": counselor, "starts_at": at(3, 10)}
        facts = given | {"tell": False} | facts  # the stories about reminders say whether the client is told at once
        return booking.book(**facts)

    return make

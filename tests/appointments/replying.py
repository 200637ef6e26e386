"""A client who was told of an appointment, and answers: for the stories of answers and of what they leave to do."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine

from appointments.models import Appointment
from cases.models import Client
from reminders import delivery, opt_outs
from staff.models import Clinic, StaffMember
from tests.reminders.conftest import ADDRESS, reachable

TOLD = datetime.datetime(2026, 3, 4, 15, 1, tzinfo=datetime.UTC)


@pytest.fixture
def told(book: Any, client_record: Client, counselor: StaffMember, at: Any) -> Appointment:
    """Thursday at 10 AM, and the message of the day before has arrived."""
    reachable(client_record, counselor)
    appointment: Appointment = book(starts_at=at(5, 10))
    assert [delivery.deliver(pk, claim, TOLD) for pk, claim in delivery.claim_due(TOLD, 10)] == ["sent"]
    return appointment


def reply(clinic: Clinic, words: str, value: str = ADDRESS) -> None:
    """An answer, an hour later."""
    at = TOLD + datetime.timedelta(hours=1)
    with time_machine.travel(at, tick=False):
        opt_outs.receive(clinic=clinic, contact_value=value, words=words, at=at)

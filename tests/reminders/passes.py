"""Passes over the outbox, one after another, and a provider that fails: for the stories of sending."""

import datetime
from typing import Any

import pytest

from reminders import causes, delivery
from reminders.models import Reminder

from .conftest import utc

TUESDAY_10 = utc(2026, 3, 3, 15, 0)  # 10:00 in New York


def one_pass(now: datetime.datetime) -> list[str]:
    return [delivery.deliver(reminder_id, claim, now) for reminder_id, claim in delivery.claim_due(now, 100)]


def fresh(reminder: Reminder) -> Reminder:
    reminder.refresh_from_db()
    return reminder


def cause_gone(reminder: Reminder) -> str:
    """Why its cause no longer applies; empty if it does."""
    return causes.gone([reminder]).get(reminder.pk, "")


def broken(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(message: Any) -> None:
        raise error

    monkeypatch.setattr("reminders.channels.send_email", fail)

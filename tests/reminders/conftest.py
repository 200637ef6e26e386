from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from typing import Any

import pytest

from cases.models import Client, ContactPoint
from privacy import consents
from reminders import outbox
from reminders.models import Channel, Kind, Reminder
from staff.models import StaffMember

SIGNED = datetime.date(2026, 1, 5)
ADDRESS = "robin@person.example"


def reachable(client: Client, by: StaffMember, value: str = ADDRESS, *, consented: bool = True) -> ContactPoint:
    """Give a client an email address for messages, with a consent for it."""
    point = ContactPoint.objects.create(
        client=client, kind="email", value=value, normalized=value, messages_ok=True, is_preferred=True
    )
    if consented:
        consents.allow_reminders(client=client, channel=Channel.EMAIL, value=value, by=by, signed_on=SIGNED)
    return point


@pytest.fixture
def robin(client_record: Client, counselor: StaffMember) -> Client:
    """A client who may be reminded by email."""
    reachable(client_record, counselor)
    return client_record


@pytest.fixture
def schedule(robin: Client, schedule_for: Callable[..., Reminder]) -> Callable[..., Reminder]:
    return functools.partial(schedule_for, robin)


@pytest.fixture
def schedule_for() -> Callable[..., Reminder]:
    def make(client: Client, due_at: datetime.datetime, **fields: Any) -> Reminder:
        defaults = {
            "kind": Kind.CLIENT_APPOINTMENT,
            "client_or_staff": client,
            "dedupe_key": f"appointment:{due_at:%Y%m%d%H%M}",
            "context": {"day": "Sunday, Mar 8", "time": "10:00 AM"},
        }
        return outbox.schedule(due_at=due_at, **{**defaults, **fields})

    return make


@pytest.fixture
def put(robin: Client, schedule_for: Callable[..., Reminder]) -> Callable[..., Reminder]:
    """A message to a client under a key: `put("visit", at, not_after=later)`."""

    def make(key: str, due_at: datetime.datetime, kind: Kind = Kind.CLIENT_APPOINTMENT, **fields: Any) -> Reminder:
        return schedule_for(robin, due_at, kind=kind, dedupe_key=key, **fields)

    return make


@pytest.fixture
def by_email(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colleagues are written to by email, too: many messages that no limit to a client's messages holds back."""
    monkeypatch.setattr(outbox, "best_channel", lambda receiver, on, kind: Channel.EMAIL)


def utc(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=datetime.UTC)  # type: ignore[misc]

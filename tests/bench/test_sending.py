"""What the bench of sending fills in may leave: each reminder has a client, an address and a consent."""

from typing import Any

import pytest

from bench import sending
from reminders import sender
from reminders.models import Reminder
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db


def test_all_that_is_due_leaves(settings: Any) -> None:
    settings.REMINDER_CHANNELS = {"email": "bench.sending.take"}
    for _ in range(2):  # filled again for the next number of workers
        with as_owner():
            sending.fill(3)
        states, is_empty = sender.empty_outbox()
        assert (states, is_empty) == ({"sent": 3}, True)
    assert Reminder.objects.count() == 3

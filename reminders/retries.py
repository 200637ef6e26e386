"""When a message that did not leave is tried again: as long as it is of use, ever less often, never all at once.

After the third retry a person is told, who may reach the client another way; the retries go on meanwhile.
"""

from __future__ import annotations

import datetime
import random

from reminders import hours
from reminders.models import Reminder

AFTER = tuple(datetime.timedelta(minutes=minutes) for minutes in (2, 10, 30, 60, 120, 240))
TELL_SOMEBODY_AFTER = 4  # tries: the first one and three retries
OF_USE = datetime.timedelta(hours=24)  # a message that says nothing else
JITTER = 0.1  # of the time to wait, so that what failed together does not come back together
MOST_CLAIMS = 5  # workers that began on it and never said what became of it

_chance = random.Random()  # noqa: S311  spreads load, keeps no secret


def tries(reminder: Reminder) -> int:
    """How often it was tried since it was scheduled, or since a person sent it again."""
    return reminder.attempts - reminder.attempts_before


def next_try(
    reminder: Reminder, now: datetime.datetime, *, asked_to_wait: datetime.timedelta | None = None
) -> datetime.datetime | None:
    """When to try again, or None if the message would be of no use any more.

    The provider's own wish (`asked_to_wait`, its Retry-After) counts if it is longer.
    """
    wait = AFTER[min(tries(reminder), len(AFTER)) - 1]
    wait = max(wait * (1 + _chance.random() * JITTER), asked_to_wait or datetime.timedelta())
    again = hours.next_opening(now + wait, reminder.zone)
    return again if again <= of_use_until(reminder) else None


def of_use_until(reminder: Reminder) -> datetime.datetime:
    """Until when there is sense in sending it."""
    if reminder.not_after is not None:
        return reminder.not_after
    first = reminder.delivery_attempts.filter(number=reminder.attempts_before + 1).first()
    return (first.started_at if first else reminder.due_at) + OF_USE

"""What due dates call for: messages that no act creates, since nobody does anything on the day before a date.

The app that owns the fact says what falls due (settings.REMINDER_SOURCES), from the same functions that Today and the
worklists ask. reminders/ puts it into the outbox, and asks again when it is sent (settings.REMINDER_CAUSES).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from staff.models import Clinic
from staff.reading import Reading, each

MORNING = datetime.time(8)
OF_USE = datetime.timedelta(days=2)  # later, Today says it anyway


@dataclass(frozen=True)
class Promise:
    """One message that a due date calls for.

    `to` is a client or a colleague. `key` names its cause, the cause's date and who is told: another date or another
    counselor makes another message, and the old one has lost its cause. Another due time or context under the same key
    changes the message while it waits, so neither may depend on when it is asked.
    """

    kind: str
    to: Any  # a StaffMember, or a Client, which this app does not know
    due_at: datetime.datetime
    key: str
    context: Mapping[str, object] = field(default_factory=dict)
    not_after: datetime.datetime | None = None


class Written(Protocol):
    """What is known here of a message in the outbox."""

    pk: int
    dedupe_key: str
    context: Any

    @property
    def clinic(self) -> Clinic: ...


W = TypeVar("W", bound=Written)


def morning(day: datetime.date, clinic: Clinic) -> datetime.datetime:
    """8 AM of a day on the clinic's clock, in UTC: when colleagues are reminded."""
    return datetime.datetime.combine(day, MORNING, tzinfo=clinic.zone).astimezone(datetime.UTC)


def to_colleague(kind: str, to: Any, due_at: datetime.datetime, key: str, context: Mapping[str, object]) -> Promise:
    """A reminder to a colleague: of use for two days."""
    return Promise(kind, to, due_at, f"{key}:{to.pk}", context, due_at + OF_USE)


def within(promises: Iterable[Promise], since: datetime.datetime, until: datetime.datetime) -> list[Promise]:
    """Those that are due in a stretch of time, its end not included."""
    return [one for one in promises if since <= one.due_at < until]


def gone(
    written: Sequence[W], name: str, promised: Callable[[Clinic, list[int]], Reading[list[Promise]]], why: str
) -> Reading[dict[int, str]]:
    """Which messages no due date calls for any more, with the reason.

    `promised` says what is due about these rows of a clinic now; `name` is the context's key of the row.
    """
    by_clinic: dict[int, list[W]] = defaultdict(list)
    for one in written:
        by_clinic[one.clinic.pk].append(one)
    asked = [
        promised(own[0].clinic, sorted({one.context[name] for one in own if name in one.context}))
        for own in by_clinic.values()
    ]
    keys = {promise.key for found in (yield from each(asked)) for promise in found}
    return {one.pk: why for one in written if one.dedupe_key not in keys}

"""One reminder's life: its text, every try with what came of it in plain words, and what was left to people."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

from reminders import delivery
from reminders.models import DeliveryAttempt, Reminder, StaffTask
from reminders.status_text import ReminderStatus, client_statuses, statuses_of
from staff.reading import Reading, reads, rows, together

# What a library calls an error, as a person says it. The last row is for all others.
_WORDS = (
    (("Timeout", "timed out", "SoftTimeLimit"), "the provider did not answer in time"),
    (("ConnectionRefused", "SMTPConnect", "gaierror", "Unreachable"), "the provider could not be reached"),
    (("SMTPServerDisconnected", "ConnectionReset", "BrokenPipe"), "the provider ended the connection"),
    (("SMTPAuthentication",), "the provider does not accept our password"),
    (("TryLater",), "the provider asked us to wait"),
    (("Error", "Exception", "SMTP"), "the provider reported an error"),
)


@dataclass(frozen=True)
class Try:
    """One attempt, as staff read it."""

    attempt: DeliveryAttempt
    what_happened: str
    tone: str


@dataclass(frozen=True)
class Life:
    """All that is known of one reminder."""

    status: ReminderStatus
    text: str
    why_no_text: str
    tries: list[Try]
    tasks: list[StaffTask]


@reads
def life(*, reminder: Reminder, zone: zoneinfo.ZoneInfo, now: datetime.datetime) -> Reading[Life]:
    """Read it. `reminder` has its clinic, client and colleague."""
    attempts, tasks = yield from together(
        rows(DeliveryAttempt.objects.filter(reminder=reminder).order_by("number")),
        rows(StaffTask.objects.filter(reminder=reminder).select_related("done_by").order_by("created_at")),
    )
    statuses = client_statuses([reminder], zone, now) if reminder.client_id else statuses_of([reminder], zone)
    text, why_no_text = delivery.text_of(reminder)
    return Life(statuses[0], text, why_no_text, [_told(each) for each in attempts], tasks)


def plainly(detail: str) -> str:
    """What came of a try, without the name of an error."""
    if not detail or " " in detail:
        return detail  # our own sentence
    return next((words for names, words in _WORDS if any(name in detail for name in names)), detail)


def _told(attempt: DeliveryAttempt) -> Try:
    tones = {"sent": "good", "failed": "danger", "lost": "attention", "retry": "attention"}
    said = plainly(attempt.detail)
    words = f"{attempt.get_outcome_display()}: {said}" if said else str(attempt.get_outcome_display())
    return Try(attempt, words, tones.get(attempt.outcome, "info"))

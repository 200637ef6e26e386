"""One reminder's life: its text, every try with what came of it in plain words, and what was left to people.

What was tried is shown in the words that left then; the wording of now is for what is still ahead.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field

from reminders import phone_codes, wordings
from reminders.models import DeliveryAttempt, DeliveryReceipt, Reminder, StaffTask
from reminders.status_text import ReminderStatus, client_statuses, statuses_of
from staff.reading import Reading, reads, rows, together

# What a library calls an error, as a person says it. The last row is for all others.
_WORDS = (
    (("Timeout", "timed out", "SoftTimeLimit"), "the provider did not answer in time"),
    (("ConnectionRefused", "SMTPConnect", "NotMade", "gaierror", "Unreachable"), "the provider could not be reached"),
    (("SMTPServerDisconnected", "ConnectionReset", "BrokenPipe"), "the provider ended the connection"),
    (("SMTPAuthentication",), "the provider does not accept our password"),
    (("TryLater",), "the provider asked us to wait"),
    (("Error", "Exception", "SMTP"), "the provider reported an error"),
)


@dataclass(frozen=True)
class Try:
    """One attempt, as staff read it. `words` are empty if they are the life's text."""

    attempt: DeliveryAttempt
    what_happened: str
    tone: str
    words: str
    reports: list[tuple[datetime.datetime, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Life:
    """All that is known of one reminder."""

    status: ReminderStatus
    text: str  # what the next try will say; once nothing is ahead, what the last one said
    why_no_text: str
    is_ahead: bool
    tries: list[Try]
    tasks: list[StaffTask]


@reads
def life(*, reminder: Reminder, zone: zoneinfo.ZoneInfo, now: datetime.datetime) -> Reading[Life]:
    """Read it. `reminder` has its clinic, client and colleague."""
    attempts, reports, tasks = yield from together(
        rows(DeliveryAttempt.objects.filter(reminder=reminder).order_by("number")),
        rows(DeliveryReceipt.objects.filter(attempt__reminder=reminder).order_by("received_at", "pk")),
        rows(StaffTask.objects.filter(reminder=reminder).select_related("done_by").order_by("created_at")),
    )
    statuses = client_statuses([reminder], zone, now) if reminder.client_id else statuses_of([reminder], zone)
    is_ahead = reminder.state in (Reminder.State.PENDING, Reminder.State.CLAIMED)
    said = next((each.words for each in reversed(attempts) if each.words), "")
    text = wordings.text_of(reminder) if is_ahead else wordings.Text(body=said)
    tries = [_told(each, reports, text.body) for each in attempts]
    return Life(statuses[0], text.body, text.why_not, is_ahead, tries, tasks)


def plainly(detail: str) -> str:
    """What came of a try, without the name of an error."""
    if not detail or " " in detail:
        return detail  # our own sentence
    return next((words for names, words in _WORDS if any(name in detail for name in names)), detail)


_REPORTS = {
    "queued": "Accepted by the provider",
    "accepted": "Accepted by the provider",
    "sending": "On its way to the phone company",
    "sent": "Handed to the phone company",
    "delivered": "Delivered",
    "read": "Read",
    "initiated": "Dialing",
    "ringing": "Ringing",
    "in-progress": "Call answered",
    "completed": "Call ended",
}


def reported(receipt: DeliveryReceipt) -> str:
    """A report of the provider in plain words."""
    if receipt.status in _REPORTS:
        return _REPORTS[receipt.status]
    return f"Not delivered: {phone_codes.in_words(receipt.error_code, status=receipt.status)}"


def _told(attempt: DeliveryAttempt, reports: Sequence[DeliveryReceipt], text: str) -> Try:
    tones = {"sent": "good", "failed": "danger", "lost": "attention", "retry": "attention"}
    said = plainly(attempt.detail)
    words = f"{attempt.get_outcome_display()}: {said}" if said else str(attempt.get_outcome_display())
    own = [(each.received_at, reported(each)) for each in reports if each.attempt_id == attempt.pk]
    return Try(attempt, words, tones.get(attempt.outcome, "info"), "" if attempt.words == text else attempt.words, own)

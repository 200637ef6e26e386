"""What would go out in the next 14 days, and what would be held and why: judged as the sender judges, at its time.

Each message is judged when it is due, after those that are due before it, so that the limits count what would have left
by then. Consent, opt-outs and causes are taken as they stand now.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from reminders import checks, wordings
from reminders.checks import Drop, Facts, Send, Wait
from reminders.models import Reminder, Way
from reminders.wordings import Text
from staff.reading import Reading, reads, together

DAYS = datetime.timedelta(days=14)
MOST_WAITS = 10  # a message that waits longer than this is held in any case
NO_PROVIDER = "no provider is set up for this channel"


@dataclass(frozen=True)
class Ahead:
    """One message ahead: when it would leave, to where and in which words; or why it would not."""

    reminder: Reminder
    at: datetime.datetime
    text: Text
    to: str = ""
    held: str = ""  # why it would not leave
    waits: str = ""  # why it would leave later than asked for

    @property
    def when(self) -> str:
        """When it would leave, on the receiver’s clock: “Tue, Mar 3, 10:00 AM”."""
        return f"{self.at.astimezone(self.reminder.zone):%a, %b %-d, %-I:%M %p}"

    @property
    def address(self) -> str:
        """The number or address; none for the inbox."""
        return "" if self.reminder.channel == Way.INBOX else self.to

    @property
    def is_written(self) -> bool:
        """Whether its words are worth a line: in the inbox, what it is about says it all."""
        return bool(self.text.body) and self.reminder.channel != Way.INBOX

    @property
    def held_words(self) -> str:
        """“Held: consent revoked”."""
        return f"Held: {self.held}"


def due(rows: QuerySet[Reminder], now: datetime.datetime) -> QuerySet[Reminder]:
    """Those among the rows that wait and are due within 14 days, or are overdue."""
    waiting = rows.filter(state=Reminder.State.PENDING, due_at__lt=now + DAYS)
    return waiting.select_related("clinic", "client__clinic", "staff_member")


@reads
def foreseen(shown: Sequence[Reminder], others: Sequence[Reminder], now: datetime.datetime) -> Reading[list[Ahead]]:
    """What becomes of these, in their order; `others` are what else waits for the same clients, and counts with them.

    A constant number of queries, however many there are.
    """
    everything = list({each.pk: each for each in (*others, *shown)}.values())
    where_to = checks.where_to_go(everything, now)
    tries = checks.tries_lately(everything, where_to, now)
    texts, facts = yield from together(
        wordings.texts.part(everything), checks.facts.part(everything, where_to, tries, checks.by_client(everything))
    )
    found = {each.reminder.pk: each for each in _in_turn(everything, texts, facts, now)}
    return [found[each.pk] for each in shown]


def _in_turn(
    reminders: Iterable[Reminder], texts: dict[int, Text], facts: Facts, now: datetime.datetime
) -> Iterable[Ahead]:
    """Each as it is judged when it is due, in that order; what waits is judged again at its new time."""
    turns = [(max(each.due_at, now), each.pk, 0, "") for each in reminders]
    heapq.heapify(turns)
    by_key = {each.pk: each for each in reminders}
    while turns:
        at, pk, waited, why = heapq.heappop(turns)
        reminder = by_key[pk]
        verdict = checks.judge(reminder, at, facts, said_before=_not_asked, held_before=_not_asked)
        if isinstance(verdict, Wait) and waited < MOST_WAITS:
            heapq.heappush(turns, (verdict.until, pk, waited + 1, verdict.reason))
            continue
        facts.settled(reminder)
        yield _ahead(reminder, at, verdict, texts[pk], why, facts)


def _ahead(
    reminder: Reminder, at: datetime.datetime, verdict: Send | Wait | Drop, text: Text, why: str, facts: Facts
) -> Ahead:
    if not isinstance(verdict, Send):
        return Ahead(reminder, at, text, held=verdict.reason)
    if text.why_not:
        return Ahead(reminder, at, text, to=verdict.to, held=text.why_not)
    if not settings.REMINDER_CHANNELS.get(reminder.channel):
        return Ahead(reminder, at, text, to=verdict.to, held=NO_PROVIDER)
    facts.leaves(reminder, verdict.to, at)
    return Ahead(reminder, at, text, to=verdict.to, waits=why)


def _not_asked(reminder: Reminder, why: str = "") -> bool:  # noqa: ARG001
    """Whether something was said or held before matters only for the task that would follow."""
    return True

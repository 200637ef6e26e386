"""Checks at the moment of sending. What was true when the reminder was scheduled doesn't count."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet, TextField

from reminders import causes, choices, hours, whose
from reminders.contacts import Destination, destinations
from reminders.models import DeliveryAttempt, Kind, Reminder
from reminders.standing import (
    AFTER_A_DEATH,
    CARE_HAS_ENDED,
    DIED,
    CareStatus,
    after_care,
    client_of,
    standings,
    why_not,
)
from staff.prepared import IsOneOf
from staff.reading import Reading, reads, together

TOO_LATE = "too late"  # how the reason begins
GIVES_WAY = "a message that someone relies on goes out that day"
CHANGE_IT = "Move or cancel the appointment, and tell the client."
GOES_FIRST = "a more important message would come too late"
# By clinic and number, and by clinic and client: the tries by id, each with its reminder and its time.
Tries = dict[tuple[int, str | int], dict[int, tuple[int, datetime.datetime]]]
COMING_WEEK = datetime.timedelta(days=8)  # what goes out now counts on seven days


@dataclass(frozen=True)
class Send:
    """It may leave now, to this number or address."""

    to: str


@dataclass(frozen=True)
class Wait:
    """It may leave later."""

    until: datetime.datetime
    reason: str


@dataclass(frozen=True)
class Drop:
    """The message may not be sent. With `task`, someone has to do what it was for.

    `held_back` says what to do if the client's care status or the cause, and not a blocked channel, is the reason.
    """

    reason: str
    task: bool = True
    held_back: str = ""


@dataclass
class Facts:
    """What `judge` knows of some reminders, read together just before they leave."""

    standings: dict[int, CareStatus]
    gone: dict[int, str]
    held: dict[int, str]
    off: dict[int, str]
    destinations: dict[int, Destination]
    tries: Tries
    awaited: dict[int, list[Reminder]]  # by client: what waits for the coming week, these included
    after_care: Collection[int] = ()  # messages about what was agreed on for after care

    def sent_lately(self, reminder: Reminder, value: str) -> list[datetime.datetime]:
        """When other messages went to this person or number in the past week."""
        tries = {**self._to_number(reminder, value), **self._to_client(reminder)}
        return [at for other, at in tries.values() if other != reminder.pk]

    def is_promised_today(self, reminder: Reminder, now: datetime.datetime) -> bool:
        """Whether something that the client relies on waits for this day: one message a day, so a kind word yields."""
        local = now.astimezone(reminder.zone)
        tomorrow = datetime.datetime.combine(local.date() + datetime.timedelta(days=1), datetime.time(), reminder.zone)
        return any(other.is_a_promise and other.due_at < tomorrow for other in self._others(reminder))

    def makes_late(self, reminder: Reminder, value: str, now: datetime.datetime) -> bool:
        """Whether a message that matters more could not go out in time if this one did: it would find the day or the
        week full."""
        sent = self.sent_lately(reminder, value)
        for other in self._others(reminder):
            if other.rank < reminder.rank and other.not_after is not None:
                due_at = hours.next_opening(max(other.due_at, now), reminder.zone)
                in_time, after_this = (hours.next_free(due_at, reminder.zone, each) for each in (sent, [*sent, now]))
                if other.too_late(after_this) and not other.too_late(in_time):
                    return True
        return False

    def settled(self, reminder: Reminder) -> None:
        """It waits no longer: nothing has to yield to it any more."""
        self.awaited[reminder.client_id or 0] = self._others(reminder)

    def _others(self, reminder: Reminder) -> list[Reminder]:
        return [other for other in self.awaited.get(reminder.client_id or 0, []) if other.pk != reminder.pk]

    def leaves(self, reminder: Reminder, value: str, now: datetime.datetime) -> None:
        """Count a message that is about to leave, for those judged after it."""
        for tries in (self._to_number(reminder, value), self._to_client(reminder)):
            tries[-reminder.pk] = (reminder.pk, now)
        self.settled(reminder)

    def _to_number(self, reminder: Reminder, value: str) -> dict[int, tuple[int, datetime.datetime]]:
        return self.tries.setdefault((reminder.clinic_id, value), {})

    def _to_client(self, reminder: Reminder) -> dict[int, tuple[int, datetime.datetime]]:
        return self.tries.setdefault((reminder.clinic_id, reminder.client_id or 0), {})


def where_to_go(reminders: Sequence[Reminder], now: datetime.datetime) -> dict[int, Destination]:
    """Where each would go. One whose own channel is closed changes to the client's way that is open, unsaved."""
    found = destinations(reminders, now)
    for each in reminders:
        if other := found[each.pk].channel:
            each.channel = other  # saved when it leaves: pages ask, too
    return found


def tries_lately(reminders: Sequence[Reminder], where_to: dict[int, Destination], now: datetime.datetime) -> Tries:
    """What went in the past week to the clients and numbers of these."""
    found: Tries = {}
    if values := values_of(reminders, where_to):
        clients = {each.client_id for each in reminders if each.client_id is not None}
        for pk, reminder, client, clinic, value, at in lately(clients, values, now):
            for key in ((clinic, value), (clinic, client or 0)):
                found.setdefault(key, {})[pk] = (reminder, at)
    return found


def values_of(reminders: Sequence[Reminder], where_to: dict[int, Destination]) -> set[str]:
    """The clients' numbers and addresses that something would go to."""
    return {value for each in reminders if each.client_id is not None and (value := where_to[each.pk].value)}


def by_client(reminders: Sequence[Reminder]) -> dict[int, list[Reminder]]:
    """Those to clients, by client."""
    found: dict[int, list[Reminder]] = {}
    for each in reminders:
        if each.client_id is not None:
            found.setdefault(each.client_id, []).append(each)
    return found


@reads
def facts(
    reminders: Sequence[Reminder], where_to: dict[int, Destination], tries: Tries, awaited: dict[int, list[Reminder]]
) -> Reading[Facts]:
    """What `judge` needs besides where they would go, for all of them in a constant number of queries."""
    statuses, gone, held, off, strays = yield from together(
        standings.part({pk for each in reminders if (pk := client_of(each)) is not None}),
        causes.gone.part(reminders),
        causes.held.part(reminders),
        choices.why_off.part(reminders),
        whose.strays.part(reminders),
    )
    agreed = yield from after_care.part(reminders, statuses)
    gone |= strays
    return Facts(statuses, gone, held, off, where_to, tries, awaited, agreed)


def read(reminders: Sequence[Reminder], now: datetime.datetime) -> Facts:
    """The whole of it, just before they leave.

    Call it inside the transaction that holds the rows: workers with messages for one number take turns from here on.
    """
    where_to = where_to_go(reminders, now)
    if values := values_of(reminders, where_to):
        _take_turns(values)
    return facts(reminders, where_to, tries_lately(reminders, where_to, now), _awaited(reminders, now))


def said_before(reminder: Reminder) -> bool:
    """Whether another message has told the client the same: the day before, of what this one repeats shortly before."""
    same = Reminder.objects.filter(client=reminder.client_id, kind=reminder.kind, state=Reminder.State.SENT)
    return same.filter(context=reminder.context).exclude(pk=reminder.pk).exists()


def held_before(reminder: Reminder, why: str) -> bool:
    """Whether another message about the same was held for the same reason, and a person has it already."""
    same = Reminder.objects.filter(client=reminder.client_id, reason=why, staff_tasks__isnull=False)
    return same.filter(context=reminder.context).exclude(pk=reminder.pk).exists()


def judge(
    reminder: Reminder,
    now: datetime.datetime,
    facts: Facts,
    *,
    said_before: Callable[[Reminder], bool] = said_before,
    held_before: Callable[[Reminder, str], bool] = held_before,
) -> Send | Wait | Drop:
    """Whether a claimed reminder leaves now. Call it inside the transaction that holds the row and read the facts.

    In this order: is the client alive and in the care that it belongs to, is its cause still there and as it says, may
    this person be written to there, are we inside the hours and the rate, is it not too late for it to be of use.
    """
    if held_back := by_standing(reminder, facts.standings, facts.after_care):
        return held_back
    if gone := facts.gone.get(reminder.pk):
        return Drop(gone, task=False)
    if off := facts.off.get(reminder.pk):
        return Drop(off, task=False)
    if held := facts.held.get(reminder.pk):
        return Drop(held, task=not held_before(reminder, held), held_back=CHANGE_IT)
    if reminder.too_late(now):
        return Drop(TOO_LATE)
    where = facts.destinations[reminder.pk]
    if where.why_not:
        return Drop(where.why_not)
    gives_way = not reminder.is_a_promise and facts.is_promised_today(reminder, now)
    if gives_way and reminder.kind == Kind.CLIENT_MILESTONE:  # it is of that day, or none
        return Drop(GIVES_WAY, task=False)
    goes_second = reminder.client_id is not None and facts.makes_late(reminder, where.value, now)
    if goes_second and reminder.kind == Kind.CLIENT_MILESTONE:
        return Drop(GOES_FIRST, task=False)
    whose = "" if reminder.client_id is None else " in the client’s time zone"
    until, reason = hours.next_opening(now, reminder.zone), f"outside 8 AM to 9 PM{whose}"
    if gives_way or goes_second:  # and is asked about again tomorrow
        tomorrow = now.astimezone(reminder.zone).date() + datetime.timedelta(days=1)
        until, reason = max(until, hours.opening_on(tomorrow, reminder.zone)), GIVES_WAY if gives_way else GOES_FIRST
    if reminder.client_id is not None:
        free = hours.next_free(until, reminder.zone, facts.sent_lately(reminder, where.value))
        if free != until:
            until, reason = free, "limit of one message a day, three a week"
    if until == now:
        return Send(where.value)
    if reminder.too_late(until):
        return Drop(f"{TOO_LATE}: {reason}", task=not said_before(reminder))
    return Wait(until, reason)


def by_standing(
    reminder: Reminder, known: dict[int, CareStatus] | None = None, agreed: Collection[int] | None = None
) -> Drop | None:
    """Why the client's care status blocks it; None if it does not. `known` and `agreed` are already read.

    Pages that show what will be sent use it too.
    """
    client_id = client_of(reminder)
    if client_id is None:
        return None
    statuses = known or standings([client_id])
    agreed = after_care([reminder], statuses) if agreed is None else agreed
    reason = why_not(reminder, statuses[client_id], agreed=reminder.pk in agreed)
    if not reason:
        return None
    to_do = AFTER_A_DEATH if reason == DIED else CARE_HAS_ENDED
    return Drop(reason, task=reminder.client_id is not None, held_back=to_do)


def _awaited(reminders: Sequence[Reminder], now: datetime.datetime) -> dict[int, list[Reminder]]:
    """What waits for the clients of these in the coming week, by client; these themselves, too."""
    found = by_client(reminders)
    if found:
        soon = Reminder.objects.filter(IsOneOf("client", list(found)), due_at__lt=now + COMING_WEEK).waiting()
        others = soon.exclude(IsOneOf("pk", [each.pk for each in reminders]))
        for other in others.only("pk", "kind", "client_id", "due_at", "not_after"):
            found[other.client_id or 0].append(other)
    return found


def _take_turns(values: Iterable[str]) -> None:
    """Let workers with messages for one number take turns. The locks end with the transaction.

    In one order, so that two workers never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('reminders.contact'), key) "
            "FROM (SELECT DISTINCT hashtext(value) AS key FROM unnest(%s::text[]) value ORDER BY key) keys",
            [list(values)],
        )


def lately(
    clients: Collection[int], values: Collection[str], now: datetime.datetime
) -> QuerySet[DeliveryAttempt, tuple[int, int, int | None, int, str, datetime.datetime]]:
    """Tries of the past week that reached these clients or numbers, each once: by an index each, not by an OR.

    Those that another worker is making count, too.
    """
    tries = (
        DeliveryAttempt.objects.filter(
            outcome__in=(DeliveryAttempt.Outcome.STARTED, DeliveryAttempt.Outcome.SENT),
            started_at__gt=now - datetime.timedelta(days=8),
        )
        .order_by()
        .values_list("pk", "reminder", "reminder__client", "reminder__clinic", "contact_value", "started_at")
    )
    to_numbers = tries.filter(IsOneOf("contact_value", values, TextField()))
    return to_numbers.union(tries.filter(IsOneOf("reminder__client", clients)))

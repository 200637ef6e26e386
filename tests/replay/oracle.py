"""A second opinion: what a clinic's clients should get in a month, from the facts and the rules in docs/reminders.md.

Written apart from reminders/: it reads rows of facts with the moments at which they were recorded, and calls nothing of
delivery, checks, standing, contacts, outbox, or of the modules that schedule messages. Each client is simulated for
themselves, one moment after the other.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from .clockwork import ceil
from .facts import CLOSES, DAY, OPENS, Facts, Message, everyone
from .life import Journal
from .wanted import wanted as wanted_of


@dataclass(frozen=True)
class Said:
    """One message: to whom, of which kind, when by the client's own clock, and the words it has to have."""

    to: str
    kind: str
    at: str
    words: tuple[str, ...] = ()


def expected(begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> list[Said]:
    """Every message to a client from `begin` on and before `end`."""
    said: list[Said] = []
    for facts in everyone(begin, journal):
        said += _live(facts, list(wanted_of(facts, begin, end, journal)), begin, end)
    return sorted(said, key=lambda each: (each.to, each.at, each.kind))


def _live(facts: Facts, wanted: list[Message], begin: datetime.datetime, end: datetime.datetime) -> Iterator[Said]:
    """One client's month: hours, one a day, three a week; a courtesy yields to a promise, a milestone for good."""
    # Of two due at once the older goes. What is dated before the first day was all written then, in the demo's order.
    order = {id(each): place for place, each in enumerate(sorted(wanted, key=lambda each: max(each.born, begin)))}
    due = {id(each): max(each.due, each.born) for each in wanted}
    open_ = {id(each): each for each in wanted}
    heap = [(ceil(due[key]), due[key], order[key], key) for key in open_]
    heapq.heapify(heap)
    sent = [facts.local(at).date() for at in facts.sent_before]
    while heap:
        now, _, _, key = heapq.heappop(heap)
        if now >= end:
            break
        message = open_.pop(key)
        if (
            message.kind in facts.unwanted
            or message.withdrawn(now)
            or not message.holds(now)
            or not facts.in_right_care(message, now)
        ):
            continue
        if message.not_after is not None and now > message.not_after:
            continue
        if not (to := facts.written_to(now)):
            continue
        local = facts.local(now)
        yields = not message.is_promise and any(
            other.is_promise
            and other.born <= now
            and not other.withdrawn(now)
            and due[each] < facts.at_local(local.date() + DAY, datetime.time())
            for each, other in open_.items()
        )
        for each, other in open_.items():
            if other.place < message.place and other.born <= now and other.not_after and not other.withdrawn(now):
                at = _opening(facts, max(due[each], now))
                yields |= _free(facts, at, sent) <= other.not_after < _free(facts, at, [*sent, local.date()])
        if yields and message.kind == "client_milestone":
            continue
        until = _opening(facts, now)
        if yields:
            until = max(until, facts.at_local(local.date() + DAY, OPENS))
        until = _free(facts, until, sent)
        if until > now:
            if message.not_after is None or until <= message.not_after:
                open_[key], due[key] = message, until
                heapq.heappush(heap, (ceil(until), until, order[key], key))
            continue
        sent.append(local.date())
        yield Said(to, message.kind, f"{local:%Y-%m-%d %H:%M}", message.words)


def _opening(facts: Facts, at: datetime.datetime) -> datetime.datetime:
    local = facts.local(at)
    if OPENS <= local.time() < CLOSES:
        return at
    return facts.at_local(local.date() + (DAY if local.time() >= CLOSES else 0 * DAY), OPENS)


def _free(facts: Facts, at: datetime.datetime, sent: list[datetime.date]) -> datetime.datetime:
    """The first moment that keeps to one a day and three in seven days."""
    day = facts.local(at).date()
    for _ in range(8):
        if day not in sent and sum(day - 6 * DAY <= each <= day for each in sent) < 3:
            break
        day += DAY
        at = facts.at_local(day, OPENS)
    return at

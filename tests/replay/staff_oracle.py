"""A second opinion on messages to colleagues in a month: from the facts and the rules in docs/ (staff_wanted.py).

Written apart from the product, like oracle.py. Colleagues have no limit of messages; theirs arrive from 8 AM to 9 PM.
"""

from __future__ import annotations

import bisect
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .clockwork import ceil
from .facts import CLOSES, DAY, HOUR, OPENS
from .life import Journal
from .staff_record import Record
from .staff_wanted import Nudge, wanted

AHEAD, BEHIND = 15 * DAY, 2 * DAY  # what a date calls for is looked for every hour


@dataclass(frozen=True, order=True)
class Told:
    """One message: to which colleague, of which kind, and when, by the clinic's clock."""

    to: int
    kind: str
    at: str


def expected(begin: datetime.datetime, end: datetime.datetime, journal: Journal) -> list[Told]:
    """Every message to a colleague from `begin` on and before `end`."""
    record = Record(begin, journal)
    return sorted(
        Told(each.to, each.kind, f"{at.astimezone(record.zone):%Y-%m-%d %H:%M}")
        for each, at in _live(record, begin, end)
    )


def _live(
    record: Record, begin: datetime.datetime, end: datetime.datetime
) -> Iterator[tuple[Nudge, datetime.datetime]]:
    """Hour by hour: what is new waits until it is due; then it leaves if it is still called for, or never."""
    waiting: dict[tuple[Any, ...], Nudge] = {}
    over: set[tuple[Any, ...]] = set()
    hour = begin

    known: dict[tuple[int, datetime.date], list[Nudge]] = {}

    def at_moment(at: datetime.datetime) -> list[Nudge]:
        # Nothing changes but by an act, which leaves an entry in the audit log, or with a new day.
        key = bisect.bisect_right(record.acts, at), record.day(at)
        if key not in known:
            known[key] = list(wanted(record, at))
        return known[key]

    while hour < end:
        for each in at_moment(hour):
            is_of_use = each.until is None or each.until > hour
            is_near = each.by_act or hour - BEHIND <= each.due < hour + AHEAD
            if (each.kind, each.to, each.due) in record.told_before or each.name in over:
                continue
            if each.name in waiting or (is_near and is_of_use):
                waiting[each.name] = each
        for name, each in list(waiting.items()):
            at = ceil(_opening(record, max(each.due, hour)))
            if at >= min(hour + HOUR, end):
                continue
            del waiting[name]
            over.add(name)
            if (each.until is None or at <= each.until) and name in {now.name for now in at_moment(at)}:
                yield each, at
        hour += HOUR


def _opening(record: Record, at: datetime.datetime) -> datetime.datetime:
    local = at.astimezone(record.zone)
    if OPENS <= local.time() < CLOSES:
        return at
    return record.at_local(local.date() + (DAY if local.time() >= CLOSES else 0 * DAY), OPENS)

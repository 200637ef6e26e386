"""Milestone messages, to people in care who allow messages. They name neither the milestone nor why.

They are put into the outbox ahead of time (settings.REMINDER_SOURCES), so that the page of the next 14 days shows them.
Whether a milestone is still one is asked when it leaves: a return to use may have been recorded, or a date corrected.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from cases.models import Client
from cases.recovery import milestone_days
from cases.recovery.milestone_days import Reached
from reminders import outbox, standing
from reminders.models import Kind, Reminder
from staff import promises
from staff.models import Clinic
from staff.prepared import IsOneOf
from staff.promises import Promise
from staff.reading import Reading, answer, reads, rows, together

HOUR = datetime.time(10)
LAST = datetime.time(20, 59)
CHUNK = 500
NO_MILESTONE = "the milestone no longer applies"
SAID = "the client was written to at this milestone already"
State = Reminder.State


def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Iterator[Promise]:
    """The milestones that fall in a stretch of time, at 10 AM where each client lives."""
    in_care = Client.objects.filter(clinic=clinic, merged_into=None, episodes__discharged_on=None).distinct()
    last = 0
    while clients := list(in_care.filter(pk__gt=last).select_related("clinic").order_by("pk")[:CHUNK]):
        last = clients[-1].pk
        spans = [(each, timezone.localdate(since, each.zone), timezone.localdate(until, each.zone)) for each in clients]
        found = milestone_days.reached_within(spans)
        known = standing.standings({each.client.pk for each in found})
        kept = [each for each in found if not standing.why_not_now(Kind.CLIENT_MILESTONE, known[each.client.pk])]
        said = answer(_said([_key(each) for each in kept]))
        fresh = (each for each in kept if not _said_lately(each, said[_stem(_key(each))]))
        yield from promises.within((_promise(each) for each in fresh), since, until)


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which milestones no longer apply, asked just before sending."""
    spans = [
        (each.client, day, day)
        for each in reminders
        if each.client is not None and (day := _day(each.dedupe_key)) is not None
    ]
    found_now, said = yield from together(
        milestone_days.reached_within.part(spans),
        _said([each.dedupe_key for each in reminders if _day(each.dedupe_key) is not None]),
    )
    reached = {_key(found): found for found in found_now}
    why: dict[int, str] = {}
    for each in reminders:
        found = reached.get(each.dedupe_key)
        if found is None:
            why[each.pk] = NO_MILESTONE
        elif _said_lately(found, said[_stem(each.dedupe_key)]):
            why[each.pk] = SAID
    return why


def _promise(each: Reached) -> Promise:
    def at(time: datetime.time) -> datetime.datetime:
        return outbox.wall_clock(datetime.datetime.combine(each.milestone.on, time), zone=each.client.zone)

    return Promise(Kind.CLIENT_MILESTONE, each.client, at(HOUR), _key(each), {}, at(LAST))


def _said(keys: Iterable[str]) -> Reading[dict[str, list[datetime.date]]]:
    """On which days messages at these milestones left, or may have left, by milestone and client."""
    stems = {_stem(key) for key in keys}
    days: dict[str, list[datetime.date]] = defaultdict(list)
    for key in (yield from rows(_left(stems))) if stems else ():
        if _stem(key) in stems and (day := _day(key)) is not None:
            days[_stem(key)].append(day)
    return days


def _left(stems: Iterable[str]) -> QuerySet[Reminder, str]:
    own = Reminder.objects.filter(IsOneOf("client", sorted({int(stem.split(":")[1]) for stem in stems})))
    left = own.filter(kind=Kind.CLIENT_MILESTONE, state__in=[State.SENT, State.FAILED])
    return left.values_list("dedupe_key", flat=True)


def _said_lately(each: Reached, days: Iterable[datetime.date]) -> bool:
    """The same milestone cannot come again sooner than it takes to reach: what looks like it is a corrected date."""
    on = each.milestone.on
    return any(day != on and abs(day - on).days < each.days for day in days)


def _key(each: Reached) -> str:
    return f"milestone:{each.client.pk}:{each.milestone.label}:{each.milestone.on}"


def _stem(key: str) -> str:
    return key.rpartition(":")[0]


def _day(key: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(key.rpartition(":")[2])
    except ValueError:
        return None  # not a key of this module

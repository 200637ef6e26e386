"""Milestone messages, to people in care who allow messages. They name neither the milestone nor why.

They are put into the outbox ahead of time (settings.REMINDER_SOURCES), so that the page of the next 14 days shows them.
Whether a milestone is still one is asked when it leaves: a return to use may have been recorded, or a date corrected.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Client
from cases.recovery import milestone_days
from cases.recovery.milestone_days import Reached
from reminders import outbox, standing
from reminders.models import DeliveryAttempt, Kind, Reminder
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
Said = dict[tuple[int, str], list[datetime.date]]


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
        said = answer(_said({each.client.pk for each in kept}))
        fresh = (each for each in kept if not _said_lately(each, said))
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
        _said({client.pk for client, _, _ in spans}),
    )
    reached = {_key(found): found for found in found_now}
    why: dict[int, str] = {}
    for each in reminders:
        found = reached.get(each.dedupe_key)
        if found is None:
            why[each.pk] = NO_MILESTONE
        elif _said_lately(found, said):
            why[each.pk] = SAID
    return why


def _promise(each: Reached) -> Promise:
    def at(time: datetime.time) -> datetime.datetime:
        return outbox.wall_clock(datetime.datetime.combine(each.milestone.on, time), zone=each.client.zone)

    return Promise(Kind.CLIENT_MILESTONE, each.client, at(HOUR), _key(each), {}, at(LAST))


def _said(clients: Collection[int]) -> Reading[Said]:
    """On which days messages at milestones left, or may have left, by client and milestone.

    Whose they are is in the row: a merge moves it to the record that is kept, and the key stays as it was.
    """
    days: Said = defaultdict(list)
    for client, key in (yield from rows(_left(clients))) if clients else ():
        if (day := _day(key)) is not None:
            days[client, _label(key)].append(day)
    return days


def _left(clients: Collection[int]) -> QuerySet[Reminder, tuple[int, str]]:
    in_doubt = Exists(DeliveryAttempt.objects.filter(reminder=OuterRef("pk"), outcome=DeliveryAttempt.Outcome.LOST))
    left = Q(state=State.SENT) | Q(in_doubt, state=State.FAILED)
    own = Reminder.objects.filter(left, IsOneOf("client", sorted(clients)), kind=Kind.CLIENT_MILESTONE)
    return own.values_list("client_id", "dedupe_key")


def _said_lately(each: Reached, said: Said) -> bool:
    """The same milestone cannot come again sooner than it takes to reach: what looks like it is a corrected date."""
    days = said.get((each.client.pk, each.milestone.label), ())
    return any(abs(day - each.milestone.on).days < each.days for day in days)


def _key(each: Reached) -> str:
    return f"milestone:{each.client.pk}:{each.milestone.label}:{each.milestone.on}"


def _label(key: str) -> str:
    return key.rpartition(":")[0].partition(":")[2].partition(":")[2]


def _day(key: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(key.rpartition(":")[2])
    except ValueError:
        return None  # not a key of this module

"""Messages to members the day before a group session, at the same hour; at most one a week.

Clients may be sent one message a day and three a week: someone who comes to a group on four days knows the way, and
the others are kept for what they could miss.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from groups.models import GroupSession, Membership
from groups.thresholds import REMIND_DAYS_BEFORE
from reminders import moments, outbox
from staff import phones, promises
from staff.days import beginning_of, sunday_of
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

KIND = "client_group"
WEEK = datetime.timedelta(days=7)


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Sessions of which members are to be reminded in a stretch of time: of each member the first of each week."""
    notice = datetime.timedelta(days=REMIND_DAYS_BEFORE.for_clinic(clinic))
    if not notice:
        return []
    first, last = (timezone.localdate(at + notice, clinic.zone) for at in (since, until))
    return promises.within((yield from _promises(clinic, first, last, notice, {})), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the session was canceled or moved, or the client has left the group."""
    return (
        yield from promises.gone(
            reminders, "session_id", _promised, "the session was canceled or moved, or they left the group"
        )
    )


def _promised(clinic: Clinic, sessions: list[int]) -> Reading[list[Promise]]:
    told_of = GroupSession.objects.filter(pk__in=sessions).order_by().values_list("starts_at", flat=True)
    days = [timezone.localdate(at, clinic.zone) for at in (yield from rows(told_of))]
    notice = datetime.timedelta(days=REMIND_DAYS_BEFORE.for_clinic(clinic))
    if not days or not notice:
        return []
    members = Membership.objects.filter(group__sessions__in=sessions).values("client")
    return (yield from _promises(clinic, min(days), max(days), notice, {"client__in": members}))


def _promises(
    clinic: Clinic, first: datetime.date, last: datetime.date, notice: datetime.timedelta, of: dict[str, Any]
) -> Reading[list[Promise]]:
    """Whole weeks are read, so that the first session of a week is the first one whenever it is asked."""
    since, until = sunday_of(first), sunday_of(last) + WEEK
    sessions = yield from rows(
        GroupSession.objects.held()
        .filter(
            group__clinic=clinic,
            starts_at__gte=beginning_of(since, clinic.zone),
            starts_at__lt=beginning_of(until, clinic.zone),
        )
        .order_by("starts_at", "pk")
    )
    members: dict[int, list[Membership]] = defaultdict(list)
    current = Membership.objects.current_within(since, until).filter(client__merged_into=None, **of)
    in_groups = current.filter(group__in={each.group_id for each in sessions}).select_related("client")
    for membership in (yield from rows(in_groups)) if sessions else ():
        members[membership.group_id].append(membership)
    found: list[Promise] = []
    told: set[tuple[int, datetime.date]] = set()
    for session in sessions:
        day = timezone.localdate(session.starts_at, clinic.zone)
        for membership in members[session.group_id]:
            week = (membership.client_id, sunday_of(day))
            if week in told or not membership.is_current(day):
                continue
            told.add(week)
            client = membership.client
            client.clinic = clinic
            due_at = outbox.wall_clock(session.starts_at, zone=client.zone, days=-notice.days)
            context = {
                "at": moments.kept(session.starts_at),
                "number": phones.spoken(clinic.phone),
                "session_id": session.pk,
            }
            key = f"group:{session.pk}:{client.pk}:{session.starts_at.astimezone(datetime.UTC):%Y%m%dT%H%M}"
            found.append(Promise(KIND, client, due_at, key, context, session.starts_at))
    return found

"""Meeting lists that wait for a decision, on the Today of whoever may decide: the feed's page says the same."""

from __future__ import annotations

import datetime

from django.db.models import QuerySet
from django.urls import reverse

from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

from .models import ImportRun

_MOST = 10


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:  # noqa: ARG001  # as all of Today's
    """Lists that lack so many meetings that they are held: until somebody decides, nothing new of them is found."""
    if not can(staff_member, Permission.FEED_IMPORT):
        return []
    found = yield from rows(query(_held, by=staff_member))
    return [_need(run) for run in found]


def _held(by: StaffMember) -> QuerySet[ImportRun]:
    runs = ImportRun.objects.visible_to(by).held()
    return runs.select_related("feed").defer("rejected_rows", "remarks", "missing").order_by("at", "pk")[:_MOST]


def _need(run: ImportRun) -> Need:
    return Need(
        Urgency.SOON,
        "Use the shorter list, or keep the meetings",
        f"{run.feed.name}: {run.would_retire} meetings are missing from the list that was read",
        reverse("referrals:run", args=[run.pk]),
        "Decide",
        "list",
        due=run.at,
        kind="Meeting lists",
    )

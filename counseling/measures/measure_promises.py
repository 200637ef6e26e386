"""Reminders of measures, on the morning of the day by which they are due, to the client's primary counselor."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.models import TreatmentEpisode
from cases.people import primary_counselors
from counseling.measures import measure_due
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads

KIND = "staff_measure_due"


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Measures due of clients in care of which someone is to be reminded in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the measures were completed, or someone else is to do it."""
    return (yield from promises.gone(reminders, "client_id", _promised, "the measure was completed or handed over"))


def _promised(clinic: Clinic, clients: list[int] | None) -> Reading[list[Promise]]:
    """One reminder for all measures of a client that are due on one day."""
    now = timezone.now()
    asked: dict[str, Any] = {} if clients is None else {"client__in": clients}
    episodes = TreatmentEpisode.objects.open().filter(program__clinic=clinic, client__merged_into=None, **asked)
    due = yield from measure_due.of_episodes.part(episodes, clinic, now)
    found: list[Promise] = []
    counselors = yield from primary_counselors.of.part(due, now)
    for client_id, own in due.items():
        to = counselors.get(client_id)
        if to is None:
            continue
        for day in sorted({each.due_on for each in own}):
            key = f"measure:{client_id}:{day:%Y%m%d}"
            found.append(promises.to_colleague(KIND, to, promises.morning(day, clinic), key, {"client_id": client_id}))
    return found

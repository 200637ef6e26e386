"""Reminders of treatment plans and reviews, some days before they are due, to the client's primary counselor."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.models import TreatmentEpisode
from cases.people import primary_counselors
from counseling.plans import plan_timing
from counseling.thresholds import PLAN_NOTICE_DAYS
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows, together

KIND = "staff_plan_due"
_A_MOMENT = datetime.timedelta(microseconds=1)  # a plan that is due by the end of a day is due on that day


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Plans and reviews of open episodes of which someone is to be reminded in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the plan was written or reviewed, its date changed, or someone else is to do it."""
    return (
        yield from promises.gone(reminders, "episode_id", _promised, "the plan was written, reviewed or handed over")
    )


def _promised(clinic: Clinic, episodes: list[int] | None) -> Reading[list[Promise]]:
    now = timezone.now()
    asked: dict[str, Any] = {} if episodes is None else {"pk__in": episodes}
    open_ones = TreatmentEpisode.objects.open().filter(program__clinic=clinic, client__merged_into=None, **asked)
    in_care = yield from rows(plan_timing.with_plan(open_ones).select_related("program").order_by("pk"))
    timings, counselors = yield from together(
        plan_timing.of_many.part(in_care, clinic=clinic, now=now),
        primary_counselors.of.part({each.client_id for each in in_care}, now),
    )
    found: list[Promise] = []
    notice = datetime.timedelta(days=PLAN_NOTICE_DAYS.for_clinic(clinic))
    for episode in in_care:
        to, timing = counselors.get(episode.client_id), timings[episode.pk]
        if to is None:
            continue
        if timing.plan_made_at is None:
            what, due_on = "plan", timezone.localdate(timing.plan_due_at - _A_MOMENT, clinic.zone)
        elif timing.review_due_on is not None:
            what, due_on = "review", timing.review_due_on
        else:
            continue
        begins = promises.morning(due_on - notice, clinic)
        admitted = episode.admitted_at or promises.morning(episode.admitted_on, clinic)
        key = f"{what}-due:{episode.pk}:{due_on:%Y%m%d}"
        context = {"episode_id": episode.pk, "client_id": episode.client_id}
        found.append(promises.to_colleague(KIND, to, max(begins, admitted), key, context))
    return found

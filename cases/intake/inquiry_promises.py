"""Reminders of what callers were promised: a call back, and what the law gives a day for (cases/intake/priority.py)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.models import Inquiry
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

from . import priority

CALL_BACK, CLOCK = "staff_inquiry_callback", "staff_interim_clock"


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Calls back and legal deadlines of open inquiries that someone is to be reminded of in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the caller was called, admitted or given to someone else, or the time changed."""
    return (yield from promises.gone(reminders, "inquiry_id", _promised, "the inquiry has moved on"))


def _promised(clinic: Clinic, inquiries: list[int] | None) -> Reading[list[Promise]]:
    asked: dict[str, Any] = {} if inquiries is None else {"pk__in": inquiries}
    inquiries_open = Inquiry.objects.open().filter(clinic=clinic, is_draft=False, **asked)
    limits, notice = priority.limits(clinic), datetime.timedelta(hours=priority.NOTICE_HOURS.for_clinic(clinic))
    found: list[Promise] = []
    for inquiry in (yield from rows(inquiries_open.select_related("assigned_to", "taken_by").order_by("pk"))):
        to = next(
            (each for each in (inquiry.assigned_to, inquiry.taken_by) if each is not None and each.is_active), None
        )
        if to is None:
            continue
        to.clinic = clinic
        context = {"inquiry_id": inquiry.pk}
        if inquiry.stage == Inquiry.Stage.NEW and inquiry.next_action_at is not None:
            at = inquiry.next_action_at
            found.append(promises.to_colleague(CALL_BACK, to, at, f"callback:{inquiry.pk}:{_minute(at)}", context))
        for clock in priority.of(inquiry, limits).clocks:
            begins = max(clock.due_at - notice, inquiry.taken_at)
            what = "admit" if clock.duty == priority.ADMIT else "interim"
            key = f"clock:{inquiry.pk}:{what}:{_minute(clock.due_at)}"
            found.append(promises.to_colleague(CLOCK, to, begins, key, context))
    return found


def _minute(at: datetime.datetime) -> str:
    return f"{timezone.localtime(at, datetime.UTC):%Y%m%dT%H%M}"

"""Reminders of peer mentors' approvals that expire, as early as Today shows them, to the client's primary counselor."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.people import primary_counselors
from groups.models import MentorTerm
from groups.thresholds import MENTOR_APPROVAL_NOTICE
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

KIND = "staff_mentor_review"


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Approvals of current mentors of which someone is to be reminded in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the approval was renewed, the term has ended, or someone else is to do it."""
    return (
        yield from promises.gone(
            reminders, "mentor_term_id", _promised, "the approval was renewed, ended or handed over"
        )
    )


def _promised(clinic: Clinic, terms: list[int] | None) -> Reading[list[Promise]]:
    now = timezone.now()
    today = timezone.localdate(now, clinic.zone)
    asked: dict[str, Any] = {} if terms is None else {"pk__in": terms}
    current = MentorTerm.objects.current(today).filter(membership__group__clinic=clinic, **asked)
    approved = current.with_approval().exclude(approved_until=None)  # type: ignore[misc]  # annotated
    dated = approved.values_list("pk", "membership__client", "approved_until")  # type: ignore[misc]  # annotated
    ending = yield from rows(dated.order_by("pk"))
    counselors = yield from primary_counselors.of.part({client for _, client, _ in ending}, now)
    found: list[Promise] = []
    notice = datetime.timedelta(days=MENTOR_APPROVAL_NOTICE.for_clinic(clinic))
    for term, client, until in ending:
        if (to := counselors.get(client)) is not None:
            key = f"mentor:{term}:{until:%Y%m%d}"
            context = {"mentor_term_id": term, "client_id": client}
            found.append(promises.to_colleague(KIND, to, promises.morning(until - notice, clinic), key, context))
    return found

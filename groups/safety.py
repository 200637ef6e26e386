"""Safety facts that keep somebody from being a peer mentor for now, wherever in the house they are recorded.

Apps above this one cannot be imported here: settings.MENTOR_SAFETY_SOURCES lists functions by dotted path, each taking
`client` and `on` and returning concerns. The case record's own source stands in this module.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client, LevelOfCareAssessment


class ConcernKind(Enum):
    """The two criteria that a safety fact can speak to."""

    SUICIDE_RISK = "high suicide risk"
    OPEN_FLAG = "open safety flag"


@dataclass(frozen=True)
class Concern:
    """One safety fact in force on the day asked about."""

    kind: ConcernKind
    since: datetime.date
    sentence: str


def concerns(*, client: Client, on: datetime.date) -> list[Concern]:
    """Every concern about a client on a local day, from every source."""
    sources = getattr(settings, "MENTOR_SAFETY_SOURCES", ("groups.safety.from_assessments",))
    return [concern for path in sources for concern in import_string(path)(client=client, on=on)]


def from_assessments(*, client: Client, on: datetime.date) -> list[Concern]:
    """From placement assessments: the latest answered C-SSRS decides, and a high one stays a flag until looked into.

    High is yes to question 4 or 5 in the past month or any suicidal behavior in the past three months (Columbia
    Protocol triage). Unanswered questions say nothing either way.
    """
    end = datetime.datetime.combine(on + datetime.timedelta(days=1), datetime.time.min, client.clinic.zone)
    answered = LevelOfCareAssessment.objects.filter(client=client, assessed_at__lt=end).filter(
        Q(suicidal_intent__isnull=False) | Q(suicidal_behavior__isnull=False)
    )
    found = []
    latest = answered.order_by("-assessed_at", "-pk").first()
    if latest and (latest.suicidal_intent or latest.suicidal_behavior):
        day = timezone.localdate(latest.assessed_at, client.clinic.zone)
        found.append(Concern(ConcernKind.SUICIDE_RISK, day, f"The C-SSRS of {day:%b} {day.day}, {day.year} is high."))
    unseen = answered.filter(Q(suicidal_intent=True) | Q(suicidal_behavior=True), safety_assessed_at=None)
    first = unseen.order_by("assessed_at", "pk").first()
    if first:
        day = timezone.localdate(first.assessed_at, client.clinic.zone)
        found.append(
            Concern(
                ConcernKind.OPEN_FLAG,
                day,
                f"The danger signs of {day:%b} {day.day}, {day.year} have no signed safety assessment yet.",
            )
        )
    return found

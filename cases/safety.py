"""Safety concerns: every fact, wherever in the house it was recorded, that says somebody may come to harm.

One owner: Today, the head of the chart, the holds on signing, discharge and placement, and mentoring all ask here. Apps
above this one cannot be imported; settings.SAFETY_SOURCES lists their functions by dotted path, each taking `clients`
(a queryset of clients) and returning what it knows about them as SafetyFacts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from cases.models import Client


@dataclass(frozen=True)
class SafetyFact:
    """One recorded danger: about whom, since when, in a sentence, where it is on record, and who recorded it."""

    client_id: int
    at: datetime.datetime
    sentence: str
    page: str  # the address of the record that says so
    recorded_by_id: int | None = None


def facts(*, clients: QuerySet[Client]) -> list[SafetyFact]:
    """Every danger on record about these clients, evaluated or not, the newest first."""
    found: Iterable[SafetyFact] = (
        fact for path in settings.SAFETY_SOURCES for fact in import_string(path)(clients=clients)
    )
    return sorted(found, key=lambda fact: fact.at, reverse=True)

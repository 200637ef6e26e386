"""What pauses a mentor by itself, besides a return to use: dangers and reports of use, for a whole roster in one query.

It is asked in `MentorTermQuerySet.with_state`, so that nobody has to tell mentoring of anything, whoever records it.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from cases import use_reports
from cases.models import Inquiry, LevelOfCareAssessment, SafetyEvaluation


def in_danger(*, client: Any, since: Any, until: Any) -> Q:
    """Whether a safety concern about `client` is open, or came up after the review at `since`. settings.
    MENTOR_PAUSE_SOURCES lists functions by dotted path, each returning querysets of the rows that say so."""
    paths = settings.MENTOR_PAUSE_SOURCES
    return _any(rows for path in paths for rows in import_string(path)(client=client, since=since, until=until))


def use_reported(*, client: Any, since: Any, recovery: Any, until: Any) -> Q:
    """Whether anything recorded after the review at `since` reports use in the recovery time that it found."""
    return _any(use_reports.reports(client=client, since=since, recovery=recovery, until=until))


def from_case_record(*, client: Any, since: Any, until: Any) -> list[QuerySet[Any]]:
    """Assessments and calls that tell of danger, since the review or not followed by an evaluation of safety."""
    high = LevelOfCareAssessment.objects.filter(client=client, assessed_at__lt=until).filter(
        Q(suicidal_intent=True) | Q(suicidal_behavior=True)
    )
    told = Inquiry.objects.filter(
        client=client, taken_at__lt=until, danger_signs__contains=[Inquiry.DangerSign.SUICIDE]
    )
    return [
        high.filter(Q(assessed_at__gt=since) | ~_evaluated("assessed_at")),
        told.filter(Q(taken_at__gt=since) | ~_evaluated("taken_at")),
    ]


def _evaluated(at: str) -> Exists:
    """Whether a clinician evaluated the client's safety at the moment in the field `at` or later."""
    return Exists(SafetyEvaluation.objects.filter(client=OuterRef("client"), evaluated_at__gte=OuterRef(at)))


def _any(found: Any) -> Q:
    return reduce(or_, (Q(Exists(rows)) for rows in found))

"""Evidence of use on record: a recorded return to use, or a report in an assessment, a call or a measure.

A report needs someone to look into it; it changes no date and confirms nothing.

One owner: all code that needs it calls `reports`. Apps above this one cannot be imported; settings.USE_REPORT_SOURCES
lists functions by dotted path. Each takes `client`, `since`, `recovery`, `until` (values or expressions of an outer
query) and returns a queryset of the rows that report use, so a whole roster is one query.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import DateField, F, Func, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.module_loading import import_string

from cases.models import Inquiry, LevelOfCareAssessment
from staff import recorded


def reports(*, client: Any, since: Any, recovery: Any, until: Any) -> list[QuerySet[Any]]:
    """Rows of every source that report use by `client` in the time since the day `recovery`: recorded or corrected
    after the moment `since`, whatever moment before `until` they tell of."""
    paths = settings.USE_REPORT_SOURCES
    return [import_string(path)(client=client, since=since, recovery=recovery, until=until) for path in paths]


def in_assessments(*, client: Any, since: Any, recovery: Any, until: Any) -> QuerySet[LevelOfCareAssessment]:
    """Placement assessments: use days, use that has not stopped, intoxication, a last use or an overdose in the
    recovery time."""
    of_client = LevelOfCareAssessment.objects.filter(client=client, assessed_at__lt=until)
    rows = recorded.since(of_client, since, at="assessed_at", acts=recorded.ASSESSED)
    rows = rows.annotate(assessed_on=TruncDate("assessed_at"))
    says = Q(use_days__gte=1) | Q(use_stopped=False) | Q(intoxicated=True)
    says &= Q(assessed_on__gte=recovery)
    for name in ("alcohol", "sedative", "opioid", "overdose"):
        rows = rows.annotate(**{f"last_{name}": _days_before("assessed_at", f"days_since_{name}")})
        says |= Q(**{f"last_{name}__gte": recovery})
    return rows.filter(says)


def in_calls(*, client: Any, since: Any, recovery: Any, until: Any) -> QuerySet[Inquiry]:
    """Calls about the client, by anyone, that report use, an overdose or withdrawal in the recovery period."""
    of_client = Inquiry.objects.filter(client=client, taken_at__lt=until)
    rows = recorded.since(of_client, since, at="taken_at", acts=recorded.CALLED)
    rows = rows.annotate(taken_on=TruncDate("taken_at"), last_use=_days_before("taken_at", "days_since_last_use"))
    signs = [Inquiry.DangerSign.OVERDOSE_NOW, Inquiry.DangerSign.WITHDRAWAL]
    return rows.filter(Q(last_use__gte=recovery) | Q(danger_signs__overlap=signs, taken_on__gte=recovery))


def _days_before(moment: str, days: str) -> Func:
    """The day so many days before a moment: in PostgreSQL a date less a number is a date."""
    return Func(
        TruncDate(moment), F(days), template="(%(expressions)s)", arg_joiner=" - ", output_field=DateField(null=True)
    )

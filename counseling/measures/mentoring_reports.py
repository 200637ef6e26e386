"""Measures that pause a peer mentor, for a whole roster at once; named in settings, never imported.

Each function takes values or expressions of an outer query and returns the rows that speak against.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from counseling.codes import Instrument
from counseling.instruments import BAM_SUBSCALES
from counseling.models import Measure
from staff import recorded

from .recording import unanswered_alarms
from .use_reports import above_nought

_RECORDED = ("counseling.record_measure",)


def waits_for_a_screener(*, client: Any, until: Any, since: Any = None) -> QuerySet[Measure]:
    """Answers that require a C-SSRS not completed since, such as question 9 of the PHQ-9.

    With `since`, only those recorded after that moment.
    """
    rows = unanswered_alarms().filter(client=client, taken_at__lt=until)
    return rows if since is None else recorded.since(rows, since, at="taken_at", acts=_RECORDED)


def use_in_measures(*, client: Any, since: Any, recovery: Any, until: Any) -> QuerySet[Measure]:
    """BAMs recorded since the review whose use items (questions 4 to 6) report any day of use, complete or not."""
    taken = Measure.objects.counted().filter(client=client, instrument=Instrument.BAM, taken_at__lt=until)
    rows = recorded.since(taken, since, at="taken_at", acts=_RECORDED)
    rows = rows.annotate(taken_on=TruncDate("taken_at")).filter(taken_on__gte=recovery)
    return rows.filter(above_nought(BAM_SUBSCALES["use"]))

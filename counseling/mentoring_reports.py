"""What measures say that pauses a peer mentor, for a whole roster at once: named in settings, never imported.

Each function takes values or expressions of an outer query and returns querysets of the rows that speak against.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from counseling.codes import Instrument, RiskScreen
from counseling.instruments import BAM_SUBSCALES
from counseling.measures import unanswered_alarms
from counseling.models import Measure, SessionNote


def safety(*, client: Any, since: Any, until: Any) -> list[QuerySet[Any]]:
    """A high C-SSRS since the review, or one that no later one settled; answers that wait for one; notes of high risk.

    A high C-SSRS typed in later for a day before the review is the latest one: the review cannot have known it.
    """
    screens = Measure.objects.counted().filter(instrument=Instrument.CSSRS)
    later = screens.exclude(action="", band="").filter(client=OuterRef("client"), taken_at__gt=OuterRef("taken_at"))
    high = screens.exclude(action="").filter(client=client, taken_at__lt=until)
    return [
        high.filter(Q(taken_at__gt=since) | ~Exists(later)),
        unanswered_alarms().filter(client=client, taken_at__lt=until),
        SessionNote.objects.filter(
            client=client,
            risk_screen=RiskScreen.HIGH,
            discarded_at=None,
            session_started_at__gt=since,
            session_started_at__lt=until,
        ),
    ]


def use_in_measures(*, client: Any, since: Any, recovery: Any, until: Any) -> QuerySet[Measure]:  # noqa: ARG001
    """BAMs since the review whose use items (questions 4 to 6) report any day of use, scored or broken off."""
    rows = Measure.objects.counted().filter(
        client=client, instrument=Instrument.BAM, taken_at__gt=since, taken_at__lt=until
    )
    says = Q()
    for item in BAM_SUBSCALES["use"]:
        answer = Func(F("answers"), Value(item), function="jsonb_extract_path_text", output_field=TextField())
        rows = rows.annotate(**{f"used_{item}": Cast(answer, IntegerField())})
        says |= Q(**{f"used_{item}__gt": 0})
    return rows.filter(says)

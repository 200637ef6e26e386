"""Recent measures that answer questions of a placement assessment; named in settings, never imported.

The C-SSRS screener's questions 4 and 5 ask about intent in the past month, and question 6 about behavior, with its
second half about the past three months (Posner et al. 2011). A screener that was stopped after a “yes” counts for that
answer.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from cases.medical.withdrawal_scores import WithdrawalScore
from cases.models import Client
from cases.models.visibility import not_kept_from
from cases.people.deaths import living
from cases.placement import thresholds
from cases.placement.measured import Measured
from counseling.codes import Instrument
from counseling.instruments import WHEN
from counseling.models import Measure
from counseling.models.measures.measure import HOURLY
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

from .recording import CLOCKS_DIFFER

_TOTALS = {Instrument.CIWA_AR: "ciwa_ar", Instrument.COWS: "cows", Instrument.PHQ9: "phq9"}


@reads
def recent(*, client: Client, now: datetime.datetime, numbers: Mapping[str, int]) -> Reading[list[Measured]]:
    """Measures taken within the clinic's number of hours and days before `now`, in one query."""
    scores = datetime.timedelta(hours=numbers[thresholds.WITHDRAWAL_SCORE_HOURS.key])
    windows = {
        Instrument.CIWA_AR: scores,
        Instrument.COWS: scores,
        Instrument.CSSRS: datetime.timedelta(days=numbers[thresholds.CSSRS_DAYS.key]),
        Instrument.PHQ9: datetime.timedelta(days=numbers[thresholds.PHQ9_DAYS.key]),
    }
    lately = Q()
    for instrument, window in windows.items():
        lately |= Q(instrument=instrument, taken_at__gte=now - window)
    taken = yield from rows(Measure.objects.counted().filter(lately, client=client, taken_at__lte=now + CLOCKS_DIFFER))
    return [
        Measured(
            instrument=measure.instrument,
            name=measure.get_instrument_display(),
            value=measure.result_in_words if measure.is_scored else "stopped after a “yes”",
            at=measure.taken_at,
            page=reverse("counseling:measure", args=[client.pk, measure.pk]),
            inputs=found,
        )
        for measure in taken
        if (found := _inputs(measure))
    ]


@reads
def withdrawal_scores(
    *, reader: StaffMember, since: datetime.datetime, now: datetime.datetime
) -> Reading[list[WithdrawalScore]]:
    """Every CIWA-Ar and COWS since a moment that was not withdrawn, in one query.

    Covers the scores of clients the reader may see, and those the reader recorded about others of the clinic.
    """
    found = yield from rows(query(_scored, by=reader, since=since, until=now + CLOCKS_DIFFER))
    return [
        WithdrawalScore(
            client=measure.client,
            name=measure.get_instrument_display(),
            value=measure.result_in_words,
            at=measure.taken_at,
            recorded_by=measure.recorded_by,
            page=reverse("counseling:measure", args=[measure.client_id, measure.pk]),
            inputs={_TOTALS[Instrument(measure.instrument)]: measure.total or 0},
        )
        for measure in found
    ]


def _scored(by: Any, since: Any, until: Any) -> QuerySet[Measure]:
    seen = Q(client__in=living(Client.objects.visible_to(by)))
    of_clinic = Client.objects.filter(not_kept_from(by, "pk"), clinic=by.clinic_id)
    recorded = Q(recorded_by=by, client__in=living(of_clinic))
    scored = Measure.objects.counted().filter(
        seen | recorded, instrument__in=HOURLY, taken_at__gte=since, taken_at__lte=until, total__isnull=False
    )
    return scored.select_related("client", "recorded_by")


def _inputs(measure: Measure) -> dict[str, bool | int]:
    """The answers that one measure gives, by the names of the assessment's fields."""
    if measure.instrument == Instrument.CSSRS:
        return _screener(measure)
    if measure.total is None:
        return {}
    return {_TOTALS[Instrument(measure.instrument)]: measure.total}


def _screener(measure: Measure) -> dict[str, bool | int]:
    """Each “yes” counts; “no” is known only if the screener was completed."""
    given = measure.answers
    found = {
        "suicidal_intent": bool(given.get("4") or given.get("5")),
        "suicidal_behavior": bool(given.get(WHEN)),
        "suicide_risk_moderate": bool(given.get("3") or (given.get("6") and not given.get(WHEN))),
    }
    return {name: value for name, value in found.items() if value or measure.is_scored}

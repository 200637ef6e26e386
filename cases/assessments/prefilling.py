"""Prefill a placement assessment from the record: the return to use and the care around it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from cases.codes import OPIOIDS, SEDATIVES, Precision, Substance
from cases.models import Client, Relapse
from cases.placement import OnRecord, care, thresholds
from cases.placement import on_record as read
from cases.recovery.spans import days_of_use


def prefilled(*, client: Client, relapse: Relapse | None = None, on_record: OnRecord | None = None) -> dict[str, Any]:
    """Inputs already on record, from the return to use and the care around it, to check with the client.

    If no return to use is named, a recent one counts (placement.care.latest). `on_record` is what a page has already
    read.
    """
    rows = on_record or read(client)
    numbers, returns = rows.numbers, rows.care.returns
    today = client.today
    relapse = relapse or care.latest(today, numbers, returns)
    window = datetime.timedelta(days=numbers[thresholds.LAPSE_WINDOW.key])
    known = _of_use(care.spell_of(relapse, window, returns), today) if relapse is not None else {}
    return known | care.facts(client=client, relapse=relapse, on=today, numbers=numbers, rows=rows.care)


def _of_use(spell: list[Relapse], today: datetime.date) -> dict[str, Any]:
    """Substances, days and overdoses from a return to use and those shortly before it."""
    prefetch_related_objects(spell, "substances")
    last = max(each.ended_on or today for each in spell)
    # A day that is not known answers no question about days.
    ends_known = all(each.ended_on is None or each.ended_precision == Precision.DAY for each in spell)
    span_known = ends_known and all(each.started_precision == Precision.DAY for each in spell)
    substances = sorted({each.substance for part in spell for each in part.substances.all()})
    known: dict[str, Any] = {"substances": substances, "use_stopped": all(each.ended_on is not None for each in spell)}
    known["use_days"] = days_of_use(spell, today)
    if span_known:
        known["span_days"] = (last - min(each.started_on for each in spell)).days + 1
    if ends_known:
        since = (today - last).days
        for name, kinds in (
            ("days_since_alcohol", {Substance.ALCOHOL}),
            ("days_since_sedative", SEDATIVES),
            ("days_since_opioid", OPIOIDS),
        ):
            if kinds.intersection(substances):
                known[name] = since
    overdoses = [each.overdosed_on for each in spell if each.overdosed_on]
    if overdoses:
        known |= {"overdose_since_last_episode": True, "days_since_overdose": (today - max(overdoses)).days}
    return known

"""What counts along with the typed answers: recent measures, and the care on record.

Of two answers the more dangerous one counts. A measure stops counting when it is old (a threshold) or when a clinician
has recorded why it no longer applies; care on record always counts.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cases import safety
from cases.safety import SafetyFact
from staff.reading import Reading, reads, together
from staff.reading import known as known_already

from . import care, measured, thresholds
from .inputs import Inputs, worse
from .measured import Measured

if TYPE_CHECKING:
    from cases.models import Client, LevelOfCareAssessment, MeasureSetAside


@dataclass(frozen=True)
class OnRecord:
    """What a page reads once and passes on: the clinic's numbers, the client's care, the open safety concerns."""

    numbers: dict[str, int]
    care: care.CareRead
    concerns: Sequence[SafetyFact]


@reads
def on_record(client: Client, *, concerns: Sequence[SafetyFact] | None = None) -> Reading[OnRecord]:
    """Read it now. An act asks afresh, under its lock. `concerns` are the open ones, if the page has read them."""
    today = timezone.localdate(timezone=client.clinic.zone)
    found, known_care = yield from together(
        safety.open_concerns.part(client=client, on=today) if concerns is None else known_already(list(concerns)),
        care.read.part(client),
    )
    return OnRecord(thresholds.of(client.clinic), known_care, found)


@dataclass(frozen=True)
class ReadAnswers:
    """The answers that the rules read, and the measures behind them."""

    inputs: Inputs
    measured: tuple[Measured, ...]
    set_aside: tuple[MeasureSetAside, ...]


def known(assessment: LevelOfCareAssessment, rows: OnRecord, now: datetime.datetime) -> ReadAnswers:
    """Everything that is known at a moment for one assessment, saved or still being typed."""
    client, numbers = assessment.client, rows.numbers
    aside = tuple(assessment.measures_set_aside.select_related("by")) if assessment.pk else ()
    standing = tuple(
        each for each in measured.recent(client=client, now=now, numbers=numbers) if not _is_set_aside(each, aside)
    )
    typed = Inputs.of(assessment)
    answers: dict[str, Any] = {}
    for each in standing:
        for name, value in each.inputs.items():
            answers[name] = worse(name, answers.get(name, getattr(typed, name)), value)
    today = timezone.localdate(now, client.zone)
    of_care = care.facts(
        client=client,
        relapse=assessment.relapse,
        on=today,
        numbers=numbers,
        typed=_days_of_use(typed, today),
        rows=rows.care,
    )
    for name, value in of_care.items():
        answers[name] = worse(name, getattr(typed, name), value)
    found = replace(typed, **answers)
    is_evaluated = _is_evaluated(assessment, rows.concerns)
    return ReadAnswers(replace(found, safety_assessed=is_evaluated), _that_count(standing), aside)


def _days_of_use(typed: Inputs, today: datetime.date) -> care.Days | None:
    """First and last day of use as far as the answers say: someone who has not stopped uses today."""
    since = [typed.days_since_alcohol, typed.days_since_sedative, typed.days_since_opioid]
    known = [0] if typed.use_stopped is False else [days for days in since if days is not None]
    if not known:
        return None
    last = today - datetime.timedelta(days=min(min(known), (today - datetime.date.min).days))
    span = min(typed.span_days or 1, (last - datetime.date.min).days + 1)
    return last - datetime.timedelta(days=span - 1), last


def _is_set_aside(measure: Measured, aside: tuple[MeasureSetAside, ...]) -> bool:
    """A clinician excluded this measure, or a later one of the same kind."""
    return any(each.instrument == measure.instrument and measure.at <= each.measured_at for each in aside)


def _is_evaluated(assessment: LevelOfCareAssessment, concerns: Sequence[SafetyFact]) -> bool:
    """Whether the client has no open safety concern, which lifts the lock of rule E2 (cases/safety/concerns.py).

    Answers about danger that are still being typed are not on record, and no one has evaluated them.
    """
    if assessment.pk is None and (assessment.suicidal_intent or assessment.suicidal_behavior):
        return False
    return not concerns


def _that_count(standing: tuple[Measured, ...]) -> tuple[Measured, ...]:
    """The latest of each instrument, and an earlier one if it was worse: thirty scores of one day are not read."""
    found: dict[str, list[Measured]] = {}
    for each in standing:  # the newest first
        own = found.setdefault(each.instrument, [])
        if not own:
            own.append(each)
        elif any(value > own[-1].inputs.get(name, 0) for name, value in each.inputs.items()):
            own[1:] = [each]
    return tuple(each for own in found.values() for each in own)

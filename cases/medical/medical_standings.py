"""Current medical need: the latest decision or medical evaluation.

This module is the one owner: admissions, offers, changes of level and Today all call it. A decision holds until a later
decision or a later medical evaluation, whether that was recorded for the same assessment, another one or a call. An
evaluation holds until a later evaluation or decision. If only an evaluation is needed, a medical provider's signed
session note is enough. A need expires if no one has evaluated it for the clinic's number of days; each evaluation
restarts the clock.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client, Inquiry, LevelOfCareAssessment, MedicalEvaluation
from cases.placement.thresholds import NEED_DAYS
from staff.models.clinic import MedicalIntensity
from staff.reading import Reading, Reads, each, known, reads, rows

from .withdrawal_scores import WithdrawalScore


@dataclass(frozen=True)
class MedicalNeed:
    """A medical need, since when, and its source: a decision, an evaluation, a call or a score."""

    need: MedicalIntensity
    since: datetime.datetime
    assessment: LevelOfCareAssessment | None = None
    inquiry: Inquiry | None = None
    evaluation: MedicalEvaluation | None = None
    score: WithdrawalScore | None = None

    @property
    def client_id(self) -> int | None:
        """The client, or None for an unlinked caller."""
        about = self.score or self.assessment or self.inquiry
        return about.client_id if about else None

    @property
    def whose(self) -> tuple[int | None, int | None]:
        """The client, or the call of someone who is no one's client yet."""
        return _person(self.client_id, self.inquiry.pk if self.inquiry else None)


@reads
def standing(
    client: Client | None, *, assessment: LevelOfCareAssessment | None = None, inquiry: Inquiry | None = None
) -> Reading[MedicalNeed | None]:
    """What a client needs medically now, or None. Without a client, what the caller needs.

    `assessment` is the one an act is based on: it counts at any age, unless a later one was decided.
    """
    clinic = client.clinic if client is not None else inquiry.clinic if inquiry is not None else None
    if clinic is None:
        raise TypeError("A medical need must belong to a client or a caller.")
    since = timezone.now() - datetime.timedelta(days=NEED_DAYS.for_clinic(clinic))
    starts: list[MedicalNeed] = []
    if client is not None:
        decided = LevelOfCareAssessment.objects.filter(client=client, decided_at__isnull=False)
        counts = Q(decided_at__gte=since) | Q(pk=assessment.pk if assessment else None)
        last = yield from rows(decided.filter(counts).order_by("-decided_at", "-pk")[:1])
        starts += map(decided_need, last)
        about = Q(whose=client.pk)
    else:
        about = Q(inquiry=inquiry)
    since = min([since, *(start.since for start in starts)])
    recorded = yield from rows(MedicalEvaluation.objects.with_whose().filter(about, at__gte=since))
    found = yield from as_they_stand.part(starts, recorded)
    return found[0] if found else None


def decided_need(assessment: LevelOfCareAssessment) -> MedicalNeed:
    """The need as decided."""
    assert assessment.decided_at is not None
    return MedicalNeed(MedicalIntensity(assessment.decided_medical or 0), assessment.decided_at, assessment)


@reads
def as_they_stand(starts: Sequence[MedicalNeed], recorded: Iterable[MedicalEvaluation]) -> Reading[list[MedicalNeed]]:
    """Current needs after medical providers' evaluations, including needs that come from an evaluation alone.

    `starts` are decisions that no later one replaced, plus what was seen or heard since. `recorded` are evaluations
    `with_whose`, including every later one about each person. At most one query beyond those.
    """
    in_order = sorted(recorded, key=lambda each: (each.at, each.pk))
    last = {_person(each.whose, each.inquiry_id): each for each in in_order}  # type: ignore[attr-defined]  # with_whose
    found: list[MedicalNeed] = []
    told: set[int] = set()
    for start in starts:
        evaluation = last.get(start.whose)
        if evaluation is None or evaluation.at < start.since:
            found.append(start)
        elif evaluation.pk not in told:  # one that answers two needs of a person says what is needed once
            told.add(evaluation.pk)
            found.append(_recorded(evaluation, start))
    alone = (each for each in last.values() if each.pk not in told)
    found += [_recorded(each) for each in alone if not each.was_decided_since]  # type: ignore[attr-defined]
    return (yield from _after_sessions(found))


def _person(client_id: int | None, inquiry_id: int | None) -> tuple[int | None, int | None]:
    return (client_id, None) if client_id is not None else (None, inquiry_id)


def _recorded(evaluation: MedicalEvaluation, start: MedicalNeed | None = None) -> MedicalNeed:
    return MedicalNeed(
        MedicalIntensity(evaluation.need),
        evaluation.at,
        evaluation.assessment or (start.assessment if start else None),
        evaluation.inquiry or (start.inquiry if start else None),
        evaluation,
    )


def _after_sessions(needs: Sequence[MedicalNeed]) -> Reading[list[MedicalNeed]]:
    """A medical provider's signed session note since then counts as the required evaluation."""
    asked = [need for need in needs if need.need == MedicalIntensity.EVALUATION and need.client_id is not None]
    if not asked:
        return list(needs)
    clients, since = {need.client_id for need in asked}, min(need.since for need in asked)
    latest: dict[int, datetime.datetime] = {}
    sources = [import_string(path) for path in settings.MEDICAL_CONTACTS]
    for contacts in (yield from each(_asked(source, clients=clients, since=since) for source in sources)):
        for client_id, at in contacts:
            latest[client_id] = max(at, latest.get(client_id, at))
    return [_met(need, latest) for need in needs]


def _asked(source: Any, **asked: Any) -> Reading[list[tuple[int, datetime.datetime]]]:
    return source.part(**asked) if isinstance(source, Reads) else known(list(source(**asked)))


def _met(each: MedicalNeed, latest: dict[int, datetime.datetime]) -> MedicalNeed:
    if each.need != MedicalIntensity.EVALUATION or each.client_id is None:
        return each
    seen = latest.get(each.client_id)
    return each if seen is None or seen < each.since else replace(each, need=MedicalIntensity.NONE, since=seen)

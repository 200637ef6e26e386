"""Withdrawal scores high enough to need a medical provider, before any assessment.

Scores are kept by an app above this one. settings.WITHDRAWAL_SCORES lists its functions by dotted path, each taking
`clients` and `everyone` (querysets), `recorded_by`, `since` and `now`, and returning the scores of that time: those of
the clients, and of everyone those that this member of the staff recorded. Which score is dangerous the rules of
placement say (W1 and W2 of the CIWA-Ar, W5 of the COWS), by the clinic's numbers.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from cases import placement
from cases.models import Client
from cases.placement import thresholds
from cases.placement.inputs import Inputs
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.reading import Reading, Reads, each, known, reads


@dataclass(frozen=True)
class WithdrawalScore:
    """One score: whose, which, what it came to in words, when, by whom, and the answer of placement that it gives."""

    client: Client
    name: str  # as people call it, e.g. “CIWA-Ar”
    value: str  # in words, e.g. “21, severe”
    at: datetime.datetime
    recorded_by: StaffMember
    page: str
    inputs: Mapping[str, int]

    @property
    def client_id(self) -> int:
        """Whose it is."""
        return self.client.pk


@reads
def dangerous(
    *,
    clients: QuerySet[Client],
    everybody: QuerySet[Client],
    recorded_by: StaffMember,
    now: datetime.datetime,
    numbers: dict[str, int],
) -> Reading[list[tuple[WithdrawalScore, MedicalIntensity]]]:
    """Scores that ask for at least a medical evaluation, while they count as measured, with the need.

    Those of these clients, and of everyone those that one member of the staff recorded.
    `numbers` are the clinic's (placement.thresholds). A score that is older than they say says nothing of now.
    """
    since = now - datetime.timedelta(hours=numbers[thresholds.WITHDRAWAL_SCORE_HOURS.key])
    known_scores = yield from each(
        _asked(import_string(path), clients=clients, everybody=everybody, recorded_by=recorded_by, since=since, now=now)
        for path in settings.WITHDRAWAL_SCORES
    )
    scores = [score for own in known_scores for score in own]
    found = [(score, placement.evaluate(Inputs(**score.inputs), numbers).floor_medical) for score in scores]
    return [(score, need) for score, need in found if need >= MedicalIntensity.EVALUATION]


def _asked(source: Any, **asked: Any) -> Reading[list[WithdrawalScore]]:
    return source.part(**asked) if isinstance(source, Reads) else known(list(source(**asked)))

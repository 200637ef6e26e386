"""Withdrawal scores high enough to need a medical provider, before any assessment.

An app above this one keeps the scores. settings.WITHDRAWAL_SCORES lists its functions by dotted path. Each takes
`reader`, `since` and `now`, and returns the scores from that time, of people who are alive: those of clients the reader
may see, and those the reader recorded about others of the clinic. The placement rules decide which scores are dangerous
(W1 and W2 for the CIWA-Ar, W5 for the COWS), by the clinic's numbers.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
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
    """One score: client, instrument, result in words, time, author, and the placement answer it gives."""

    client: Client
    name: str  # as people call it, e.g. “CIWA-Ar”
    value: str  # in words, e.g. “21, severe”
    at: datetime.datetime
    recorded_by: StaffMember
    page: str
    inputs: Mapping[str, Any]

    @property
    def client_id(self) -> int:
        """Whose it is."""
        return self.client.pk


@reads
def dangerous(
    *, reader: StaffMember, now: datetime.datetime, numbers: dict[str, int]
) -> Reading[list[tuple[WithdrawalScore, MedicalIntensity]]]:
    """Current scores that require at least a medical evaluation, each with the need.

    Of clients the reader may see, and those the reader recorded about others. `numbers` are the clinic's
    (placement.thresholds). A score older than their limit no longer counts.
    """
    since = now - datetime.timedelta(hours=numbers[thresholds.WITHDRAWAL_SCORE_HOURS.key])
    known_scores = yield from each(
        _asked(import_string(path), reader=reader, since=since, now=now) for path in settings.WITHDRAWAL_SCORES
    )
    scores = [score for own in known_scores for score in own]
    found = [(score, placement.evaluate(Inputs(**score.inputs), numbers).floor_medical) for score in scores]
    return [(score, need) for score, need in found if need >= MedicalIntensity.EVALUATION]


def _asked(source: Any, **asked: Any) -> Reading[list[WithdrawalScore]]:
    return source.part(**asked) if isinstance(source, Reads) else known(list(source(**asked)))

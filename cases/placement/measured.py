"""Recent measures that answer a question of the assessment: the withdrawal scores, the C-SSRS, the PHQ-9.

An app above this one keeps the measures. settings.MEASURED_INPUTS lists its functions by dotted path. Each takes
`client`, `now` and the clinic's `numbers` (placement.thresholds) and returns what is recent enough to count.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Client

DANGER = ("suicidal_intent", "suicidal_behavior")  # what rule E2 locks a decision for


@dataclass(frozen=True)
class Measured:
    """One measure: instrument, result, time, where it is on record, and the answers it gives."""

    instrument: str
    name: str  # as people call it, e.g. “CIWA-Ar”
    value: str  # in words, e.g. “21, severe”
    at: datetime.datetime
    page: str
    inputs: Mapping[str, bool | int]

    @property
    def is_danger(self) -> bool:
        """It found suicidal intent or behavior."""
        return any(self.inputs.get(name) for name in DANGER)

    def as_json(self) -> dict[str, Any]:
        """For keeping with a decision."""
        return {
            "instrument": self.instrument,
            "name": self.name,
            "value": self.value,
            "at": self.at.isoformat(),
            "page": self.page,
            "inputs": dict(self.inputs),
        }


def recent(*, client: Client, now: datetime.datetime, numbers: Mapping[str, int]) -> list[Measured]:
    """Every recent measure of the client that answers a question, the newest first."""
    found: Iterable[Measured] = (
        each
        for path in settings.MEASURED_INPUTS
        for each in import_string(path)(client=client, now=now, numbers=numbers)
    )
    return sorted(found, key=lambda each: each.at, reverse=True)

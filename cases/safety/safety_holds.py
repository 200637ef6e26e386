"""Safety steps required before a session is signed, or care starts, continues or ends.

Apps above this one know of such steps: a PHQ-9 whose question on suicide requires the C-SSRS screener, for example. An
open safety concern (cases/safety/concerns.py) is another. Those apps cannot be imported here; settings.CLOSING_HOLDS
lists their functions by dotted path. Each takes `client` and `on`, a local day, and returns what has been required
since that day or before. Nothing here stops anyone for good: users can continue with a reason, which is stored with
what was closed, started or continued. A danger keeps no one out of care: anyone who may admit can always continue with
a reason, and a step up in care needs none (admissions.change_level_of_care).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Client
from staff.reading import Reading, each, reads
from staff.refusals import Refusal

LONGEST_REASON = 300


@dataclass(frozen=True)
class Hold:
    """One required step: what and since when, in a sentence, and the page to do it on."""

    sentence: str
    page: str
    button: str


class HeldOpen(Refusal):
    """A safety step is required, and no reason was given to continue without it."""

    def __init__(self, holds: list[Hold]) -> None:
        """State each required step in its own sentence."""
        self.holds = holds
        owed = " ".join(hold.sentence for hold in holds)
        super().__init__(f"{owed} Do this first, or say why it can’t be done first.")


@reads
def holds(*, client: Client, on: datetime.date) -> Reading[list[Hold]]:
    """Required safety steps for a client, due since a local day or before, and not done yet."""
    found = yield from each(import_string(path).part(client=client, on=on) for path in settings.CLOSING_HOLDS)
    return [hold for some in found for hold in some]


def require_clearance(owed: list[Hold], because: str) -> None:
    """Continuing without a required step takes a reason. Raises HeldOpen."""
    if owed and not because.strip():
        raise HeldOpen(owed)


def reason_kept(owed: list[Hold], because: str) -> str:
    """The reason to store for continuing; empty if nothing is required."""
    return because.strip()[:LONGEST_REASON] if owed else ""

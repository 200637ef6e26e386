"""Safety steps required before a session is signed, or care starts, continues or ends.

Apps above this one know of such things: a PHQ-9 whose question on suicide asks for the C-SSRS screener. An open safety
concern (cases/safety/concerns.py) is another. They cannot be
imported here; settings.CLOSING_HOLDS lists their functions by dotted path, each taking `client` and `on`, a local day,
and returning what has been owed since that day or before. Nothing here stops anyone for good: whoever goes on says
why, and the reason is kept with what was closed, begun or kept. A danger keeps no one out of care: whoever admits can
always go on by a reason, and a step up in care needs none (admissions.change_level_of_care).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Client
from staff.refusals import Refusal

LONGEST_REASON = 300


@dataclass(frozen=True)
class Hold:
    """One thing that is owed: what and since when, in a sentence, and the page where it is done."""

    sentence: str
    page: str
    button: str


class HeldOpen(Refusal):
    """A safety step is required, and no reason was given to continue without it."""

    def __init__(self, holds: list[Hold]) -> None:
        """Say what is owed, each in its own sentence."""
        self.holds = holds
        owed = " ".join(hold.sentence for hold in holds)
        super().__init__(f"{owed} Do this first, or say why it can’t be done first.")


def holds(*, client: Client, on: datetime.date) -> list[Hold]:
    """Everything owed to a client's safety since a local day or before, and not done yet."""
    return [hold for path in settings.CLOSING_HOLDS for hold in import_string(path)(client=client, on=on)]


def require_clearance(owed: list[Hold], because: str) -> None:
    """Nobody goes on past what is owed without saying why. Raises HeldOpen."""
    if owed and not because.strip():
        raise HeldOpen(owed)


def reason_kept(owed: list[Hold], because: str) -> str:
    """The reason to keep with what is done all the same: empty where nothing is owed."""
    return because.strip()[:LONGEST_REASON] if owed else ""

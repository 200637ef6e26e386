"""How strong craving was, as the client told it between visits: by a private page or in a call after discharge.

Apps above are asked through settings.OWN_REPORT_SOURCES: readings `(client, staff_member) -> list[Told]`. They stand
beside the returns to use and are never counted among them: nothing is predicted from a number that somebody gave once.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Client
from staff.models import StaffMember
from staff.reading import Reading, each, reads

SHOWN = 12  # the latest; what fits beside the rest of the page
STRONGEST = 10


@dataclass(frozen=True)
class Told:
    """One report: `craving` from 0 to 10 or None, and what was said with it."""

    on: datetime.date
    craving: int | None
    words: str
    where: str  # “after a meeting”, “in a follow-up call”
    url: str


@reads
def told(client: Client, *, staff_member: StaffMember) -> Reading[list[Told]]:
    """The latest reports that the person may see, the latest first."""
    sources = [import_string(path) for path in settings.OWN_REPORT_SOURCES]
    found = yield from each(source.part(client=client, staff_member=staff_member) for source in sources)
    said = [one for some in found for one in some if one.craving is not None or one.words]
    return sorted(said, key=lambda one: one.on, reverse=True)[:SHOWN]

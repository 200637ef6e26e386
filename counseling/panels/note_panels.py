"""What apps beside this one show next to the note editor (settings.NOTE_PANELS)."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.models import StaffMember
from staff.reading import Reading, each, reads


@reads
def shown(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[ChartPanel]]:
    """The panels that have something to show this reader."""
    sources = [import_string(path) for path in settings.NOTE_PANELS]
    found = yield from each([source.part(client=client, staff_member=staff_member, now=now) for source in sources])
    return [panel for panel in found if panel is not None]

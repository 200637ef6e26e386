"""What apps above show on the page of a call (settings.INQUIRY_PANELS)."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Inquiry
from cases.panels.chart_panel import ChartPanel
from staff.models import StaffMember
from staff.reading import Reading, each, reads


@reads
def shown(*, inquiry: Inquiry, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[ChartPanel]]:
    """The panels that have something to show this reader."""
    sources = [import_string(path) for path in settings.INQUIRY_PANELS]
    found = yield from each([source.part(inquiry=inquiry, staff_member=staff_member, now=now) for source in sources])
    return [panel for panel in found if panel is not None]

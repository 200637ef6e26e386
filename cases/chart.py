"""What the case record shows on a chart's overview."""

from __future__ import annotations

import datetime

from cases.chart_panel import ChartPanel
from cases.models import Client
from staff.models import StaffMember


def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> ChartPanel | None:  # noqa: ARG001
    """Nothing yet."""
    return None

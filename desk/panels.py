"""The cards of a chart's overview, one from each app that has something to show this reader."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.template.loader import render_to_string

import cases.chart
import cases.chart_call
import cases.chart_care
import counseling.chart
import groups.chart
import privacy.chart
import referrals.chart
import reminders.chart
from cases.chart_panel import ChartPanel
from cases.models import Client
from staff.access import StaffRequest

SOURCES = (
    cases.chart.panel,
    cases.chart_call.panel,
    cases.chart_care.panel,
    counseling.chart.panel,
    groups.chart.panel,
    referrals.chart.panel,
    reminders.chart.panel,
    privacy.chart.panel,
)


@dataclass(frozen=True)
class Card:
    """One panel, rendered."""

    panel: ChartPanel
    html: str


def cards_for(*, client: Client, request: StaffRequest, now: datetime.datetime) -> list[Card]:
    """The cards in their order; an app that this person may not read gives none."""
    panels = [source(client=client, staff_member=request.user, now=now) for source in SOURCES]
    shown = sorted((panel for panel in panels if panel is not None), key=lambda panel: panel.order)
    return [
        Card(panel, render_to_string(panel.template, {"client": client, **panel.context}, request)) for panel in shown
    ]

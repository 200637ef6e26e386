"""The cards of a chart's overview, one from each app that has something to show this reader."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.template import Engine, RequestContext

import cases.panels.chart
import cases.panels.chart_call
import cases.panels.chart_care
import counseling.panels.chart
import groups.chart
import privacy.chart
import referrals.chart
import reminders.chart
from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import StaffRequest

SOURCES = (
    cases.panels.chart.panel,
    cases.panels.chart_call.panel,
    cases.panels.chart_care.panel,
    counseling.panels.chart.panel,
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
    return _rendered(shown, RequestContext(request, {"client": client})) if shown else []


def _rendered(panels: list[ChartPanel], context: RequestContext) -> list[Card]:
    """Render all in one context, so shared data (the rail, the banner) is read once and not for each card."""
    engine = Engine.get_default()
    templates = [engine.get_template(panel.template) for panel in panels]
    cards = []
    with context.bind_template(templates[0]):
        for panel, template in zip(panels, templates, strict=True):
            with context.push(**panel.context):
                cards.append(Card(panel, template.render(context)))
    return cards

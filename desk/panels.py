"""The cards of a chart's overview, one from each app that has something to show this reader."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.template import Engine, RequestContext

import appointments.chart
import appointments.follow_up_panel
import cases.panels.chart
import cases.panels.chart_call
import cases.panels.chart_care
import counseling.panels.chart
import groups.chart
import privacy.chart
import referrals.chart
import referrals.other_help.chart
import reminders.chart
from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import StaffRequest
from staff.models import StaffMember
from staff.reading import Reading, Reads, each, reads

SOURCES: tuple[Reads[..., ChartPanel | None], ...] = (
    cases.panels.chart.panel,
    cases.panels.chart_call.panel,
    cases.panels.chart_care.panel,
    counseling.panels.chart.panel,
    groups.chart.panel,
    appointments.chart.panel,
    referrals.chart.panel,
    referrals.other_help.chart.panel,
    appointments.follow_up_panel.panel,
    reminders.chart.panel,
    privacy.chart.panel,
)


@dataclass(frozen=True)
class Card:
    """One panel, rendered."""

    panel: ChartPanel
    html: str


@reads
def panels_for(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[ChartPanel]]:
    """The panels in their order, read side by side; an app that this person may not read gives none."""
    panels = yield from each(source.part(client=client, staff_member=staff_member, now=now) for source in SOURCES)
    return sorted((panel for panel in panels if panel is not None), key=lambda panel: panel.order)


def cards(panels: list[ChartPanel], *, client: Client, request: StaffRequest) -> list[Card]:
    """Render all in one context, so shared data (the rail, the banner) is read once and not for each card."""
    if not panels:
        return []
    engine, context = Engine.get_default(), RequestContext(request, {"client": client})
    templates = [engine.get_template(panel.template) for panel in panels]
    drawn = []
    with context.bind_template(templates[0]):
        for panel, template in zip(panels, templates, strict=True):
            with context.push(**panel.context):
                drawn.append(Card(panel, template.render(context)))
    return drawn

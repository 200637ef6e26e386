"""Chart panel on recovery: current status, risks, and current triggers and strategies."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, CopingStrategy, Trigger
from cases.models.recovery.learning import Learned, LearnedKind
from cases.recovery import overview, told
from cases.recovery.told import Said
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

from .chart_panel import ChartPanel

_SHOWN = 3
_BY_EVIDENCE = ("-evidence", F("strength").desc(nulls_last=True), "-pk")
_BY_OUTCOME = ("-helped", "-partly", "did_not", "-pk")


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """For people who may see returns to use."""
    if not can(staff_member, Permission.RELAPSE_VIEW):
        return None
    today = timezone.localdate(now, timezone=client.zone)
    triggers = query(
        lambda client, by: (
            Trigger.objects.visible_to(by).filter(client=client).still_true().with_evidence().order_by(*_BY_EVIDENCE)
        ),
        client=client,
        by=staff_member,
    )
    strategies = query(
        lambda client, by: (
            CopingStrategy.objects.visible_to(by)
            .filter(client=client)
            .still_true()
            .with_outcomes()
            .order_by(*_BY_OUTCOME)
        ),
        client=client,
        by=staff_member,
    )
    standing, elsewhere, settled, known_triggers, known_strategies = yield from together(
        overview.of.part(client, staff_member=staff_member, on=today),
        told.elsewhere.part(client, staff_member=staff_member),
        told.settled.part(client),
        rows(triggers),
        rows(strategies),
    )
    everything = told.in_order(client, standing.returns, elsewhere)
    waiting = told.waiting(everything, settled)
    return ChartPanel(
        title="Recovery",
        template="cases/recovery/_panel.html",
        context={
            "client": client,
            "recovery": standing,
            "triggers": _first(known_triggers, LearnedKind.TRIGGER, everything),
            "strategies": _first(known_strategies, LearnedKind.STRATEGY, everything),
            "told_triggers": [*waiting[LearnedKind.TRIGGER], *waiting[LearnedKind.SIGN]][:_SHOWN],
            "told_strategies": waiting[LearnedKind.STRATEGY][:_SHOWN],
            "may_record": can(staff_member, Permission.RELAPSE_RECORD),
        },
        url=reverse("cases:relapses", args=[client.pk]),
        order=10,
    )


def _first(listed: Sequence[Learned], kind: LearnedKind, everything: list[Said]) -> list[Learned]:
    """The first few, and beside them what notes have linked since, the latest first, each with where it came up."""
    came_up: dict[int, list[Said]] = {}
    for each in everything:
        if each.item is not None and each.kind == kind:
            came_up.setdefault(each.item, []).append(each)
    for row in listed:
        row.came_up = came_up.get(row.pk, [])  # type: ignore[attr-defined]
    others = [row for row in listed[_SHOWN:] if row.pk in came_up]
    latest_first = sorted(others, key=lambda row: came_up[row.pk][0].on, reverse=True)
    return [*listed[:_SHOWN], *latest_first[:_SHOWN]]

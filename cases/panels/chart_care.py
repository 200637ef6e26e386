"""Chart panel on current care: program, level, start date and care team."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember, Client, LevelOfCarePeriod, TreatmentEpisode
from cases.teds import data_sets
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

from .chart_panel import ChartPanel


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """For people who may see episodes."""
    if not can(staff_member, Permission.EPISODE_VIEW):
        return None
    today = timezone.localdate(now, client.zone)
    stays, on_team = yield from together(
        rows(query(_stays, client=client, by=staff_member)),
        rows(
            query(
                lambda client: CareTeamMember.objects.current().filter(client=client).select_related("staff_member"),
                client=client,
            )
        ),
    )
    opened = [
        {
            "episode": row,
            "day": (today - row.admitted_on).days + 1,
            "level": next(iter(row.level_of_care_periods.all()), None),
            "data_sets": data_sets.standing(row),
        }
        for row in stays
        if row.is_open
    ]
    last = None if opened or not stays else stays[0]
    return ChartPanel(
        title="In care" if opened else "Care",
        template="cases/episodes/_panel.html",
        context={
            "opened": opened,
            "last": last,
            "last_data_sets": data_sets.standing(last) if last else [],
            "episodes": len(stays),
            "team": on_team,
            "may_admit": can(staff_member, Permission.EPISODE_ADMIT),
        },
        url=reverse("cases:episodes", args=[client.pk]),
        order=5,
    )


def _stays(client: Any, by: Any) -> QuerySet[TreatmentEpisode]:
    current = LevelOfCarePeriod.objects.filter(ends_at=None)
    episodes = TreatmentEpisode.objects.visible_to(by).filter(client=client).select_related("program")
    episodes = episodes.prefetch_related(Prefetch("level_of_care_periods", current), data_sets.with_data_sets())
    return episodes.order_by("-admitted_on", "-pk")

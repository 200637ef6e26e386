"""Chart panel on current care: program, level, start date and care team."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import CareTeamMember, Client, LevelOfCarePeriod, TreatmentEpisode
from cases.teds import data_sets
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, each, query, reads, rows, together

from .chart_panel import ChartPanel


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """For people who may see episodes."""
    if not can(staff_member, Permission.EPISODE_VIEW):
        return None
    today = timezone.localdate(now, client.zone)
    stays, on_team, beside = yield from together(
        rows(query(_stays, client=client, by=staff_member)),
        rows(
            query(
                lambda client: (
                    CareTeamMember.objects.current()
                    .filter(client=client)
                    .select_related("staff_member__supervisor", "covers_for")
                ),
                client=client,
            )
        ),
        each([import_string(path).part(client=client, on=today) for path in settings.CARE_TEAM_SOURCES]),
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
            "team": [*map(_member, on_team), *_supervising(on_team), *(line for more in beside for line in more)],
            "may_admit": can(staff_member, Permission.EPISODE_ADMIT),
        },
        url=reverse("cases:episodes", args=[client.pk]),
        order=5,
    )


@dataclass(frozen=True)
class TeamLine:
    """Somebody who works with the client, and how. Apps above add theirs (settings.CARE_TEAM_SOURCES)."""

    name: str
    relation: str


def _member(row: CareTeamMember) -> TeamLine:
    relation = row.get_part_display().lower()
    if row.covers_for is not None:
        relation = f"covering for {row.covers_for}"
    if row.ends_at is not None:
        relation += f" until {timezone.localtime(row.ends_at):%b %-d, %-I:%M %p}"
    return TeamLine(row.staff_member.signature_name, relation)


def _supervising(rows: Sequence[CareTeamMember]) -> list[TeamLine]:
    """Who supervises the primary counselor."""
    leads = [row.staff_member for row in rows if row.part == CareTeamMember.Part.PRIMARY]
    found = {lead.supervisor.pk: lead.supervisor for lead in leads if lead.supervisor and lead.supervisor.is_active}
    return [TeamLine(each.signature_name, "supervising") for each in found.values()]


def _stays(client: Any, by: Any) -> QuerySet[TreatmentEpisode]:
    current = LevelOfCarePeriod.objects.filter(ends_at=None)
    episodes = TreatmentEpisode.objects.visible_to(by).filter(client=client).select_related("program")
    episodes = episodes.prefetch_related(Prefetch("level_of_care_periods", current), data_sets.with_data_sets())
    return episodes.order_by("-admitted_on", "-pk")

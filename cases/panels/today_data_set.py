"""Today items for missing admission data."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.data_set_codes import Point
from cases.episodes import earlier_stays
from cases.models import CareTeamMember, EpisodeDataSet, TreatmentEpisode
from cases.teds.data_sets import EXPECTED_AFTER
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows

SHOWN = 10


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """For the primary counselor of clients in care, longest wait first."""
    if not can(staff_member, Permission.EPISODE_ADMIT):
        return []
    days = datetime.timedelta(days=EXPECTED_AFTER.for_clinic(staff_member.clinic))
    today = timezone.localdate(now, timezone=staff_member.clinic.zone)
    found = yield from rows(query(_without_data, by=staff_member, until=today - days))
    return [
        Need(
            urgency=Urgency.SOON,
            title="Record admission data",
            detail=f"{episode.program}, admitted {episode.admitted_on:%b %-d}",
            url=reverse("cases:data_set", args=[episode.client_id, episode.pk, Point.ADMISSION]),
            button="Record",
            icon="list-checks",
            due=episode.admitted_on + days,
            client_name=episode.client.full_name,
            kind="TEDS data",
        )
        for episode in found
    ]


def _without_data(by: Any, until: Any) -> QuerySet[TreatmentEpisode]:
    own = CareTeamMember.objects.current().led_by(by)
    recorded = EpisodeDataSet.objects.filter(episode=OuterRef("pk"), point=Point.ADMISSION)
    return (
        earlier_stays.treatment(TreatmentEpisode.objects.visible_to(by))
        .open()
        .filter(~Exists(recorded), client__in=own.values("client"), client__merged_into=None)
        .filter(admitted_on__lte=until)
        .select_related("client", "program")
        .order_by("admitted_on", "pk")[:SHOWN]
    )

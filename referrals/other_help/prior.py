"""Earlier referrals to places for the carry-over of a new episode (cases/carry_over_source.py, CARRY_OVER_SOURCES)."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cases.carry_over_source import CarryOverSource
from cases.models import Client, TreatmentEpisode
from referrals.models import ServiceReferral
from staff.days import day_in_words
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

_MOST = 20  # the latest; a board is gone through in one sitting


@reads
def before(
    *, episodes: Sequence[TreatmentEpisode], to_count: bool = False
) -> Reading[dict[int, list[CarryOverSource]]]:
    """Each referral from before an episode, with what came of it in words: by episode, in one statement."""
    clients = sorted({episode.client_id for episode in episodes})
    made, zones = yield from together(
        rows(query(_made, clients=clients, to_count=to_count)),
        rows(
            query(
                lambda clients: Client.objects.filter(IsOneOf("pk", clients)).values_list("pk", "clinic__time_zone"),
                clients=clients,
            )
        ),
    )
    made_for: dict[int, list[ServiceReferral]] = defaultdict(list)
    for referral in made:
        made_for[referral.client_id].append(referral)
    zone_of = {client: zoneinfo.ZoneInfo(zone) for client, zone in zones}
    return {
        episode.pk: _earlier(episode, made_for[episode.client_id], zone_of[episode.client_id], to_count=to_count)
        for episode in episodes
    }


def _made(clients: Any, to_count: bool) -> QuerySet[ServiceReferral]:
    made = ServiceReferral.objects.filter(IsOneOf("client", clients))
    if to_count:
        return made.only("client", "episode", "made_at")
    return made.with_state().select_related("place")


def _earlier(
    episode: TreatmentEpisode, made: Sequence[ServiceReferral], zone: zoneinfo.ZoneInfo, *, to_count: bool
) -> list[CarryOverSource]:
    begun = datetime.datetime.combine(episode.admitted_on, datetime.time(), tzinfo=zone)
    earlier = (each for each in made if each.made_at < begun and each.episode_id != episode.pk)
    if to_count:
        return [CarryOverSource(_key(each), "") for each in islice(earlier, _MOST)]
    return [
        CarryOverSource(
            key=_key(each),
            wording=str(each)[:300],
            detail=_came_of_it(each)[:300],
            url=reverse("referrals:service", args=[episode.client_id, each.pk]),
            origin_episode_id=each.episode_id,
        )
        for each in islice(earlier, _MOST)
    ]


def _key(referral: ServiceReferral) -> str:
    return f"service:{referral.pk}"


def _came_of_it(referral: ServiceReferral) -> str:
    said = f"{referral.state_label}, {day_in_words(referral.state_on)}"
    return f"{said}: {referral.answer}" if referral.answer else said

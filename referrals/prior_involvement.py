"""Mutual-help history for the carry-over of a new episode (cases/carry_over_source.py, settings.CARRY_OVER_SOURCES)."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cases.carry_over_source import CarryOverSource
from cases.models import Client, TreatmentEpisode
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

from .involvement import in_words
from .models import Involvement, Referral, Tie

_MOST = 20  # the latest referrals; a board is gone through in one sitting


@reads
def before(
    *, episodes: Sequence[TreatmentEpisode], to_count: bool = False
) -> Reading[dict[int, list[CarryOverSource]]]:
    """Sponsors and home groups, the last involvement for each fellowship by client report, and each referral's outcome.

    By episode, as each one's admission found it: one statement, however many episodes are asked about.
    """
    clients = sorted({episode.client_id for episode in episodes})
    ties, answers, offered, zones = yield from together(
        rows(query(_tied, clients=clients)),
        rows(query(_told, clients=clients, to_count=to_count)),
        rows(query(_offered, clients=clients, to_count=to_count)),
        rows(
            query(
                lambda clients: Client.objects.filter(IsOneOf("pk", clients)).values_list("pk", "clinic__time_zone"),
                clients=clients,
            )
        ),
    )
    tied_to: dict[int, list[Tie]] = defaultdict(list)
    for tie in ties:
        tied_to[tie.client_id].append(tie)
    answered_by: dict[int, list[Involvement]] = defaultdict(list)
    for row in answers:
        answered_by[row.client_id].append(row)
    offered_to: dict[int, list[Referral]] = defaultdict(list)
    for referral in offered:
        offered_to[referral.client_id].append(referral)
    zone_of = {client: zoneinfo.ZoneInfo(zone) for client, zone in zones}
    return {
        episode.pk: [
            *_ties(episode, tied_to[episode.client_id], zone_of[episode.client_id]),
            *_involved(episode, answered_by[episode.client_id], to_count=to_count),
            *_referred(episode, offered_to[episode.client_id], zone_of[episode.client_id], to_count=to_count),
        ]
        for episode in episodes
    }


def _tied(clients: Any) -> QuerySet[Tie]:
    return Tie.objects.standing().filter(IsOneOf("client", clients)).with_lead()


def _told(clients: Any, to_count: bool) -> QuerySet[Involvement]:
    told = Involvement.objects.filter(IsOneOf("client", clients)).order_by("fellowship", "-on", "-pk")
    return told.only("client", "fellowship", "on") if to_count else told


def _offered(clients: Any, to_count: bool) -> QuerySet[Referral]:
    referrals = Referral.objects.filter(IsOneOf("client", clients))
    if to_count:
        return referrals.only("client", "episode", "offered_at")
    return referrals.with_state().with_lead()


def _ties(episode: TreatmentEpisode, ties: Iterable[Tie], zone: zoneinfo.ZoneInfo) -> Iterator[CarryOverSource]:
    """Those that began before this episode, or were on record before it."""
    for tie in ties:
        begun = tie.since or tie.recorded_at.astimezone(zone).date()
        if begun >= episode.admitted_on:
            continue
        yield CarryOverSource(
            key=f"tie:{tie.pk}",
            wording=str(tie)[:300],
            detail=f"{tie.get_fellowship_display()}, {tie.span or 'by client report'}",
            url=reverse("referrals:client_referrals", args=[episode.client_id]),
        )


def _involved(
    episode: TreatmentEpisode, answers: Iterable[Involvement], *, to_count: bool
) -> Iterator[CarryOverSource]:
    told = [row for row in answers if row.on < episode.admitted_on]
    for _, same in groupby(told, key=lambda row: row.fellowship):
        row = next(same)
        key = f"involvement:{row.pk}"
        if to_count:
            yield CarryOverSource(key, "")
            continue
        yield CarryOverSource(
            key=key,
            wording=f"{row.get_fellowship_display() or 'Mutual help'}, by client report",
            detail=in_words(row),
            url=reverse("referrals:client_referrals", args=[episode.client_id]),
        )


def _referred(
    episode: TreatmentEpisode, offered: Iterable[Referral], zone: zoneinfo.ZoneInfo, *, to_count: bool
) -> Iterator[CarryOverSource]:
    begun = datetime.datetime.combine(episode.admitted_on, datetime.time(), tzinfo=zone)
    earlier = (each for each in offered if each.offered_at < begun and each.episode_id != episode.pk)
    for referral in islice(earlier, _MOST):
        key = f"referral:{referral.pk}"
        if to_count:
            yield CarryOverSource(key, "")
            continue
        yield CarryOverSource(
            key=key,
            wording=str(referral)[:300],
            detail=f"{referral.state_label}, {referral.state_at.astimezone(zone):%b %-d, %Y}",
            url=reverse("referrals:referral", args=[episode.client_id, referral.pk]),
            origin_episode_id=referral.episode_id,
        )

"""Mutual-help history for the carry-over of a new episode (cases/carry_over_source.py, settings.CARRY_OVER_SOURCES)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from django.urls import reverse

from cases.carry_over_source import CarryOverSource
from cases.models import TreatmentEpisode

from .models import Involvement, Referral

_MOST = 20  # the latest referrals; a board is gone through in one sitting


def before(*, episodes: Sequence[TreatmentEpisode]) -> dict[int, list[CarryOverSource]]:
    """The last involvement in each fellowship by client report, and each referral with its outcome.

    By episode, as of each admission: two queries, however many episodes.
    """
    clients = {episode.client_id for episode in episodes}
    answers: dict[int, list[Involvement]] = defaultdict(list)
    for row in Involvement.objects.filter(client__in=clients).order_by("fellowship", "-on", "-pk"):
        answers[row.client_id].append(row)
    offered: dict[int, list[Referral]] = defaultdict(list)
    for referral in Referral.objects.filter(client__in=clients).with_state().select_related("meeting"):
        offered[referral.client_id].append(referral)
    return {
        episode.pk: [*_involved(episode, answers[episode.client_id]), *_referred(episode, offered[episode.client_id])]
        for episode in episodes
    }


def _involved(episode: TreatmentEpisode, answers: Iterable[Involvement]) -> Iterator[CarryOverSource]:
    told = [row for row in answers if row.on < episode.admitted_on]
    for _, rows in groupby(told, key=lambda row: row.fellowship):
        row = next(rows)
        yield CarryOverSource(
            key=f"involvement:{row.pk}",
            wording=f"{row.get_fellowship_display() or 'Mutual help'}, by client report",
            detail=_involvement(row),
            url=reverse("referrals:client_referrals", args=[episode.client_id]),
        )


def _referred(episode: TreatmentEpisode, offered: Iterable[Referral]) -> Iterator[CarryOverSource]:
    zone = episode.client.clinic.zone
    begun = datetime.datetime.combine(episode.admitted_on, datetime.time(), tzinfo=zone)
    earlier = (each for each in offered if each.offered_at < begun and each.episode_id != episode.pk)
    for referral in islice(earlier, _MOST):
        yield CarryOverSource(
            key=f"referral:{referral.pk}",
            wording=str(referral)[:300],
            detail=f"{referral.state_label}, {referral.state_at.astimezone(zone):%b %-d, %Y}",
            url=reverse("referrals:referral", args=[episode.client_id, referral.pk]),
            origin_episode_id=referral.episode_id,
        )


def _involvement(row: Involvement) -> str:
    words = {field.name: str(field.verbose_name) for field in row._meta.fields}
    said = [words[name] for name in Involvement.QUESTIONS if getattr(row, name)]
    if row.meetings_past_30_days is not None:
        said.insert(0, f"{row.meetings_past_30_days} meetings in 30 days")
    return f"{row.on:%b %-d, %Y}: {'; '.join(said) or 'no part in it'}"[:300]

"""Mutual-help history, told to the carry-over of a new episode (cases/known.py, settings.CARRY_OVER_SOURCES)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.urls import reverse

from cases.known import Known
from cases.models import TreatmentEpisode

from .models import Involvement, Referral

_MOST = 20  # the latest referrals; a board is gone through in one sitting


def before(*, episode: TreatmentEpisode) -> Iterable[Known]:
    """The last involvement for each fellowship by the client's own account; each referral and where it ended up."""
    zone = episode.client.clinic.zone
    begun = datetime.datetime.combine(episode.admitted_on, datetime.time(), tzinfo=zone)
    answers = Involvement.objects.filter(client=episode.client_id, on__lt=episode.admitted_on)
    for row in answers.order_by("fellowship", "-on", "-pk").distinct("fellowship"):
        yield Known(
            key=f"involvement:{row.pk}",
            wording=f"{row.get_fellowship_display() or 'Mutual help'}, by the client's own account",
            detail=_involvement(row),
            url=reverse("referrals:client_referrals", args=[episode.client_id]),
        )
    offered = Referral.objects.filter(client=episode.client_id, offered_at__lt=begun).exclude(episode=episode)
    for referral in offered.with_state().select_related("meeting")[:_MOST]:
        yield Known(
            key=f"referral:{referral.pk}",
            wording=str(referral)[:300],
            detail=f"{referral.state_label}, {referral.state_at.astimezone(zone):%-d %b %Y}",
            url=reverse("referrals:referral", args=[episode.client_id, referral.pk]),
            origin_episode_id=referral.episode_id,
        )


def _involvement(row: Involvement) -> str:
    words = {field.name: str(field.verbose_name) for field in row._meta.fields}
    said = [words[name] for name in Involvement.QUESTIONS if getattr(row, name)]
    if row.meetings_past_30_days is not None:
        said.insert(0, f"{row.meetings_past_30_days} meetings in 30 days")
    return f"{row.on:%-d %b %Y}: {'; '.join(said) or 'no part in it'}"[:300]

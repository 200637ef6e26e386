"""Checks shared by all kinds of plans: an open episode, some text, and only the client's own records."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import TreatmentEpisode
from staff.refusals import Refusal


class PlanEpisodeEnded(Refusal):
    sentence = "This episode has ended. Readmit the client to make a plan."


class SomebodyElses(Refusal):
    sentence = "That record belongs to another client."


class NothingSaid(Refusal):
    sentence = "Fill in at least one part, then save the plan."


def open_episode(episode: TreatmentEpisode) -> TreatmentEpisode:
    """The open episode, locked to keep two people from using the same version number. Raises PlanEpisodeEnded."""
    stored = locked_episode(episode)
    if not stored.is_open:
        raise PlanEpisodeEnded
    return stored


def locked_episode(episode: TreatmentEpisode) -> TreatmentEpisode:
    """The current episode, open or not, locked for writing."""
    episodes = TreatmentEpisode.objects.select_for_update(of=("self",), no_key=True).select_related("client__clinic")
    return episodes.get(pk=episode.pk)


def today_of(episode: TreatmentEpisode) -> datetime.date:
    """The day at the client's clinic."""
    return timezone.localdate(timezone=episode.client.clinic.zone)

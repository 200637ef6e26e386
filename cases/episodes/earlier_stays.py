"""Prior episodes: how many count as prior treatment, and the link from each to the previous one.

One function each; the state's file, the page of the data set and admissions ask them.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from cases.models import Client, LevelOfCarePeriod, TreatmentEpisode
from cases.models.episodes.episode import EpisodeQuerySet

EARLY_INTERVENTION = "0.5"  # before treatment: no treatment episode, and not part of what states report


def is_treatment(periods: Iterable[LevelOfCarePeriod]) -> bool:
    """Whether an episode with these levels of care was treatment at any time. Without a level on record it was."""
    codes = [period.level_code for period in periods]
    return not codes or any(code != EARLY_INTERVENTION for code in codes)


def treatment(episodes: EpisodeQuerySet) -> EpisodeQuerySet:
    """The treatment episodes among these, as a query; `is_treatment` answers the same for one."""
    periods = LevelOfCarePeriod.objects.filter(episode=OuterRef("pk"))
    return episodes.filter(Exists(periods.exclude(level_code=EARLY_INTERVENTION)) | ~Exists(periods))


def treated_on(episode: TreatmentEpisode, zone: datetime.tzinfo) -> datetime.date:
    """The day of admission to treatment: after early intervention (0.5) the day on which it became more."""
    periods = sorted(episode.level_of_care_periods.all(), key=lambda period: period.starts_at)
    more = next((period for period in periods if period.level_code != EARLY_INTERVENTION), None)
    if more is None or more is periods[0]:
        return episode.admitted_on
    return more.starts_at.astimezone(zone).date()


def count(episode: TreatmentEpisode, stays: Collection[TreatmentEpisode], *, zone: datetime.tzinfo) -> int:
    """How many earlier episodes of treatment the client had here (TEDS NOPRIOR, before capping).

    `stays` are all of the client's, with their levels of care loaded; `zone` is the clinic's. Each stay counts from the
    day of its admission to treatment.

    A stay is earlier if it had ended by the day of this admission. Stays that overlap, in two programs at once, are one
    treatment: a second program alongside the first is not a prior episode, and neither is one that overlaps this one.
    """
    began = {each.pk: treated_on(each, zone) for each in (*stays, episode)}

    def place(each: TreatmentEpisode) -> tuple[datetime.date, int]:
        return began[each.pk], each.pk

    def goes_on(earlier: TreatmentEpisode, later: TreatmentEpisode) -> bool:
        return earlier.discharged_on is None or earlier.discharged_on > began[later.pk]

    groups: list[list[TreatmentEpisode]] = []
    for each in sorted(stays, key=place):
        if place(each) >= place(episode) or not is_treatment(each.level_of_care_periods.all()):
            continue
        if groups and any(goes_on(other, each) for other in groups[-1]):
            groups[-1].append(each)
        else:
            groups.append([each])
    return sum(not any(goes_on(each, episode) for each in group) for group in groups)


def links(stays: Iterable[TreatmentEpisode]) -> list[tuple[TreatmentEpisode, TreatmentEpisode | None]]:
    """One person's stays whose link is wrong, each with the stay that began most recently before it."""
    ordered = sorted(stays, key=lambda each: (each.admitted_on, each.pk))
    earlier = [None, *ordered]
    return [
        (each, before)
        for each, before in zip(ordered, earlier, strict=False)
        if each.prior_episode_id != (before.pk if before else None)
    ]


def relink(client: Client) -> None:
    """Link each of a client's episodes to the one that began most recently before it.

    Call this after adding an episode between others: one may be recorded later than it began. The caller holds the
    client's row. cases.merging.merge_conflicts links the episodes of two merged records, which can be undone.
    """
    for episode, before in links(client.episodes.all()):
        episode.prior_episode = before
        episode.save(update_fields=["prior_episode"])


def relink_strays(client: Client) -> None:
    """After an unmerge, make sure no episode points to one of the other person."""
    for episode, before in links(client.episodes.select_related("prior_episode")):
        if episode.prior_episode is not None and episode.prior_episode.client_id != client.pk:
            episode.prior_episode = before
            episode.save(update_fields=["prior_episode"])

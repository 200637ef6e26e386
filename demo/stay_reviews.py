"""Reviews of stays over the years, written in bulk: each on the day it was due, by who led the care."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

from cases.episodes import review_thresholds
from cases.models import ContinuedStayReview, LevelOfCarePeriod
from staff.models.clinic import Setting

from .lives import DAY, Life

Outcome = ContinuedStayReview.Outcome
STAYS = (
    "Uses the groups and comes on time. Cravings still most evenings; not yet safe with less.",
    "Goals one and two are moving. The home situation has not been settled, so this level goes on.",
    "Sleeping better, first weekend at home went as planned. The next step needs the work plan first.",
    "Mood and withdrawal are steady. Two of the three high-risk situations have been practiced.",
    "Medication as prescribed, all visits kept. Wants to keep the present rhythm until the job starts.",
)
MOVES = "Reached what this level was for: safe evenings at home, and a plan for each trigger."
LEAVES = "Goals met, the plan against a return to use is written and practiced, and follow-up visits are booked."
AUTHORIZED = 14  # days that a payer authorizes at a time, for residential and hospital care


def review_stays(lives: Sequence[Life], *, now: datetime.datetime, chance: random.Random) -> int:
    """Every stay reviewed at the clinic's interval until it ended or until now; a few of today's are still open."""
    counselors = {episode.pk: life.counselor for life in lives for episode in life.episodes}
    periods = list(
        LevelOfCarePeriod.objects.filter(episode__in=counselors).select_related("episode").order_by("starts_at", "pk")
    )
    last = {period.episode_id: period.pk for period in periods}
    written: list[ContinuedStayReview] = []
    for period in periods:
        days = review_thresholds.interval_of(period.level_code).default
        asks = period.setting >= Setting.RESIDENTIAL
        until = period.ends_at or now
        at = period.starts_at + DAY * days + datetime.timedelta(hours=11)
        while at < until:
            if period.ends_at is None and at + DAY * 3 > now and chance.random() < 0.3:
                break  # due these days, and not done yet
            outcome, reason = Outcome.CONTINUE, chance.choice(STAYS)
            if period.ends_at is not None and at + DAY * days >= until:
                if last[period.episode_id] != period.pk:
                    outcome, reason = Outcome.CHANGE, MOVES
                elif period.episode.discharge_planned:
                    outcome, reason = Outcome.DISCHARGE, LEAVES
            written.append(
                ContinuedStayReview(
                    period=period,
                    outcome=outcome,
                    reason=reason,
                    reviewed_at=at,
                    reviewed_by=counselors[period.episode_id],
                    next_review_on=(at + DAY * days).date(),
                    authorized_through=(at + DAY * AUTHORIZED).date() if asks else None,
                )
            )
            at += DAY * days
    ContinuedStayReview.objects.bulk_create(written, batch_size=1000)
    return len(written)

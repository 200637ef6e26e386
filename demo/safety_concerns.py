"""Safety concerns: one evaluated, with its next check due soon, and one from this morning that needs a clinician."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cases import safety
from counseling import measures

from .lives import DAY, Life

HIGH = {"1": 1, "2": 1, "3": 1, "4": 1, "5": 0, "6": 0}  # question 4: some intent to act


def ask_some(lives: Sequence[Life], *, now: datetime.datetime) -> int:
    """Screen two of the first counselor's clients in care, other than the story's. Returns how many were high."""
    here = [life for life in lives[3:] if life.open_episode and life.counselor == lives[0].counselor]
    chosen = [life for life in here if _since(life) < now - DAY * 6][:2]
    for life, at in zip(chosen, (now - DAY * 4, now - datetime.timedelta(hours=1)), strict=False):
        measures.record(
            client=life.client,
            instrument="c-ssrs",
            answers=HIGH,
            by=life.counselor,
            taken_at=at,
            episode=life.open_episode,
        )
    for life in chosen[:1]:
        today = now.astimezone(life.client.clinic.zone).date()
        safety.evaluate(
            client=life.client,
            found="Thoughts of dying when alone at night, no plan. Wants to be there for the sister’s wedding.",
            done="Safety plan gone through together, medication stays with the partner, 988 saved in the phone.",
            next_check_on=today + DAY,
            evaluated_at=now - DAY * 4 + datetime.timedelta(minutes=30),
            by=life.counselor,
        )
    return len(chosen)


def _since(life: Life) -> datetime.datetime:
    assert life.open_episode is not None
    return datetime.datetime.combine(life.open_episode.admitted_on, datetime.time.max, life.client.clinic.zone)

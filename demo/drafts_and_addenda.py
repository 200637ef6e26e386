"""Unfinished work after sessions: drafts, most of them complete, and addenda to signed notes."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import notes, signing
from counseling.codes import GoalStatus, Modality, RiskScreen
from counseling.models import Goal, SessionNote

from . import words
from .lives import DAY, Life

SESSION = datetime.timedelta(minutes=50)
CORRECTIONS = (
    ("The next session is on Thursday, not on Tuesday.", "Wrong day"),
    ("His sister was there for the last ten minutes, with his consent.", "Left out"),
    ("Craving was rated 4 of 10 at the end of the session.", "Misheard"),
)


def draft_some(lives: Sequence[Life], chance: random.Random, *, now: datetime.datetime) -> int:
    """A few drafts of yesterday and today: most are finished and only wait for their signature, some are just begun."""
    here = [life for life in lives if life.open_episode]
    chosen = chance.sample(here, min(9, len(here)))
    for place, life in enumerate(chosen):
        assert life.open_episode is not None
        notes.start(
            client=life.client,
            episode=life.open_episode,
            format="dap",
            by=life.counselor,
            **(_finished(life, life.open_episode, place, now) if place % 4 else _begun()),
        )
    return len(chosen)


def correct_some(lives: Sequence[Life]) -> int:
    """An addendum under a recent note of every twelfth person who is here."""
    here = [life for life in lives if life.open_episode][::12]
    corrected = 0
    for place, life in enumerate(here):
        note = SessionNote.objects.signed().filter(client=life.client, author=life.counselor).first()
        if note is not None:
            text, reason = CORRECTIONS[place % len(CORRECTIONS)]
            signing.add_addendum(note=note, text=text, reason=reason, by=life.counselor)
            corrected += 1
    return corrected


def _begun() -> dict[str, Any]:
    return {"modality": Modality.INDIVIDUAL, "sections": {"data": "Came on time. To be written up."}}


def _finished(life: Life, episode: TreatmentEpisode, place: int, now: datetime.datetime) -> dict[str, Any]:
    goal = Goal.objects.filter(episode=episode, status=GoalStatus.ACTIVE).first()
    yesterday = timezone.localdate(now, life.client.clinic.zone) - DAY
    if goal is None or episode.admitted_on >= yesterday:
        return _begun()
    begins = datetime.datetime.combine(yesterday, datetime.time(11 + place % 6), life.client.clinic.zone)
    return {
        "modality": Modality.INDIVIDUAL,
        "session_started_at": begins,
        "session_ended_at": begins + SESSION,
        "risk_screen": RiskScreen.NO_CONCERN,
        "goals": [goal],
        "sections": words.progress_note(
            client=life.client.preferred_name or life.client.given_name,
            trigger=life.triggers[0][0],
            strategy=life.strategies[0],
            goal=goal.wording,
            number=place,
        ),
    }

"""Calls after the last discharges, written in bulk: most were made, some reached no one, and a few are due."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence

from appointments.call_plan import planned
from appointments.codes import Outcome, Pace, SaidUse
from appointments.models import ContinuingCareChoice, FollowUpCall
from cases.codes import DischargeReason
from cases.models import TreatmentEpisode
from staff.typed_days import wall_clock_or_next

from . import bulk
from .lives import DAY, Life

NOT_CALLED = {DischargeReason.DIED, DischargeReason.TRANSFERRED, DischargeReason.INCARCERATED}
PACES = (Pace.FULL, Pace.FULL, Pace.FULL, Pace.MONTHLY, Pace.CHECKUPS, Pace.NONE)
HOW = (
    "Doing well. The new shift helps: home by four, dinner with the kids.",
    "Tired, but steady. Sleeps through most nights now.",
    "A hard week: an argument at home. Talked it over with the sponsor the same evening.",
    "Fine. Started the evening class and likes it.",
    "Lonely on weekends. We went through what is on Saturday morning.",
)
HELPED = ("Calling someone before the evening.", "The morning meeting.", "Walking home the long way.", "Cooking.", "")


def make_calls(lives: Sequence[Life], *, now: datetime.datetime, chance: random.Random) -> tuple[int, int]:
    """What was agreed after each last discharge, and the calls since; returns how many of each."""
    agreed: list[ContinuingCareChoice] = []
    calls: list[FollowUpCall] = []
    for life in lives:
        last = max(life.episodes, key=lambda each: each.admitted_on, default=None)
        if life.open_episode or last is None or last.discharge_reason in NOT_CALLED:
            continue
        choice = _choice(life, last, chance)
        agreed.append(choice)
        calls += _calls(life, last, choice.pace, now, chance)
    bulk.insert(agreed, act="appointments.choose_follow_up", by=lambda row: row.by)
    bulk.insert(calls, act="appointments.record_call", by=lambda row: row.by)
    return len(agreed), len(calls)


def _choice(life: Life, last: TreatmentEpisode, chance: random.Random) -> ContinuingCareChoice:
    assert last.discharged_on is not None
    pace = chance.choice(PACES)
    return ContinuingCareChoice(
        client=life.client,
        episode=last,
        pace=pace,
        at=wall_clock_or_next(last.discharged_on, datetime.time(11), life.client.clinic.zone),
        by=life.counselor,
        reason="" if pace == Pace.FULL else "As they asked in the last session.",
    )


def _calls(
    life: Life, last: TreatmentEpisode, pace: str, now: datetime.datetime, chance: random.Random
) -> Iterator[FollowUpCall]:
    assert last.discharged_on is not None
    due = [each.due_on for each in planned(last.discharged_on, pace)]
    past = [day for day in due if wall_clock_or_next(day, datetime.time(17), life.client.clinic.zone) < now]
    for day in past:
        time = datetime.time(chance.randint(9, 16), chance.choice((0, 10, 25, 40)))
        reached = chance.random() < (0.9 if day == past[-1] else 0.75)
        yield FollowUpCall(
            client=life.client,
            episode=last,
            due_on=day,
            at=wall_clock_or_next(day - DAY * chance.randint(0, 1), time, life.client.clinic.zone),
            by=life.counselor,
            outcome=Outcome.REACHED if reached else chance.choice((Outcome.MESSAGE_LEFT, Outcome.NOT_REACHED)),
            how_they_are=chance.choice(HOW) if reached else "",
            said_use=SaidUse.NO if reached else SaidUse.NOT_ASKED,
            meetings=chance.randint(0, 4) if reached else None,
            craving=chance.choice((0, 0, 1, 1, 2, 3, 5)) if reached else None,
            what_helped=chance.choice(HELPED) if reached else "",
        )

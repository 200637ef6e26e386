"""Plans, goals and thousands of signed notes, brought in as an old system's notes would be."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.models import CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import plans
from counseling.codes import GoalStatus, Modality, Place, RiskScreen
from counseling.models import DischargePlan, Goal, Objective, SessionNote, TreatmentPlan
from counseling.plans import plan_timing
from staff.models import StaffMember

from . import history, words
from .lives import DAY, Life

SESSION = datetime.timedelta(minutes=50)


def make_plans(lives: Sequence[Life], now: datetime.datetime) -> dict[int, list[Goal]]:
    """A plan with goals and objectives for each episode, in a few statements; returns goals by episode.

    Who came a day or a few ago has none yet.
    """
    today = timezone.localdate(now, lives[0].client.clinic.zone)
    stays = [(life, episode) for life in lives for episode in life.episodes if _planned_on(episode) < today]
    started = [
        TreatmentPlan(
            client=life.client,
            episode=episode,
            needs="\n".join(dict.fromkeys(words.NEEDS[wording] for wording, _ in life.goals)),
            started_at=_at(episode, _planned_on(episode)),
            started_by=life.counselor,
        )
        for life, episode in stays
    ]
    TreatmentPlan.objects.bulk_create(started)
    goals = [
        Goal(
            client=life.client,
            episode=episode,
            plan=plan,
            wording=wording,
            need=words.NEEDS[wording],
            opened_on=_planned_on(episode),
            status=GoalStatus.MET if place == 0 and episode.discharge_reason == "completed" else GoalStatus.ACTIVE,
            closed_on=episode.discharged_on if place == 0 and episode.discharge_reason == "completed" else None,
            recorded_by=life.counselor,
        )
        for plan, (life, episode) in zip(started, stays, strict=True)
        for place, (wording, _) in enumerate(life.goals)
    ]
    Goal.objects.bulk_create(goals)
    _link(goals)
    steps = dict(words.GOALS)
    Objective.objects.bulk_create(
        Objective(
            goal=goal,
            wording=steps[goal.wording],
            intervention="Weekly individual session and relapse prevention group",
            due_on=goal.opened_on + DAY * 90,
            opened_on=goal.opened_on,
            status=goal.status,
            closed_on=goal.closed_on,
            recorded_by=goal.recorded_by,
        )
        for goal in goals
    )
    _discharge_plans(stays)
    by_episode: dict[int, list[Goal]] = {}
    for goal in goals:
        by_episode.setdefault(goal.episode_id, []).append(goal)
    return by_episode


def _planned_on(episode: TreatmentEpisode) -> datetime.date:
    """The next day if a plan is due within hours, otherwise five days after admission."""
    within = plan_timing.due_within(episode.program.level_code)
    return episode.admitted_on + (DAY if within.unit == "hours" else DAY * 5)


def _link(goals: Sequence[Goal]) -> None:
    """A goal that was still open when the person came back is the same goal in the new plan, with its lineage."""
    open_before: dict[tuple[int, str], Goal] = {}
    carried = []
    for goal in goals:
        before = open_before.pop((goal.client_id, goal.wording), None)
        if before is not None:
            goal.carried_from = before
            carried.append(goal)
        if goal.status == GoalStatus.ACTIVE:
            open_before[goal.client_id, goal.wording] = goal
    Goal.objects.bulk_update(carried, ["carried_from"], batch_size=500)


def _discharge_plans(stays: Sequence[tuple[Life, TreatmentEpisode]]) -> None:
    """The discharge plan each ended episode left for the next one."""
    left = [(life, episode) for life, episode in stays if episode.discharged_on]
    written = DischargePlan.objects.bulk_create(
        DischargePlan(
            client=life.client,
            episode=episode,
            high_risk_situations="; ".join(wording for wording, _ in life.triggers[:3]),
            what_helps="; ".join(life.strategies[:3]),
            if_use_returns="Call the clinic the same day. Tell one person. Nobody starts again from nothing.",
            supports="Sister, sponsor, Thursday group.",
            continuing_care="Weekly calls for eight weeks, then twice a month.",
            written_at=_at(episode, episode.discharged_on),
            written_by=life.counselor,
        )
        for life, episode in left
    )
    for model, field, column in (
        (Trigger, "triggers", "trigger_id"),
        (WarningSign, "warning_signs", "warningsign_id"),
        (CopingStrategy, "strategies", "copingstrategy_id"),
    ):
        through: Any = getattr(DischargePlan, field).through
        known = _known([life.client.pk for life, _ in left], model)
        through.objects.bulk_create(
            through(**{"dischargeplan_id": plan.pk, column: pk})
            for plan, (life, episode) in zip(written, left, strict=True)
            for pk, since in known.get(life.client.pk, [])
            if since <= (episode.discharged_on or since)
        )


def _known(clients: list[int], model: Any) -> dict[int, list[tuple[int, datetime.date]]]:
    """Learned items of each client, with their first day: one query per kind."""
    found: dict[int, list[tuple[int, datetime.date]]] = {}
    for pk, client, since in model.objects.filter(client__in=clients).values_list("pk", "client", "first_seen_on"):
        found.setdefault(client, []).append((pk, since))
    return found


def make_notes(
    *,
    lives: Sequence[Life],
    goals: dict[int, list[Goal]],
    supervisor: StaffMember,
    now: datetime.datetime,
    chance: random.Random,
) -> int:
    """Six notes or so an episode, signed by their authors the same day; some late, a trainee's mostly cosigned."""
    drafts: list[SessionNote] = []
    addressed: dict[int, list[Goal]] = {}
    for life in lives:
        for episode in life.episodes:
            own = goals.get(episode.pk, [])
            days = _session_days(episode, now, chance)
            for number, day in enumerate(days if own else []):
                goal = own[number % len(own)]
                addressed[len(drafts)] = [] if (episode.pk + number) % 29 == 0 else [goal]
                drafts.append(_note(life, episode, day, number, goal, chance))
            recent = _recent_day(episode, now)
            if own and recent is not None and recent not in days:  # who is here was seen these weeks
                addressed[len(drafts)] = own
                drafts.append(_note(life, episode, recent, len(days), own[0], chance))
    kept = history.add_notes(drafts=drafts, goals=addressed, by=supervisor)
    signed, cosigned = {}, []
    for note in kept:
        wait = datetime.timedelta(hours=30) if chance.random() < 0.05 else datetime.timedelta(minutes=25)
        at = (note.session_ended_at or note.session_started_at) + wait
        if at > now:
            continue
        signed[note.pk] = at
        if at < now - DAY * 6:
            cosigned.append(note.pk)
    return history.sign_notes(signed=signed, by=supervisor, cosigned=cosigned)


def write_safety_plans(lives: Sequence[Life]) -> int:
    """A safety plan for every fourth person who is here."""
    here = [life for life in lives if life.open_episode][::4]
    for life in here:
        assert life.open_episode is not None
        plans.write_safety_plan(
            episode=life.open_episode,
            warning_signs=life.signs[0][0],
            internal_coping=life.strategies[0],
            distraction="The library, the canal path, my neighbor's porch.",
            people_to_ask="My sister.",
            professionals="The clinic's number. Call or text 988 at any hour.",
            safer_environment="Medication stays with my partner.",
            by=life.counselor,
        )
    return len(here)


def _session_days(episode: TreatmentEpisode, now: datetime.datetime, chance: random.Random) -> list[datetime.date]:
    last = min(episode.discharged_on or now.date(), now.date() - DAY)
    room = (last - episode.admitted_on).days
    count = max(1, min(room // 14, 9))
    days = sorted(chance.sample(range(room + 1), k=min(count, room + 1)))
    return [episode.admitted_on + DAY * offset for offset in days]


def _recent_day(episode: TreatmentEpisode, now: datetime.datetime) -> datetime.date | None:
    """A day within the last three weeks for most who are here; for some the thread is broken."""
    day = now.date() - DAY * (2 + episode.pk % 19)
    if episode.discharged_on or episode.pk % 8 == 0 or day <= episode.admitted_on + DAY * 6:
        return None
    return day


def _note(
    life: Life, episode: TreatmentEpisode, day: datetime.date, number: int, goal: Goal, chance: random.Random
) -> SessionNote:
    begun = _at(episode, day, hour=chance.randint(9, 16))
    return history.blank_note(
        client=life.client,
        episode=episode,
        author=life.counselor,
        format="dap",
        at=begun,
        session_ended_at=begun + SESSION,
        modality=Modality.INDIVIDUAL,
        place=chance.choice([Place.CLINIC, Place.CLINIC, Place.VIDEO]),
        risk_screen=RiskScreen.NO_CONCERN,
        sections=words.progress_note(
            client=life.client.preferred_name or life.client.given_name,
            trigger=chance.choice(life.triggers)[0],
            strategy=chance.choice(life.strategies),
            goal=goal.wording,
            number=number + life.client.pk,
        ),
    )


def _at(episode: TreatmentEpisode, day: datetime.date | None, *, hour: int = 10) -> datetime.datetime:
    zone = episode.client.clinic.zone
    return datetime.datetime.combine(day or episode.admitted_on, datetime.time(hour), zone)

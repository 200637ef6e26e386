"""Plans over time: reviewed at the clinic's interval, followed by a next version, signed; some not yet."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cases.models import LevelOfCarePeriod
from counseling.codes import PlanSigner, Progress
from counseling.models import Goal, PlanReview, PlanReviewGoal, PlanSignature, TreatmentPlan
from counseling.plans import plan_text, plan_timing

from .lives import DAY, Life

FOUND = (
    "Went through each goal. Evenings are easier since the walk is part of them; payday still needs its plan.",
    "Sleep is better, the family session was put off once. Keep the steps, new date for the second one.",
    "A hard two weeks at home, and every appointment kept. Smaller steps agreed on.",
    "Most of what was agreed is happening. The client wants to put work first from here.",
)
WORDS = {
    Progress.BETTER: ("Three weeks out of four.", "Does it without being asked.", "Says it feels like a habit now."),
    Progress.SAME: ("Some weeks yes, some no.", "Waiting for a date from the other side."),
    Progress.WORSE: ("Two evenings did not hold.", "The place to go fell through."),
}
MOST = 8  # reviews of one stay; more say nothing new
NEW_NEED = "A steady place to live"


def go_on(
    lives: Sequence[Life], *, goals: Mapping[int, list[Goal]], now: datetime.datetime, chance: random.Random
) -> tuple[int, int]:
    """Reviews over the years; next versions and signatures for who is here. Returns how many of both."""
    plans = {plan.episode_id: plan for plan in TreatmentPlan.objects.filter(episode__in=goals)}
    reviews = _review(lives, plans, goals, now, chance)
    here = [life for life in lives if life.open_episode and life.open_episode.pk in plans]
    latest = _next_versions(here, plans, now)
    signed = _sign(latest, now, chance)
    _aims_without_steps(latest, now)
    return reviews, signed


def _review(
    lives: Sequence[Life],
    plans: Mapping[int, TreatmentPlan],
    goals: Mapping[int, list[Goal]],
    now: datetime.datetime,
    chance: random.Random,
) -> int:
    """Counted back from now, or from the discharge; a tenth of the clients in care are waiting for a review."""
    levels = dict(
        LevelOfCarePeriod.objects.filter(episode__in=plans).order_by("starts_at").values_list("episode", "level_code")
    )
    reviews: list[PlanReview] = []
    for life in lives:
        for episode in life.episodes:
            plan = plans.get(episode.pk)
            if plan is None:
                continue
            interval = DAY * plan_timing.review_every(levels.get(episode.pk, episode.program.level_code)).default
            days = (episode.discharged_on - episode.admitted_on).days if episode.discharged_on else None
            ends = now if days is None else plan.started_at + DAY * days
            since = 1.1 + chance.random() / 4 if chance.random() < 0.1 else chance.random() * 0.9
            at = ends - interval * since
            for _ in range(MOST):
                if at < plan.started_at + interval / 2:
                    break
                reviews.append(
                    PlanReview(plan=plan, reviewed_at=at, reviewed_by=life.counselor, summary=chance.choice(FOUND))
                )
                at -= interval
    PlanReview.objects.bulk_create(reviews, batch_size=1000)
    PlanReviewGoal.objects.bulk_create(
        (_progress(each, goal, chance) for each in reviews for goal in goals[each.plan.episode_id]), batch_size=2000
    )
    return len(reviews)


def _progress(review: PlanReview, goal: Goal, chance: random.Random) -> PlanReviewGoal:
    how = chance.choices((Progress.BETTER, Progress.SAME, Progress.WORSE), weights=(5, 3, 1))[0]
    words = chance.choice(WORDS[how]) if chance.random() < 0.6 else ""
    return PlanReviewGoal(review=review, goal=goal, progress=how, words=words)


def _next_versions(here: Sequence[Life], plans: Mapping[int, TreatmentPlan], now: datetime.datetime) -> list[Any]:
    """The latest version for each client in care with its content: every fifth has a second one, with a new need."""
    goals: dict[int, list[Goal]] = {}
    for goal in Goal.objects.filter(plan__in=plans.values(), episode__discharged_on=None).prefetch_related(
        "objectives"
    ):
        goals.setdefault(goal.episode_id, []).append(goal)
    followed, latest = [], []
    for number, life in enumerate(here):
        plan = plans[_open(life)]
        plan.client = life.client
        said = plan_text.contents(plan, goals[plan.episode_id])
        if number % 5 == 2 and now - plan.started_at > DAY * 20:
            plan.stood_as = said.as_json()
            followed.append(plan)
            plan = TreatmentPlan(
                client=life.client,
                episode=plan.episode,
                version=2,
                needs=f"{plan.needs}\n{NEW_NEED}",
                started_at=now - DAY * (3 + number % 9),
                started_by=life.counselor,
            )
        latest.append((life, plan, goals[plan.episode_id]))
    TreatmentPlan.objects.bulk_update(followed, ["stood_as"], batch_size=500)
    TreatmentPlan.objects.bulk_create(plan for _, plan, _ in latest if plan.pk is None)
    return latest


def _aims_without_steps(latest: Sequence[Any], now: datetime.datetime) -> None:
    """A goal that came up last week and has no step that can be measured yet, for every seventh."""
    added = [
        Goal(
            client=life.client,
            episode=plan.episode,
            plan=plan,
            wording="Get my driver's license back",
            need="Work and money",
            opened_on=(now - DAY * 6).date(),
            recorded_by=life.counselor,
        )
        for life, plan, _ in latest[3::7]
        if now - plan.started_at > DAY * 12
    ]
    Goal.objects.bulk_create(added)


def _sign(latest: Sequence[Any], now: datetime.datetime, chance: random.Random) -> int:
    """Most plans are signed by both; some by the counselor only, and some say something else by now."""
    signatures = []
    for number, (life, plan, goals) in enumerate(latest):
        said = plan_text.contents(plan, goals)
        if number % 9 == 4:
            said = replace(said, aims=said.aims[:-1])  # signed before the last goal was added
        at = min(plan.started_at + datetime.timedelta(hours=1), now)
        drawn = number % 2 == 0
        common = {"plan": plan, "by": life.counselor, "hash": plan_text.hash_of(said), "text_version": 1}
        if number % 6 != 5:
            name = "" if drawn else life.client.full_name
            strokes = _scribble(chance) if drawn else None
            signatures.append(
                PlanSignature(**common, signer=PlanSigner.CLIENT, signed_at=at, typed_name=name, strokes=strokes)
            )
        if number % 11 != 7:
            signatures.append(
                PlanSignature(
                    **common, signer=PlanSigner.COUNSELOR, signed_at=at, typed_name=life.counselor.signature_name
                )
            )
    PlanSignature.objects.bulk_create(signatures)
    return len(signatures)


def _scribble(chance: random.Random) -> list[list[list[int]]]:
    """Something that looks like a name written fast: loops that get flatter, then a line under it."""
    high, turns = chance.randint(45, 70), chance.randint(7, 11)
    steps = turns * 12
    loops = []
    for step in range(steps + 1):
        along = step / steps
        angle = along * turns * math.tau
        size = high * (1 - 0.75 * along) * (1.3 if step < 14 else 0.8)
        loops.append([round(70 + 400 * along + 18 * math.cos(angle)), round(110 - size * math.sin(angle) * 0.9)])
    return [loops, [[90, 165], [260, 158], [480, 162]]]


def _open(life: Life) -> int:
    episode = life.open_episode
    assert episode is not None
    return episode.pk

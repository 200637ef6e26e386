"""When a plan and its reviews are due, by level of care; the limits are data (thresholds.py).

A plan is due at the earliest time that any of the episode's levels set: stepping down before there is a plan gives no
extra time. A review is due by the current level, counted from the last review, or from the first version if there was
none; the review may have set an earlier date. After a move to more intensive care, the review is due within the new
level's days from the move: a transfer alone makes no review late.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from cases.levels import CO_OCCURRING
from cases.models import LevelOfCarePeriod, TreatmentEpisode
from counseling import thresholds
from counseling.models import PlanReview, TreatmentPlan
from staff.days import end_of
from staff.models import Clinic
from staff.prepared import IsOneOf
from staff.reading import Reading, first, query, reads, rows, together
from staff.thresholds import Threshold, values_for

_MEDICAL = ("3.7", "3.7-WM", "3.2-WM", "4", "4-WM")
_HIGH_INTENSITY = ("3.3", "3.5")
_DAY = ("2.5", "2.7", "2-WM")
_OUTPATIENT = ("0.5", "1", "1-WM", "1.0", "1.5", "1.7")

_DUE = {
    **dict.fromkeys((*_MEDICAL, "2-WM", "1-WM"), thresholds.PLAN_DUE_MEDICAL),
    **dict.fromkeys(_HIGH_INTENSITY, thresholds.PLAN_DUE_HIGH_INTENSITY),
    "3.1": thresholds.PLAN_DUE_LOW_INTENSITY,
    **dict.fromkeys(("2.1", "2.5", "2.7", "0.5", "1", "1.0", "1.5", "1.7"), thresholds.PLAN_DUE_OUTPATIENT),
}
_REVIEW = {
    **dict.fromkeys(_MEDICAL, thresholds.PLAN_REVIEW_MEDICAL),
    **dict.fromkeys(_HIGH_INTENSITY, thresholds.PLAN_REVIEW_HIGH_INTENSITY),
    **dict.fromkeys(_DAY, thresholds.PLAN_REVIEW_DAY),
    **dict.fromkeys(("2.1", "3.1"), thresholds.PLAN_REVIEW_LOW_INTENSITY),
    **dict.fromkeys(_OUTPATIENT, thresholds.PLAN_REVIEW_OUTPATIENT),
}


def due_within(level_code: str) -> Threshold:
    """How soon a plan is due at a level of either edition; an unknown code counts as 3.5."""
    return _DUE.get(level_code.removesuffix(CO_OCCURRING), thresholds.PLAN_DUE_HIGH_INTENSITY)


def review_every(level_code: str) -> Threshold:
    """How often the plan is reviewed at a level of either edition; a code that neither knows is treated as 3.5."""
    return _REVIEW.get(level_code.removesuffix(CO_OCCURRING), thresholds.PLAN_REVIEW_HIGH_INTENSITY)


def of(clinic: Clinic) -> dict[str, int]:
    """The clinic's numbers by threshold key, in one query."""
    return values_for(clinic, {*_DUE.values(), *_REVIEW.values()})


@dataclass(frozen=True)
class TimeRow:
    """One of the clinic's times, with its default."""

    label: str
    amount: str
    default: str
    is_own: bool


def as_rows(clinic: Clinic) -> list[TimeRow]:
    """The clinic's times for plans and reviews, and its limit of days without a note."""
    times = [*dict.fromkeys(_DUE.values()), *dict.fromkeys(_REVIEW.values()), thresholds.WITHOUT_NOTE_DAYS]
    numbers = values_for(clinic, times)
    return [
        TimeRow(each.label, each.amount(numbers[each.key]), each.default_amount, numbers[each.key] != each.default)
        for each in times
    ]


@dataclass(frozen=True)
class Timing:
    """When the plan of one episode is due, or was made and is to be reviewed."""

    plan_due_at: datetime.datetime
    plan_made_at: datetime.datetime | None
    review_due_on: datetime.date | None  # None while there is no plan
    reviewed_at: datetime.datetime | None

    def plan_is_late(self, now: datetime.datetime) -> bool:
        """There is no plan, and its time is up."""
        return self.plan_made_at is None and self.plan_due_at < now

    def review_is_late(self, today: datetime.date) -> bool:
        """The day of the review is over."""
        return self.review_due_on is not None and self.review_due_on < today


def timing(
    *,
    episode: TreatmentEpisode,
    periods: Iterable[LevelOfCarePeriod],
    made_at: datetime.datetime | None,
    reviewed_at: datetime.datetime | None,
    agreed_on: datetime.date | None,
    clinic: Clinic,
    numbers: dict[str, int],
    now: datetime.datetime,
) -> Timing:
    """What is due for one episode, from loaded values; no query.

    `made_at` is when the first version was started, `reviewed_at` and `agreed_on` are from the last review of any
    version, `numbers` from `of(clinic)`.
    """
    begun = sorted((each for each in periods if each.starts_at <= now), key=lambda each: each.starts_at)
    if begun:
        due = min(_after(each.starts_at, due_within(each.level_code), numbers, clinic) for each in begun)
        level = begun[-1].level_code
    else:  # no level on record: the program's, from the time of admission, or the end of that day if unknown
        level = episode.program.level_code
        last_moment = end_of(episode.admitted_on, clinic.zone) - datetime.timedelta(microseconds=1)
        due = _after(episode.admitted_at or last_moment, due_within(level), numbers, clinic)
    if made_at is None:
        return Timing(due, None, None, None)
    review_on = _review_on(reviewed_at or made_at, begun, level, numbers, clinic)
    if reviewed_at is not None and agreed_on is not None:
        review_on = min(review_on, agreed_on)
    return Timing(due, made_at, review_on, reviewed_at)


def with_plan(episodes: QuerySet[TreatmentEpisode]) -> QuerySet[TreatmentEpisode]:
    """Each with when its plan was made and last reviewed, and the next review that was agreed on then."""
    last = PlanReview.objects.filter(plan__episode=OuterRef("pk")).order_by("-reviewed_at", "-pk")
    return episodes.annotate(
        plan_made_at=Min("treatment_plans__started_at"),
        plan_reviewed_at=Subquery(last.values("reviewed_at")[:1]),
        plan_agreed_on=Subquery(last.values("next_review_on")[:1]),
    )


@reads
def of_many(
    episodes: Sequence[TreatmentEpisode], *, clinic: Clinic, now: datetime.datetime
) -> Reading[dict[int, Timing]]:
    """What is due for each of these episodes of one clinic (`with_plan`), by its key; in one more query."""
    of_these = LevelOfCarePeriod.objects.filter(IsOneOf("episode", [each.pk for each in episodes])).order_by()
    levels = yield from rows(of_these)
    return timings(episodes, levels, clinic=clinic, now=now)


def timings(
    episodes: Iterable[TreatmentEpisode],
    levels: Iterable[LevelOfCarePeriod],
    *,
    clinic: Clinic,
    now: datetime.datetime,
) -> dict[int, Timing]:
    """The same from levels that were read already."""
    periods: dict[int, list[LevelOfCarePeriod]] = defaultdict(list)
    for period in levels:
        periods[period.episode_id].append(period)
    numbers = of(clinic)
    return {
        episode.pk: timing(
            episode=episode,
            periods=periods[episode.pk],
            made_at=episode.plan_made_at,  # type: ignore[attr-defined]  # annotated
            reviewed_at=episode.plan_reviewed_at,  # type: ignore[attr-defined]  # annotated
            agreed_on=episode.plan_agreed_on,  # type: ignore[attr-defined]  # annotated
            clinic=clinic,
            numbers=numbers,
            now=now,
        )
        for episode in episodes
    }


@reads
def of_episode(episode: TreatmentEpisode, now: datetime.datetime) -> Reading[Timing]:
    """The same for one episode with its client's clinic, in one statement: its plan, last review and levels."""
    begun, last, periods = yield from together(
        first(
            query(
                lambda episode: (
                    TreatmentPlan.objects.filter(episode=episode)
                    .order_by("version")
                    .values_list("started_at", flat=True)
                ),
                episode=episode.pk,
            )
        ),
        first(
            query(
                lambda episode: PlanReview.objects.filter(plan__episode=episode).order_by("-reviewed_at", "-pk"),
                episode=episode.pk,
            )
        ),
        rows(query(lambda episode: LevelOfCarePeriod.objects.filter(episode=episode), episode=episode.pk)),
    )
    clinic = episode.client.clinic
    return timing(
        episode=episode,
        periods=periods,
        made_at=begun,
        reviewed_at=last.reviewed_at if last else None,
        agreed_on=last.next_review_on if last else None,
        clinic=clinic,
        numbers=of(clinic),
        now=now,
    )


def _review_on(
    last: datetime.datetime, begun: list[LevelOfCarePeriod], level: str, numbers: dict[str, int], clinic: Clinic
) -> datetime.date:
    looked_at = timezone.localdate(last, clinic.zone)
    days = numbers[review_every(level).key]
    due = looked_at + datetime.timedelta(days=days)
    before = [each for each in begun if each.starts_at <= last]
    if not before or begun[-1].starts_at <= last:
        return due
    days_before = numbers[review_every(before[-1].level_code).key]
    if days >= days_before:
        return due
    moved_on = timezone.localdate(begun[-1].starts_at, clinic.zone)
    return min(looked_at + datetime.timedelta(days=days_before), moved_on + datetime.timedelta(days=days))


def _after(start: datetime.datetime, within: Threshold, numbers: dict[str, int], clinic: Clinic) -> datetime.datetime:
    """Hours count from the hour of admission, days run to the end of the last one in the clinic's zone."""
    amount = numbers[within.key]
    if within.unit == "hours":
        return start + datetime.timedelta(hours=amount)
    return end_of(timezone.localdate(start, clinic.zone) + datetime.timedelta(days=amount), clinic.zone)

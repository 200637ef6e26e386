"""Validates and stores a plan review. The public act is plans.review."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.utils import timezone

from counseling.codes import Progress
from counseling.models import Goal, PlanReview, PlanReviewGoal, TreatmentPlan
from staff.models import StaffMember
from staff.refusals import Refusal

MET = Progress.MET
SENT_TWICE = datetime.timedelta(hours=12)  # the same words by the same person within it are one review
Said = dict[Goal, tuple[str, str]]


class NotTheLatestVersion(Refusal):
    """There is a newer version."""

    sentence = "This plan has a newer version. Open the plan again."


class SummaryMissing(Refusal):
    sentence = "Enter a short review summary."


class ProgressMissing(Refusal):
    sentence = "Choose progress for each goal."


class GoalOfAnotherPlan(Refusal):
    sentence = "That goal isn’t active in this plan."


class ReviewDayNotPossible(Refusal):
    sentence = "The next review must be after today."


def check(
    *,
    plan: TreatmentPlan,
    latest: TreatmentPlan | None,
    summary: str,
    progress: Mapping[Goal, str | tuple[str, str]],
) -> Said:
    """The progress entered for each goal, with its comment; refuses missing goals and goals of another plan.

    Raises NotTheLatestVersion, SummaryMissing, GoalOfAnotherPlan, ProgressMissing.
    """
    if latest is None or latest.pk != plan.pk:
        raise NotTheLatestVersion
    if not summary.strip():
        raise SummaryMissing
    said = in_full(progress)
    active = set(Goal.objects.active().filter(episode=plan.episode_id).values_list("pk", flat=True))
    if {goal.pk for goal in said} - active:
        raise GoalOfAnotherPlan
    if active - {goal.pk for goal in said} or any(how not in Progress.values for how, _ in said.values()):
        raise ProgressMissing
    return said


def in_full(progress: Mapping[Goal, str | tuple[str, str]]) -> Said:
    """Progress on each goal with its comment, empty if there is none."""
    return {goal: (how, "") if isinstance(how, str) else (how[0], how[1].strip()) for goal, how in progress.items()}


def check_day(day: datetime.date | None, today: datetime.date) -> None:
    """Raises ReviewDayNotPossible for a next review that is not on a later day."""
    if day is not None and day <= today:
        raise ReviewDayNotPossible


def sent_before(
    *, plan: TreatmentPlan, by: StaffMember, summary: str, said: Said, next_review_on: datetime.date | None
) -> PlanReview | None:
    """The review that the same form made when it was sent the first time; one that was corrected since is another."""
    since = timezone.now() - SENT_TWICE
    last = plan.reviews.filter(reviewed_by=by, reviewed_at__gte=since).order_by("-reviewed_at", "-pk").first()
    if last is None or (last.summary, last.next_review_on) != (summary.strip(), next_review_on):
        return None
    before = {row.goal_id: (row.progress, row.words) for row in last.goals.all()}
    return last if before == {goal.pk: words for goal, words in said.items()} else None


def write(
    *, plan: TreatmentPlan, by: StaffMember, summary: str, said: Said, next_review_on: datetime.date | None
) -> PlanReview:
    """The rows of one review."""
    review = PlanReview.objects.create(
        plan=plan,
        reviewed_at=timezone.now(),
        reviewed_by=by,
        summary=summary.strip(),
        next_review_on=next_review_on,
    )
    PlanReviewGoal.objects.bulk_create(
        PlanReviewGoal(review=review, goal=goal, progress=how, words=words) for goal, (how, words) in said.items()
    )
    return review

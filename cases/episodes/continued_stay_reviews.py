"""Continued stay reviews: when they are due and their outcome.

A review is due on the earlier of two days: the one named at the last review (else the clinic's interval after the
level began) and the last day that the payer authorized. A finding that another level fits, or that the person is
ready to leave, is due at once until someone acts on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from cases.medical import medical_needs
from cases.models import ContinuedStayReview, LevelOfCareAssessment, LevelOfCarePeriod, TreatmentEpisode
from cases.safety import safety_holds
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS, check_days

from . import review_thresholds
from .admission_rules import CareChangeReasonNeeded, DateNotPossible, NotOpen, check_about, check_decided

Outcome = ContinuedStayReview.Outcome


class NoLevel(Refusal):
    """The episode has no level of care now, so there is none to review."""

    sentence = "This episode has no level of care to review."


@dataclass(frozen=True)
class Due:
    """When one level of care is to be reviewed next, and why then."""

    period: LevelOfCarePeriod
    on: datetime.date
    latest: ContinuedStayReview | None
    by_payer: bool = False  # the payer's authorization ends before the clinic's own date

    @property
    def waits_for_a_change(self) -> bool:
        """The review found that this level does not fit, and the person is still in it."""
        return self.latest is not None and self.latest.outcome != Outcome.CONTINUE


def record(
    *,
    episode: TreatmentEpisode,
    outcome: str,
    reason: str,
    by: StaffMember,
    next_review_on: datetime.date | None = None,
    authorized_through: datetime.date | None = None,
    assessment: LevelOfCareAssessment | None = None,
    unmet_need_reason: str = "",
    went_on_because: str = "",
) -> ContinuedStayReview:
    """Record a review of an open episode's current level. It changes no level and begins no period.

    `outcome` is a ContinuedStayReview.Outcome. Without `next_review_on`, a level that still fits is reviewed again
    after the clinic's interval for it. `assessment` is the decision to continue the level. A level that cannot meet the
    medical need decided continues only with a supervisor's reason. Required safety steps come first
    (safety/safety_holds.py), unless `went_on_because` gives a reason. Finding that another level fits does not wait for
    them; the change itself does. Raises NotPermitted, NotOpen, NoLevel, CareChangeReasonNeeded, DateNotPossible,
    NotDecided, NotAsDecided, NotTheirs, HeldOpen, medical_needs.UnmetNeed.
    """
    client = episode.client
    demand(by, Permission.LEVEL_OF_CARE_DECIDE, client)
    if outcome not in Outcome.values:
        raise CareChangeReasonNeeded("Choose the review outcome.")
    if not reason.strip():
        raise CareChangeReasonNeeded("Enter the reason for this outcome.")
    with act("cases.review_continued_stay", by=by, client=client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if not episode.is_open:
            raise NotOpen
        period = episode.level_of_care_periods.at().first()
        if period is None:
            raise NoLevel
        if assessment is not None:
            check_about(assessment, client)
            check_decided(None, assessment, period.level_code, period.setting)
            again = period.reviews.filter(assessment=assessment, outcome=outcome).first()
            if again is not None:  # one button pressed twice is one review
                entry.about(again, outcome=outcome, again=True)
                return again
        unmet = _unmet(episode, period, by, unmet_need_reason, assessment) if outcome == Outcome.CONTINUE else ""
        now = timezone.now()
        today = timezone.localdate(now, client.clinic.zone)
        if outcome == Outcome.CONTINUE and next_review_on is None:
            next_review_on = today + _interval(client.clinic, period)
        if next_review_on is not None and next_review_on <= today:
            raise DateNotPossible("The next review must be after this one.")
        if authorized_through is not None and authorized_through < episode.admitted_on:
            raise DateNotPossible("The authorization can’t end before the admission.")
        check_days(next_review_on, authorized_through, ahead=PLANS, today=today)
        owed = [] if outcome == Outcome.CHANGE else safety_holds.holds(client=client, on=today)
        safety_holds.require_clearance(owed, went_on_because)
        went_on_because = safety_holds.reason_kept(owed, went_on_because)
        review = ContinuedStayReview.objects.create(
            period=period,
            outcome=outcome,
            reason=reason.strip(),
            unmet_need_reason=unmet,
            went_on_because=went_on_because,
            assessment=assessment,
            reviewed_at=now,
            reviewed_by=by,
            next_review_on=next_review_on,
            authorized_through=authorized_through,
        )
        entry.about(review, outcome=outcome, level=period.level_code, went_on=bool(went_on_because))
    return review


def due(periods: Iterable[LevelOfCarePeriod], clinic: Clinic) -> list[Due]:
    """When each of the current periods given is to be reviewed, the soonest first.

    Periods come with their reviews (`with_reviews`); the only query here is for the clinic's intervals.
    """
    days = review_thresholds.of(clinic)
    found = [_due(period, clinic, days) for period in periods if period.ends_at is None]
    return sorted(found, key=lambda each: (each.on, each.period.pk))


def with_reviews() -> Prefetch[str]:
    """For prefetch_related on periods: their reviews, the latest first."""
    latest_first = ContinuedStayReview.objects.select_related("reviewed_by").order_by("-reviewed_at", "-pk")
    return Prefetch("reviews", latest_first)


def suggested_next(period: LevelOfCarePeriod, clinic: Clinic) -> datetime.date:
    """The day of the next review if the level still fits today: the clinic's interval from today."""
    return timezone.localdate(timezone=clinic.zone) + _interval(clinic, period)


def _due(period: LevelOfCarePeriod, clinic: Clinic, days: dict[str, int]) -> Due:
    reviews = list(period.reviews.all())
    latest = reviews[0] if reviews else None
    if latest is None:
        key = review_thresholds.interval_of(period.level_code).key
        on = period.starts_at.astimezone(clinic.zone).date() + datetime.timedelta(days=days[key])
    elif latest.outcome == Outcome.CONTINUE and latest.next_review_on:
        on = latest.next_review_on
    else:
        on = timezone.localdate(latest.reviewed_at, clinic.zone)
    authorized = next((each.authorized_through for each in reviews if each.authorized_through), None)
    if authorized is not None and authorized < on:
        return Due(period, authorized, latest, by_payer=True)
    return Due(period, on, latest)


def _unmet(
    episode: TreatmentEpisode,
    period: LevelOfCarePeriod,
    by: StaffMember,
    reason: str,
    assessment: LevelOfCareAssessment | None,
) -> str:
    """Why the level continues although it cannot meet the medical need; a reason given before is not asked again."""
    level = medical_needs.level_of(period, episode.client.clinic)
    lacking = medical_needs.gap(client=episode.client, level=level, program=episode.program, assessment=assessment)
    if lacking and period.unmet_need_reason and period.starts_at >= lacking.since:
        return period.unmet_need_reason
    medical_needs.require_reason(lacking, reason, by=by)
    return medical_needs.reason_kept(lacking, reason)


def _interval(clinic: Clinic, period: LevelOfCarePeriod) -> datetime.timedelta:
    return datetime.timedelta(days=review_thresholds.interval_of(period.level_code).for_clinic(clinic))

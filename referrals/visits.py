"""What a client tells of a visit, to staff or by a private link: once a day, by client report alone.

Which plan it answers is asked where it isn't plain (`FollowThroughQuerySet.promises` is the owner of that rule).
"""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.utils import timezone

from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import followups, sources, steps
from .models import FollowThrough, MeetingVisit, OwnReport, Referral
from .models.conversation import Barrier
from .models.followthrough import Step


class WrongDay(Refusal):
    """A date on which the meeting does not take place, or that is over."""


class BeforePlan(Refusal):
    """A visit before the day that was agreed on: it may be another visit, or the wrong date."""

    def __init__(self, visited_on: datetime.date, planned_on: datetime.date) -> None:
        super().__init__(
            f"{visited_on:%b %-d} is before the planned day, {planned_on:%b %-d}. Record it as another visit, or "
            "instead of the planned one?"
        )


class BeforePlanMade(BeforePlan):
    """A visit before the plan was made: it can't be in its place."""

    def __init__(self, visited_on: datetime.date, made_on: datetime.date) -> None:
        Refusal.__init__(
            self,
            f"{visited_on:%b %-d} is before the plan was made, on {made_on:%b %-d}. Check the date, or record it as "
            "another visit.",
        )


class BeforeItBegan(Refusal):
    """A visit of the planned day, while the planned meeting is still ahead."""

    def __init__(self, begins: str) -> None:
        super().__init__(
            f"The planned meeting is still ahead: {begins}. Record this as another visit, or instead of the planned "
            "one?"
        )


class AfterPlan(Refusal):
    """A visit after the day that was agreed on: another visit, or the planned one on another day."""

    def __init__(self, planned_on: datetime.date) -> None:
        super().__init__(
            f"It was planned for {planned_on:%a, %b %-d}. Record it as another visit, or instead of the planned one?"
        )


class AlreadyRecorded(Refusal):
    """There is a report about this meeting on this day."""


def record_visit(
    *,
    referral: Referral,
    visited_on: datetime.date,
    attended: bool,
    by: StaffMember,
    missed_because: str = "",
    note: str = "",
    another_day: bool = False,
    instead: bool = False,
    replace: bool = False,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> MeetingVisit:
    """Record the client's report that they went, or did not. No one else is asked or named.

    It answers the promise for that day once the planned meeting has begun. While another day or a later hour is
    promised, it is recorded as `another_day`, which leaves the plan, its reminders and its private link as they are, or
    `instead` of the planned one, which answers it. One report a day: another one takes the place of the first only with
    `replace`. `missed_because` is a Barrier, if they did not go and said why.
    Raises WrongDay for a future day, BeforePlan, BeforePlanMade, BeforeItBegan, AfterPlan, AlreadyRecorded.
    """
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    at = at or timezone.now()
    if visited_on > timezone.localdate(at, referral.client.zone):
        raise WrongDay("This date is in the future.")
    check_possible(referral.client, visited_on)
    because = Barrier(missed_because) if missed_because and not attended else ""
    with act("referrals.record_visit", by=by, client=referral.client) as entry:
        steps.lock_open(referral)
        earlier = _same_day(referral, visited_on)
        promised = FollowThrough.objects.filter(referral=referral).promises().order_by("-pk").first()
        waited_for = promised if promised is not None and not promised.is_answered else None
        answers = waited_for is not None and _answers(
            waited_for, visited_on, at, instead=instead, is_said=earlier is not None or another_day, referral=referral
        )
        if earlier is not None and not replace:
            raise AlreadyRecorded(
                f"A visit on {visited_on:%b %-d, %Y} is already recorded ({earlier.outcome}). Put this in its place?"
            )
        visit = earlier or _new_visit(referral, visited_on)
        visit.attended, visit.missed_because, visit.note = attended, because, note.strip()
        if waited_for is not None and answers:
            is_that_day = visited_on == waited_for.promised_day and not instead
            visit.instead_of = None if is_that_day else waited_for.promised_day
        _keep_visit(visit, referral, by=by, at=at, reports_danger=reports_danger)
        entry.about(visit, attended=attended, missed_because=because, replaced=earlier is not None)
    return visit


def _answers(
    plan: FollowThrough,
    visited_on: datetime.date,
    at: datetime.datetime,
    *,
    instead: bool,
    is_said: bool,
    referral: Referral,
) -> bool:
    """Whether a visit answers the plan that is waited for; raises what is to be asked, unless that `is_said`.

    A report that puts another one right is about its own day.
    """
    assert plan.planned_for is not None
    days, made_on = _days_of(plan, referral), timezone.localdate(plan.at, referral.client.zone)
    if visited_on < made_on and (instead or not is_said):
        raise BeforePlanMade(visited_on, made_on)
    if instead:
        return True
    if visited_on in days and plan.planned_for <= at:
        return True
    if is_said:
        return False
    if visited_on in days:
        raise BeforeItBegan(str(referral.say(plan.planned_for)))
    raise BeforePlan(visited_on, days[0]) if visited_on < days[0] else AfterPlan(days[0])


def _days_of(plan: FollowThrough, referral: Referral) -> list[datetime.date]:
    """The planned day, the earliest first: where the client lives, or the meeting is, it may be the day beside."""
    assert plan.planned_for is not None
    zones = [referral.client.zone, *([referral.lead.zone] if referral.lead is not None else [])]
    return sorted({plan.promised_day, *(timezone.localdate(plan.planned_for, zone) for zone in zones)})


def keep_own_report(*, report: OwnReport) -> MeetingVisit:
    """The visit that a client told of by a private link: of the planned day, in the transaction of their report.

    What staff have recorded of that day stays, and the report is put beside it. Raises ReferralClosed.
    """
    plan = FollowThrough.objects.filter(pk=report.link.follow_through_id).select_related("referral__client__clinic")
    promised = plan.promises().get()
    referral = promised.referral
    steps.lock_open(referral)
    day = min(promised.promised_day, timezone.localdate(report.said_at, referral.client.zone))
    visit = _same_day(referral, day)
    if visit is not None and visit.own_report_id is not None:
        return visit  # told of twice, by links to the same meeting
    if visit is not None:
        visit.own_report = report
        visit.save(update_fields=["own_report"])
        followups.cancel(referral, "the visit was discussed", by=None, answered=True)
        return visit
    visit = _new_visit(referral, day)
    visit.attended, visit.own_report = report.attended, report
    _keep_visit(visit, referral, by=None, at=report.said_at)
    return visit


def _keep_visit(
    visit: MeetingVisit,
    referral: Referral,
    *,
    by: StaffMember | None,
    at: datetime.datetime,
    reports_danger: bool = False,
) -> None:
    """Save a visit and the journal's step, and call off what asked for it. `by` is None for a client's own report.

    One that another referral to the same meeting has stays with it, and the step says so in this one's journal.
    """
    visit.recorded_at, visit.recorded_by = at, by
    visit.save()
    step = Step.MISSED
    if visit.attended:
        step = Step.ENGAGED if steps.state_of(referral) == Step.ENGAGED else Step.ATTENDED  # going on is no step back
    steps.take(referral, step, by=by, at=at, visit=visit, reports_danger=reports_danger)
    followups.cancel(referral, "the visit was discussed", by=by, answered=True)


def _new_visit(referral: Referral, day: datetime.date) -> MeetingVisit:
    return MeetingVisit(
        client=referral.client,
        referral=referral,
        meeting=referral.meeting,
        fellowship=referral.fellowship,
        visited_on=day,
    )


def _same_day(referral: Referral, day: datetime.date) -> MeetingVisit | None:
    """What is recorded of this day: for this referral or, if nothing is, for the same meeting under another one, in any
    list.
    """
    if referral.meeting is not None:
        same = Q(meeting__in=sources.all_of(referral.meeting, referral.client.clinic_id))
    else:
        same = Q(meeting=None, fellowship=referral.fellowship)
    told = MeetingVisit.objects.filter(Q(referral=referral) | same, client=referral.client, visited_on=day)
    return min(told, key=lambda each: (each.referral_id != referral.pk, each.pk), default=None)

"""Offer an opening, withdraw an offer, and expire offers.

An offer holds one opening in a program for one person through a last day in the clinic's zone. Until then no one else
is admitted to it. After that, the person returns to their earlier position on the wait list, because the wait counts
from their call. The inquiry's history shows every offer and why it ended.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from cases.episodes import admission_rules
from cases.inquiry_rules import (
    LAPSE,
    OFFER,
    WITHDRAW,
    LastDayNotPossible,
    NoPlaceFree,
    OfferNeedsReason,
    OutOfTurn,
    ProgramNeeded,
    StageReasonNeeded,
    check_may_go,
    locked,
    locked_program,
    set_stage,
)
from cases.medical import medical_needs
from cases.models import Inquiry
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, Program, StaffMember
from staff.refusals import NotPermitted
from staff.thresholds import Threshold
from staff.typed_days import PLANS, check_days, check_moments

from . import priority, waitlist

Stage = Inquiry.Stage

KEPT_DAYS = Threshold("cases.offer_kept_days", 3, unit="days", label="Default time an opening is held", highest=60)
LONGEST_REASON = 200
HEAR = "Ask if they accept the opening"


def offer(
    *,
    inquiry: Inquiry,
    program: Program | None,
    by: StaffMember,
    lapses_on: datetime.date | None = None,
    reason: str = "",
    next_action: str | None = None,
    next_action_at: datetime.datetime | None = None,
) -> Inquiry:
    """Hold an opening in the program for this person through `lapses_on` (default: KEPT_DAYS from today).

    An offer out of turn needs a reason. If there is no opening, or the program cannot meet the medical need decided, it
    needs a supervisor and a reason. Offering again changes the last day. Raises NotPermitted, AlreadyAdmitted,
    StageReasonNeeded (reopened after it ended), ProgramNeeded, ProgramClosed, LastDayNotPossible, NoPlaceFree,
    OutOfTurn, medical_needs.UnmetNeed.
    """
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    if program is None:
        raise ProgramNeeded
    reason = reason.strip()
    with act(OFFER, by=by, client=inquiry.client) as entry:
        program = locked_program(program)
        inquiry = locked(inquiry)
        before, today = inquiry.stage, admission_rules.today(inquiry.clinic)
        lapses_on = lapses_on or usual_last_day(inquiry.clinic)
        check_days(lapses_on, ahead=PLANS, today=today)
        check_moments(next_action_at)
        keeps_place = _is_kept(inquiry, program, today)
        ahead = 0 if keeps_place else waitlist.ahead_of(inquiry, program)
        _check(inquiry, program, lapses_on=lapses_on, today=today, reason=reason)
        if not keeps_place:  # otherwise the place is theirs already; only its last day changes
            _check_place(inquiry, program, by=by, today=today, reason=reason, ahead=ahead)
        inquiry.program = program
        tomorrow = priority.in_office_hours(inquiry, timezone.now() + datetime.timedelta(days=1))
        set_stage(
            inquiry,
            Stage.OFFERED,
            act=OFFER,
            reason=reason,
            next_action=HEAR if next_action is None else next_action,
            next_action_at=tomorrow if next_action is None else next_action_at,
            offer_lapses_on=lapses_on,
        )
        entry.about(
            inquiry,
            before=before,
            program=program.pk,
            lapses_on=str(lapses_on),
            ahead=ahead,
            reason_given=bool(reason),
        )
    return inquiry


def withdraw(*, inquiry: Inquiry, reason: str, by: StaffMember) -> Inquiry:
    """Take an offer back, or note that it was declined: back on the wait list with a reason.

    Raises NotPermitted, NothingOffered, OfferNeedsReason.
    """
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    if not reason.strip():
        raise OfferNeedsReason
    with act(WITHDRAW, by=by, client=inquiry.client) as entry:
        inquiry = locked(inquiry)
        check_may_go(inquiry, Stage.WAITLIST, act=WITHDRAW)
        entry.about(inquiry, program=inquiry.program_id, lapses_on=str(inquiry.offer_lapses_on))
        week = priority.in_office_hours(inquiry, timezone.now() + datetime.timedelta(days=7))
        set_stage(
            inquiry,
            Stage.WAITLIST,
            act=WITHDRAW,
            reason=reason.strip()[:LONGEST_REASON],
            next_action="Call to check in",
            next_action_at=week,
        )
    return inquiry


def lapse_offers(now: datetime.datetime) -> int:
    """Return people with expired offers to the wait list; returns how many.

    Run by beat, any number of times: each row is claimed by its lock and looked at again under it. A row that someone
    is working on is left for the next run.
    """
    latest = (now + datetime.timedelta(hours=14)).date()  # the furthest any clinic's calendar is ahead of UTC
    candidates = Inquiry.objects.filter(stage=Stage.OFFERED, offer_lapses_on__lt=latest).values_list("pk", flat=True)
    return sum(_lapse(pk, now) for pk in list(candidates))


def usual_last_day(clinic: Clinic) -> datetime.date:
    """Default last day of an offer made today."""
    return admission_rules.today(clinic) + datetime.timedelta(days=KEPT_DAYS.for_clinic(clinic))


def lapses_at(inquiry: Inquiry) -> datetime.datetime | None:
    """The moment at which the offer ends: midnight after its last day, in the clinic's zone."""
    if inquiry.stage != Stage.OFFERED or inquiry.offer_lapses_on is None:
        return None
    return admission_rules.start_of(inquiry.offer_lapses_on + datetime.timedelta(days=1), inquiry.clinic)


def _is_kept(inquiry: Inquiry, program: Program, today: datetime.date) -> bool:
    """Whether the program holds an opening for this person today."""
    until = inquiry.offer_lapses_on  # only an offer has one
    return until is not None and until >= today and inquiry.program_id == program.pk


def _check(inquiry: Inquiry, program: Program, *, lapses_on: datetime.date, today: datetime.date, reason: str) -> None:
    """Raise whatever forbids any offer."""
    if program.clinic_id != inquiry.clinic_id:
        raise NotPermitted
    check_may_go(inquiry, Stage.OFFERED, act=OFFER)
    if inquiry.stage in Inquiry.CLOSED_STAGES and not reason:
        raise StageReasonNeeded
    if not program.is_open:
        raise admission_rules.ProgramClosed
    if lapses_on < today:
        raise LastDayNotPossible


def _check_place(
    inquiry: Inquiry, program: Program, *, by: StaffMember, today: datetime.date, reason: str, ahead: int
) -> None:
    """Raise whatever forbids offering another opening."""
    level = medical_needs.level_of(program, inquiry.clinic)
    lacking = medical_needs.gap(client=inquiry.client, inquiry=inquiry, level=level, program=program)
    medical_needs.require_reason(lacking, reason, by=by)
    if admission_rules.places_to_offer(program, today) <= 0:
        if not reason:
            raise NoPlaceFree(
                f"{program} has no openings: all {program.capacity} are filled or offered. "
                "A supervisor can offer one early with a reason."
            )
        demand(by, Permission.EPISODE_OVERRIDE)
    if ahead and not reason:
        raise OutOfTurn(ahead)


def _lapse(pk: int, now: datetime.datetime) -> bool:
    with transaction.atomic():
        inquiry = (
            Inquiry.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("clinic", "client", "program")
            .filter(pk=pk)
            .first()
        )
        ends = lapses_at(inquiry) if inquiry else None
        if inquiry is None or ends is None or now < ends:
            return False
        with act(LAPSE, by=None, client=inquiry.client, clinic=inquiry.clinic) as entry:
            entry.about(inquiry, program=inquiry.program_id, lapses_on=str(inquiry.offer_lapses_on))
            reason = f"Offered in {inquiry.program} through {inquiry.offer_lapses_on:%b %-d, %Y}; not accepted in time."
            set_stage(
                inquiry,
                Stage.WAITLIST,
                act=LAPSE,
                reason=reason[:LONGEST_REASON],
                next_action="Call: the offer expired",
                next_action_at=priority.in_office_hours(inquiry, now),
            )
    return True

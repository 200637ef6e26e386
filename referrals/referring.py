"""Referring a client to mutual help and following through: offer, plan, connect, record visits, decline, engage, end.

Intensive referral: the counselor looks for a group that fits, connects the client with a volunteer in the session, sets
a date and follows up in a journal (Timko & DeBenedetti 2007: more meetings and more abstinence than with a list of
addresses). Attendance is only by client report. Declining costs nothing and is recorded without a reason.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS, check_moments, wall_clock, wall_clock_or_next

from . import followups, sources, steps, volunteers
from .fellowships import Fellowship
from .listing import Attendance
from .models import FollowThrough, Meeting, Referral
from .models.directory import WEEKDAYS
from .models.followthrough import Step
from .steps import ReferralClosed, state_of, take_turns
from .visits import (
    AfterPlan,
    AlreadyRecorded,
    BeforeItBegan,
    BeforePlan,
    BeforePlanMade,
    WrongDay,
    keep_own_report,
    record_visit,
)

# What others use of this room, its journal (`steps`) and the reports of visits (`visits`) included.
__all__ = [
    "AfterPlan",
    "AlreadyOffered",
    "AlreadyRecorded",
    "BeforeItBegan",
    "BeforePlan",
    "BeforePlanMade",
    "MeetingNotHeld",
    "ReferralClosed",
    "WrongDay",
    "add_note",
    "decline",
    "end",
    "engage",
    "keep_own_report",
    "link",
    "offer",
    "on_offer",
    "plan",
    "record_visit",
    "state_of",
    "take_turns",
]


class AlreadyOffered(Refusal):
    """The same meeting is on offer to this client."""

    sentence = "This was already offered to this client. Continue that referral, or end it first."


class MeetingNotHeld(Refusal):
    """A referral needs a meeting that takes place."""

    sentence = "This meeting isn’t listed or isn’t meeting now. Choose another meeting."


def offer(
    *,
    client: Client,
    by: StaffMember,
    meeting: Meeting | None = None,
    fellowship: str = "",
    episode: TreatmentEpisode | None = None,
    experience: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> Referral:
    """Offer a client a meeting, or a fellowship for a start. The client's open episode is noted unless one is given.

    `reports_danger`, of this and other steps: thoughts of suicide or an attempt were told (referrals.dangers).

    Raises MeetingNotHeld or AlreadyOffered.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    if meeting is not None:
        _check_held(meeting, by)
        fellowship = meeting.fellowship
    if not fellowship:
        raise Refusal("Choose a meeting or a fellowship.")
    at = at or timezone.now()
    with act("referrals.offer", by=by, client=client) as entry:
        Client.objects.select_for_update(of=("self",), no_key=True).get(
            pk=client.pk
        )  # two people offering at once take turns
        if on_offer(client=client, meeting=meeting, fellowship=fellowship) is not None:
            raise AlreadyOffered
        referral = Referral.objects.create(
            client=client,
            episode=episode or client.episodes.open().order_by("-admitted_on").first(),
            fellowship=Fellowship.read(fellowship),
            meeting=meeting,
            experience=experience.strip(),
            offered_at=at,
            offered_by=by,
        )
        steps.take(referral, Step.OFFERED, by=by, at=at, reports_danger=reports_danger)
        entry.about(referral, fellowship=referral.fellowship)
    return referral


def on_offer(*, client: Client, meeting: Meeting | None, fellowship: str) -> Referral | None:
    """The open referral to this meeting, in whichever list it was offered, or to this fellowship alone."""
    rows = Referral.objects.filter(client=client, fellowship=Fellowship.read(fellowship)).open()
    if meeting is None:
        return rows.filter(meeting=None).first()
    return rows.filter(meeting__in=sources.all_of(meeting, client.clinic_id)).first()


def plan(
    *,
    referral: Referral,
    on: datetime.date | datetime.datetime,
    by: StaffMember,
    time: datetime.time | None = None,
    note: str = "",
    remind_client: bool = True,
    private_link: bool = True,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """Set a date for the client to go; schedules the follow-up in the same transaction, replacing an earlier one.

    `remind_client` asks the client, too, by a message; with `private_link`, a written one leads to a page to answer on.

    `on` is a day of the meeting as the listing that leads has it, on its own clock, or an aware moment. Without a
    listed meeting, `time` says when, on the clinic's clock. Raises WrongDay if the meeting is on another weekday or the
    time has passed, and MeetingNotHeld if it is no longer listed.
    """
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    at = at or timezone.now()
    meeting = sources.top(referral.meeting, by) if referral.meeting is not None else None
    if meeting is not None:
        _check_held(meeting, by)
    planned_for = _planned_moment(meeting, on, time, client=referral.client)
    if planned_for < at:
        raise WrongDay("This time has passed. Choose a future time, or record the visit if it happened.")
    with act("referrals.plan", by=by, client=referral.client) as entry:
        steps.lock_open(referral)
        followups.cancel(referral, "a new date was set", by=by)
        row = steps.take(
            referral, Step.PLANNED, by=by, at=at, planned_for=planned_for, note=note, reports_danger=reports_danger
        )
        followups.schedule(row, remind_client=remind_client, private_link=private_link)
        entry.about(referral)
    return row


def link(
    *,
    referral: Referral,
    by: StaffMember,
    volunteer: str,
    is_first_name: bool = False,
    client_was_named: bool = False,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """Record that a volunteer of the fellowship was contacted, preferably with the client in the session.

    `volunteer` is at most a first name or an initial (`is_first_name`: its second word is no last name). If the
    volunteer was told who the client is, an active written consent must name the volunteer or the fellowship, and the
    disclosure is recorded too (42 CFR 2.31, 2.33). A form that was sent twice is one contact. Raises
    volunteers.TooMuchNamed or volunteers.NoConsentToName.
    """
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    at = at or timezone.now()
    volunteer = volunteers.first_name_or_initial(volunteer, is_first_name=is_first_name)
    with act("referrals.link", by=by, client=referral.client) as entry:
        steps.lock_open(referral)
        facts: steps.StepFacts = {
            "volunteer": volunteer,
            "client_was_named": client_was_named,
            "note": note.strip(),
            "reports_danger": reports_danger,
        }
        if client_was_named:
            volunteers.demand_consent(referral, volunteer, at=at)
        again = steps.just_taken(referral, Step.LINKED, by=by, at=at, **facts)
        entry.about(referral, client_was_named=client_was_named, sent_twice=again is not None)
        if again is not None:
            return again
        if client_was_named:
            volunteers.disclose_name(referral, volunteer, by=by, at=at)
        return steps.take(referral, Step.LINKED, by=by, at=at, **facts)


def engage(
    *,
    referral: Referral,
    by: StaffMember,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """Record that the client attends on their own: a clinician's judgment, with the client."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.engage", by=by, client=referral.client) as entry:
        steps.lock_open(referral)
        row = steps.take(
            referral, Step.ENGAGED, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger
        )
        followups.cancel(referral, "the client attends on their own", by=by)
        entry.about(referral)
    return row


def add_note(
    *,
    referral: Referral,
    by: StaffMember,
    note: str,
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """Write into the journal without moving the referral on."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.note", by=by, client=referral.client) as entry:
        row = steps.take(referral, Step.NOTE, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger)
        entry.about(referral)
    return row


def decline(
    *,
    referral: Referral,
    by: StaffMember,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """The client declined. No reason is asked, and it can be offered again."""
    return _close(referral, Step.DECLINED, by=by, note=note, at=at, reports_danger=reports_danger)


def end(
    *,
    referral: Referral,
    by: StaffMember,
    note: str = "",
    reports_danger: bool = False,
    at: datetime.datetime | None = None,
) -> FollowThrough:
    """Close a referral that has run its course."""
    return _close(referral, Step.ENDED, by=by, note=note, at=at, reports_danger=reports_danger)


def _close(
    referral: Referral, step: Step, *, by: StaffMember, note: str, at: datetime.datetime | None, reports_danger: bool
) -> FollowThrough:
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act(f"referrals.{'decline' if step == Step.DECLINED else 'end'}", by=by, client=referral.client) as entry:
        steps.lock_open(referral)
        row = steps.take(referral, step, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger)
        followups.cancel(referral, "the referral was closed", by=by)
        entry.about(referral)
    return row


def _check_held(meeting: Meeting, by: StaffMember) -> None:
    meeting = sources.top(meeting, by)  # another list may have it still
    if not Meeting.objects.visible_to(by).current().filter(pk=meeting.pk).exists():
        raise MeetingNotHeld
    if meeting.attendance == Attendance.INACTIVE:
        raise MeetingNotHeld


def _planned_moment(
    meeting: Meeting | None, on: datetime.date | datetime.datetime, time: datetime.time | None, *, client: Client
) -> datetime.datetime:
    if isinstance(on, datetime.datetime):
        if timezone.is_naive(on):
            raise ValueError("A planned moment is aware.")
        check_moments(on)
        return on
    check_possible(client, on, ahead=PLANS)
    if meeting is not None and meeting.weekday is not None and meeting.start is not None:
        if on.isoweekday() % 7 != meeting.weekday:
            raise WrongDay(f"{on:%B %-d} is a {on:%A}; this meeting is on {WEEKDAYS[meeting.weekday]}s.")
        return wall_clock_or_next(on, meeting.start, meeting.zone)
    if time is None:
        raise WrongDay("Enter a time. The list doesn’t give one.")
    return wall_clock(on, time, meeting.zone if meeting else client.clinic.zone)

"""Referring a client to mutual help and following through: offer, plan, connect, record visits, decline, engage, end.

Intensive referral: the counselor looks for a group that fits, connects the client with a volunteer in the session, sets
a date and follows up in a journal (Timko & DeBenedetti 2007: more meetings and more abstinence than with a list of
addresses). Attendance is only by client report. Declining costs nothing and is recorded without a reason.
"""

from __future__ import annotations

import datetime
from typing import TypedDict, Unpack

from django.db.models import Q
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.possible_days import check_possible
from staff import sent_twice
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS, check_moments, wall_clock, wall_clock_or_next

from . import followups, sources, volunteers
from .fellowships import Fellowship
from .listing import Attendance
from .models import FollowThrough, Meeting, MeetingVisit, OwnReport, Referral
from .models.conversation import Barrier
from .models.directory import WEEKDAYS
from .models.followthrough import CLOSING_STEPS, Step


class StepFacts(TypedDict, total=False):
    """What a step may say besides its kind, its moment and its author."""

    planned_for: datetime.datetime
    volunteer: str
    client_was_named: bool
    note: str
    visit: MeetingVisit
    reports_danger: bool


class AlreadyOffered(Refusal):
    """The same meeting is on offer to this client."""

    sentence = "This was already offered to this client. Continue that referral, or end it first."


class MeetingNotHeld(Refusal):
    """A referral needs a meeting that takes place."""

    sentence = "This meeting isn’t listed or isn’t meeting now. Choose another meeting."


class ReferralClosed(Refusal):
    """A referral that was declined or ended stays so."""

    sentence = "This referral is closed. To try again, offer it again."


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
        _step(referral, Step.OFFERED, by=by, at=at, reports_danger=reports_danger)
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
        _lock_open(referral)
        followups.cancel(referral, "a new date was set", by=by)
        row = _step(
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
        _lock_open(referral)
        facts: StepFacts = {
            "volunteer": volunteer,
            "client_was_named": client_was_named,
            "note": note.strip(),
            "reports_danger": reports_danger,
        }
        if client_was_named:
            volunteers.demand_consent(referral, volunteer, at=at)
        again = _just_taken(referral, Step.LINKED, by=by, at=at, **facts)
        entry.about(referral, client_was_named=client_was_named, sent_twice=again is not None)
        if again is not None:
            return again
        if client_was_named:
            volunteers.disclose_name(referral, volunteer, by=by, at=at)
        return _step(referral, Step.LINKED, by=by, at=at, **facts)


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
        _lock_open(referral)
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
    _lock_open(referral)
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
        step = Step.ENGAGED if state_of(referral) == Step.ENGAGED else Step.ATTENDED  # going on is no step back
    _step(referral, step, by=by, at=at, visit=visit, reports_danger=reports_danger)
    followups.cancel(referral, "the visit was discussed", by=by, answered=True)


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
        _lock_open(referral)
        row = _step(referral, Step.ENGAGED, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger)
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
        row = _step(referral, Step.NOTE, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger)
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


def state_of(referral: Referral) -> str:
    """The referral's current status."""
    return Referral.objects.with_state().get(pk=referral.pk).state


def _close(
    referral: Referral, step: Step, *, by: StaffMember, note: str, at: datetime.datetime | None, reports_danger: bool
) -> FollowThrough:
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act(f"referrals.{'decline' if step == Step.DECLINED else 'end'}", by=by, client=referral.client) as entry:
        _lock_open(referral)
        row = _step(referral, step, by=by, at=at or timezone.now(), note=note, reports_danger=reports_danger)
        followups.cancel(referral, "the referral was closed", by=by)
        entry.about(referral)
    return row


def _check_held(meeting: Meeting, by: StaffMember) -> None:
    meeting = sources.top(meeting, by)  # another list may have it still
    if not Meeting.objects.visible_to(by).current().filter(pk=meeting.pk).exists():
        raise MeetingNotHeld
    if meeting.attendance == Attendance.INACTIVE:
        raise MeetingNotHeld


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


def take_turns(client: Client) -> None:
    """Lock the client's referrals, always in one order: a report of a visit may answer the plans of several."""
    of_client = Referral.objects.filter(client=client).order_by("pk")
    list(of_client.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _lock_open(referral: Referral) -> None:
    take_turns(referral.client)
    if FollowThrough.objects.filter(referral=referral, step__in=CLOSING_STEPS).exists():
        raise ReferralClosed


def _step(
    referral: Referral,
    step: Step,
    *,
    by: StaffMember | None,
    at: datetime.datetime,
    **facts: Unpack[StepFacts],
) -> FollowThrough:
    facts["note"] = facts.get("note", "").strip()
    return FollowThrough.objects.create(referral=referral, step=step, at=at, by=by, **facts)


def _just_taken(
    referral: Referral, step: Step, *, by: StaffMember, at: datetime.datetime, **facts: Unpack[StepFacts]
) -> FollowThrough | None:
    """The same step, if it was the last one taken, a moment ago by the same person: one form that came twice."""
    last = FollowThrough.objects.filter(referral=referral).order_by("-pk").values("pk")[:1]
    same = FollowThrough.objects.filter(pk__in=last, step=step, by=by, at__range=(sent_twice.since(at), at), **facts)
    return same.first()


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

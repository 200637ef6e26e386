"""Inquiries: take a call, change its stage, link the person. Inquiries are never deleted."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

import pghistory
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from cases import safety
from cases.inquiry_rules import (
    MOVE,
    AlreadyAdmitted,
    AnotherPerson,
    NotSaidYet,
    OfferNeedsReason,
    OnlyByAdmission,
    ProgramToWaitFor,
    SayWhyNoDanger,
    StageReasonNeeded,
    check_may_go,
    set_stage,
    tell,
)
from cases.inquiry_rules import locked as _locked
from cases.models import Client, Inquiry
from cases.people import births, care_team
from cases.safety import call_dangers, danger_sign_times
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import Program, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import check_moments

from . import offers, priority

__all__ = [
    "FACTS",
    "AlreadyAdmitted",
    "AnotherPerson",
    "NotSaidYet",
    "OnlyByAdmission",
    "ProgramToWaitFor",
    "SayWhyNoDanger",
    "StageReasonNeeded",
    "amend",
    "begin_interim_services",
    "call_back_within",
    "link",
    "move",
    "save_draft",
    "start_readmission",
    "take",
    "unlink",
]

Stage = Inquiry.Stage
ANY_PROGRAM = "Any suitable program"


class CallFacts(TypedDict, total=False):
    """Facts from a call: who called for whom, how to reach them, the situation, and the next step."""

    relation: str
    caller_name: str
    call_back_phone: str
    voicemail_ok: bool
    voicemail_words: str
    must_not_reveal: str
    given_name: str
    family_name: str
    birth_date: datetime.date | None
    birth_year: int | None
    phone: str
    ssn_last4: str
    language: str
    payer: str
    reason: str
    substances: Sequence[str]
    days_since_last_use: int | None
    pregnant: bool | None
    injects: bool | None
    danger_signs: Sequence[str]
    costs_of_now: str
    benefits_of_now: str
    benefits_of_change: str
    costs_of_change: str
    next_action: str
    next_action_at: datetime.datetime | None


FACTS = frozenset(CallFacts.__annotations__)


def take(
    *, by: StaffMember, draft: Inquiry | None = None, entry_key: uuid.UUID | None = None, **facts: Unpack[CallFacts]
) -> Inquiry:
    """Record a call, or finish one that was saved as a draft during the call.

    `facts` are fields of the call (FACTS). `entry_key` identifies the form: if the same form is sent again, the same
    call is returned. Without a next action, the call back is due within an hour if a danger sign was heard, otherwise
    within a day, in office hours (the clinic's own values apply). Raises NotPermitted, NotSaidYet.
    """
    demand(by, Permission.INQUIRY_TAKE)
    _only(facts)
    with act("cases.take_inquiry", by=by) as entry:
        inquiry = _own_draft(draft, by) if draft else _begun(entry_key, by)
        if inquiry.pk and not inquiry.is_draft:
            entry.about(inquiry, again=True)
            return inquiry
        _set(inquiry, facts)
        if not (
            inquiry.given_name or inquiry.family_name or inquiry.call_back_phone or inquiry.phone or inquiry.reason
        ):
            raise NotSaidYet
        inquiry.is_draft = False
        if not inquiry.next_action:
            inquiry.next_action = "Call back"
        if inquiry.next_action_at is None:
            inquiry.next_action_at = priority.in_office_hours(inquiry, timezone.now() + call_back_within(inquiry))
        inquiry.save()
        entry.about(inquiry, danger_signs=list(inquiry.danger_signs))
    return inquiry


def save_draft(
    *, by: StaffMember, inquiry: Inquiry | None = None, entry_key: uuid.UUID | None = None, **facts: Unpack[CallFacts]
) -> Inquiry:
    """Save what has been typed so far, every few seconds. Only for the call's own author, and only while it is a draft.

    The first save is audited; later ones are in the row's history with their author. Raises NotPermitted.
    """
    demand(by, Permission.INQUIRY_TAKE)
    _only(facts)
    with transaction.atomic(), pghistory.context(staff_member=by.pk, act="cases.draft_inquiry"):
        inquiry = _own_draft(inquiry, by) if inquiry else _begun(entry_key, by)
        if inquiry.pk and not inquiry.is_draft:
            return inquiry  # a late autosave of a call that is recorded already
        is_first = inquiry.pk is None
        inquiry.is_draft = True
        _set(inquiry, facts)
        inquiry.save()
        if is_first:
            with act("cases.draft_inquiry", by=by) as entry:
                entry.about(inquiry)
    return inquiry


def amend(*, inquiry: Inquiry, by: StaffMember, no_danger_because: str = "", **facts: Unpack[CallFacts]) -> Inquiry:
    """Correct or complete a call after it was taken. The history keeps earlier versions.

    A danger sign that is heard later makes the call back as urgent as if it had been heard at once. Removing a sign
    that still needs a response takes a reason, `no_danger_because`, which is shown in the call's history. A sign that
    is heard after the call was closed needs a response too, and the call stays closed. Raises NotPermitted,
    SayWhyNoDanger, and EvaluateFirst if it is a safety concern.
    """
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    _only(facts)
    with act("cases.amend_inquiry", by=by, client=inquiry.client) as entry:
        inquiry = _locked(inquiry)
        heard = set(inquiry.danger_signs)
        waiting = set(call_dangers.waiting([inquiry]).get(inquiry.pk, ()))
        changed = _set(inquiry, facts)
        if Inquiry.DangerSign.SUICIDE in heard - set(inquiry.danger_signs):
            _check_evaluated(inquiry)
        if taken_off := waiting - set(inquiry.danger_signs):
            _keep_why(inquiry, taken_off, no_danger_because)
        if set(inquiry.danger_signs) - heard and inquiry.stage not in Inquiry.CLOSED_STAGES:
            soon = timezone.now() + call_back_within(inquiry)
            if inquiry.next_action_at is None or inquiry.next_action_at > soon:
                inquiry.next_action, inquiry.next_action_at = "Call back", soon
        inquiry.save()
        entry.about(inquiry, changed=changed)
    return inquiry


def move(
    *,
    inquiry: Inquiry,
    stage: str,
    by: StaffMember,
    reason: str = "",
    next_action: str | None = None,
    next_action_at: datetime.datetime | None = None,
    program: Program | None = None,
    any_program: bool = False,
    offer_lapses_on: datetime.date | None = None,
) -> Inquiry:
    """Move an inquiry to another stage. Closing it, or reopening it, needs a reason.

    A move to “offered” is an offer (offers.offer): it has a program and a last day on which the opening is held.
    Leaving that stage withdraws the offer and says why. A move to the wait list names the program, or `any_program` on
    purpose. Raises NotPermitted, StageReasonNeeded, OnlyByAdmission, AlreadyAdmitted, OfferNeedsReason,
    ProgramToWaitFor and what an offer raises.
    """
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    stage = Stage(stage)
    if stage == Stage.ADMITTED:
        raise OnlyByAdmission
    if stage == Stage.OFFERED:
        return offers.offer(
            inquiry=inquiry,
            program=program or inquiry.program,
            lapses_on=offer_lapses_on,
            reason=reason,
            next_action=next_action,
            next_action_at=next_action_at,
            by=by,
        )
    check_moments(next_action_at)
    with act(MOVE, by=by, client=inquiry.client) as entry:
        inquiry = _locked(inquiry)
        before, reason = Stage(inquiry.stage), reason.strip()
        check_may_go(inquiry, stage, act=MOVE)
        ends, ended = stage in Inquiry.CLOSED_STAGES, before in Inquiry.CLOSED_STAGES
        if (ends or ended) and not reason:
            raise StageReasonNeeded
        if before == Stage.OFFERED and not reason:
            raise OfferNeedsReason
        if program is not None and program.clinic_id != inquiry.clinic_id:
            raise NotPermitted
        if stage == Stage.WAITLIST and not (program or inquiry.program_id or any_program):
            raise ProgramToWaitFor
        why = reason
        if stage == Stage.WAITLIST:
            inquiry.program = program or (None if any_program else inquiry.program)
            if inquiry.program is None:
                why = reason or ANY_PROGRAM
        if ends:
            what, when = "", None
        elif next_action is not None:
            what, when = next_action, next_action_at
        elif stage != before:
            what, when = _after(stage, inquiry)
        else:
            what, when = inquiry.next_action, inquiry.next_action_at
        set_stage(inquiry, stage, act=MOVE, reason=why, next_action=what, next_action_at=when)
        entry.about(inquiry, before=before, after=stage, reason_given=bool(reason))
    return inquiry


def begin_interim_services(*, inquiry: Inquiry, by: StaffMember) -> Inquiry:
    """Record that someone who has to wait gets interim services from now on (45 CFR 96.121, 96.126, 96.131)."""
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    with act("cases.begin_interim_services", by=by, client=inquiry.client) as entry:
        inquiry = _locked(inquiry)
        inquiry.interim_services_at = inquiry.interim_services_at or timezone.now()
        inquiry.save(update_fields=["interim_services_at"])
        entry.about(inquiry)
    return inquiry


def link(*, inquiry: Inquiry, client: Client, by: StaffMember, assigned_to: StaffMember | None = None) -> Inquiry:
    """Link the call to a client. The assigned counselor joins the care team to get access to the chart.

    Raises NotPermitted, AnotherPerson.
    """
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    demand(by, Permission.CLIENT_VIEW, client)
    with act("cases.link_inquiry", by=by, client=client) as entry:
        inquiry = _locked(inquiry)
        if inquiry.client_id not in (None, client.pk):
            raise AnotherPerson
        inquiry.client = client
        inquiry.is_draft = False
        if assigned_to is not None:
            if assigned_to.pk != by.pk or can(by, Permission.CARE_TEAM_ASSIGN):
                care_team.assign(client=client, staff_member=assigned_to, by=by)
            inquiry.assigned_to = assigned_to
        inquiry.save()
        tell(settings.INQUIRY_LINKED, inquiry=inquiry, client=client, by=by)
        entry.about(inquiry, assigned_to=assigned_to.pk if assigned_to else None)
    return inquiry


def unlink(*, inquiry: Inquiry, by: StaffMember, reason: str) -> Inquiry:
    """Take back who the person was thought to be. Who was put on the care team for it stays; end that separately."""
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    if not reason.strip():
        raise StageReasonNeeded
    with act("cases.unlink_inquiry", by=by, client=inquiry.client) as entry:
        inquiry = _locked(inquiry)
        if inquiry.stage == Stage.ADMITTED or inquiry.assessments.exists():
            raise AlreadyAdmitted("This link can’t be removed: an assessment or admission depends on it.")
        _check_evaluated(inquiry)
        entry.about(inquiry, unlinked=inquiry.client_id)
        client, inquiry.client = inquiry.client, None
        inquiry.save(update_fields=["client"])
        if client is not None:
            tell(settings.INQUIRY_UNLINKED, inquiry=inquiry, client=client, by=by)
    return inquiry


def _keep_why(inquiry: Inquiry, signs: set[str], because: str) -> None:
    because = " ".join(because.split())
    if not because:
        raise SayWhyNoDanger
    named = ", ".join(sorted(str(Inquiry.DangerSign(sign).label) for sign in signs))
    said, longest = f" Removed: {named}", Inquiry._meta.get_field("no_danger_because").max_length or 0
    inquiry.no_danger_because = because[: longest - len(said)] + said


def _check_evaluated(inquiry: Inquiry) -> None:
    """Refuse to remove a danger from a client's call before a clinician has evaluated it (safety/concerns.py)."""
    if inquiry.client is None:
        return
    today = timezone.localdate(timezone=inquiry.clinic.zone)
    if any(each.is_of("call", inquiry.pk) for each in safety.open_concerns(client=inquiry.client, on=today)):
        raise safety.EvaluateFirst


def start_readmission(*, inquiry: Inquiry, client: Client, counselor: StaffMember, by: StaffMember) -> Inquiry:
    """A former client is coming back: link them, give them their counselor, and begin screening."""
    with transaction.atomic():
        inquiry = link(inquiry=inquiry, client=client, assigned_to=counselor, by=by)
        if inquiry.stage in (Stage.NEW, Stage.CALLED_BACK):
            inquiry = move(inquiry=inquiry, stage=Stage.SCREENING, by=by)
    return inquiry


def call_back_within(inquiry: Inquiry) -> datetime.timedelta:
    """How soon to call back: sooner if a danger sign was heard."""
    hours = priority.CALL_BACK_HOURS_IN_DANGER if inquiry.danger_signs else priority.CALL_BACK_HOURS
    return datetime.timedelta(hours=hours.for_clinic(inquiry.clinic))


_NEXT = {
    Stage.NEW: "Call back",
    Stage.CALLED_BACK: "Schedule the screening",
    Stage.SCREENING: "Assess placement",
    Stage.WAITLIST: "Call to check in",
}


def _after(stage: str, inquiry: Inquiry) -> tuple[str, datetime.datetime]:
    days = 7 if stage == Stage.WAITLIST else 1
    at = timezone.now() + max(datetime.timedelta(days=days), call_back_within(inquiry))
    return _NEXT[Stage(stage)], priority.in_office_hours(inquiry, at)


def _begun(entry_key: uuid.UUID | None, by: StaffMember) -> Inquiry:
    """The row saved from this form before, or a new one. Two requests from one form take turns."""
    if entry_key is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(entry_key)])
        known = Inquiry.objects.filter(entry_key=entry_key, taken_by=by).first()
        if known is not None:
            return known
    return Inquiry(clinic=by.clinic, taken_at=timezone.now(), taken_by=by, entry_key=entry_key)


def _own_draft(inquiry: Inquiry, by: StaffMember) -> Inquiry:
    inquiry = _locked(inquiry)
    demand(by, Permission.INQUIRY_TAKE, inquiry)
    if not inquiry.is_draft or inquiry.taken_by_id != by.pk:
        raise Refusal("This call is no longer your draft. Open it from the board to continue.")
    return inquiry


def _set(inquiry: Inquiry, facts: CallFacts) -> list[str]:
    today = timezone.localdate(timezone=inquiry.clinic.zone)
    given = births.settled(dict(facts), today=today, stands=inquiry)
    check_moments(facts.get("next_action_at"))
    changed = [name for name, value in given.items() if getattr(inquiry, name) != value]
    heard = list(inquiry.danger_signs)
    for name in changed:
        setattr(inquiry, name, given[name])
    danger_sign_times.write_down(inquiry, heard)
    return sorted(changed)


def _only(facts: Mapping[str, object]) -> None:
    if unknown := facts.keys() - FACTS:
        raise TypeError(f"Unknown: {', '.join(sorted(unknown))}")

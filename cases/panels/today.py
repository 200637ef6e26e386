"""Today items of the case record: calls to answer, deadlines, decisions."""

from __future__ import annotations

import datetime
from dataclasses import replace

from cases.intake import board, intake_steps, offers, priority
from cases.intake.board import Card
from cases.models import Inquiry
from cases.safety import call_dangers
from cases.safety.danger_sign_times import last_heard_at
from staff.access import Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, each, known, reads, together

from . import today_data_set, today_learning, today_medical, today_milestones, today_reviews, today_safety

OFFER_SHOWN_WITHIN = datetime.timedelta(hours=24)
CLOCK_SHOWN_WITHIN = datetime.timedelta(hours=48)


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Inquiries for those who answer them, a clinician's assigned inquiries, and tasks from returns to use."""
    parts = (
        today_safety.needs,
        _inquiries,
        today_medical.needs,
        today_learning.needs,
        today_reviews.needs,
        today_milestones.needs,
        today_data_set.needs,
    )
    found = yield from each(part.part(staff_member=staff_member, now=now) for part in parts)
    return [need for own in found for need in own]


@reads
def _inquiries(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    takes = can(staff_member, Permission.INQUIRY_TAKE)
    hears = can(staff_member, Permission.INQUIRY_VIEW)
    in_danger, (cards, since) = yield from together(
        call_dangers.heard_by.part(staff_member, now) if hears else known([]),
        _queued(staff_member, now) if takes else known(([], {})),
    )
    dangers = {call.pk for call, _ in in_danger}
    found = [_danger(call, signs, staff_member) for call, signs in in_danger]
    whole_queue = can(staff_member, Permission.CLIENT_VIEW_ALL)
    for card in cards:
        found += _offer_ends(card, now)
        if card.inquiry.assigned_to_id == staff_member.pk:
            found += _interim_overdue(card, now)
            found += _assigned(card, staff_member, since.get(card.inquiry.pk))
        elif whole_queue or card.inquiry.taken_by_id == staff_member.pk:
            found += _queue(card, staff_member, now, in_danger=card.inquiry.pk in dangers)
    found.sort(key=lambda need: (need.urgency, not need.is_danger))
    return found


def _queued(
    staff_member: StaffMember, now: datetime.datetime
) -> Reading[tuple[list[Card], dict[int, intake_steps.Followed]]]:
    """The open inquiries, and what followed those that are assigned to this person."""
    columns = yield from board.columns.part(staff_member=staff_member, now=now)
    cards = [card for column in columns for card in column.cards]
    own = [card for card in cards if card.inquiry.assigned_to_id == staff_member.pk]
    whole, since = yield from together(
        board.with_details(own, staff_member) if own else known({}),
        intake_steps.followed.part([card.inquiry for card in own], staff_member=staff_member),
    )
    return [whole.get(card.inquiry.pk, card) for card in cards], since


def _danger(inquiry: Inquiry, signs: list[str], staff_member: StaffMember) -> Need:
    """A danger before all else of the call, until someone answers for it (cases/safety/call_dangers.py)."""
    answers = can(staff_member, Permission.INQUIRY_TAKE)
    heard = ", ".join(Inquiry.DangerSign(sign).label for sign in signs)
    title, detail, due = "Danger sign on a call", heard, inquiry.next_action_at
    if inquiry.is_draft:
        title, due = "Draft call: danger sign", inquiry.taken_at
    elif inquiry.stage == Inquiry.Stage.NEW and answers:
        title = "Call back: danger sign"
    elif inquiry.stage == Inquiry.Stage.NEW:
        detail = f"{heard}: no one has called back yet"
    else:
        detail = f"{heard}: {_to_do(inquiry, answers=answers)}"
    if inquiry.stage in Inquiry.CLOSED_STAGES:
        title, due = "Danger sign after an inquiry closed", last_heard_at(inquiry, signs)
    need = replace(_need(inquiry, Urgency.NOW, title, detail, "triangle-alert", due), is_danger=True)
    if inquiry.is_draft and inquiry.taken_by_id == staff_member.pk:
        need = replace(need, url=address("cases:inquiry_edit", inquiry.pk), button="Finish")
    return need


def _to_do(inquiry: Inquiry, *, answers: bool) -> str:
    if inquiry.client_id or not answers:
        return "a clinician still has to evaluate it"
    if inquiry.stage in Inquiry.CLOSED_STAGES:
        return "finish the call and link the person"
    return "link the person, or close it with a reason"


def _queue(card: Card, staff_member: StaffMember, now: datetime.datetime, *, in_danger: bool) -> list[Need]:
    """Tasks from a call besides any danger in it; the danger line already covers finishing a draft and calling back."""
    inquiry = card.inquiry
    if inquiry.is_draft:
        return [_draft(inquiry)] if inquiry.taken_by_id == staff_member.pk and not in_danger else []
    if in_danger and inquiry.stage == Inquiry.Stage.NEW:
        return []
    clock = card.clock
    if clock is not None and clock.due_at - now <= CLOCK_SHOWN_WITHIN:
        urgency = Urgency.NOW if clock.is_late(now) else Urgency.TODAY
        return [_need(inquiry, urgency, clock.duty, card.priority.label, "clock-alert", clock.due_at)]
    if _offer_ends(card, now):
        return []  # said already; hearing from them is the same call
    if card.is_due:
        asked = inquiry.get_stage_display()
        return [
            _need(card.inquiry, Urgency.TODAY, inquiry.next_action, asked, "phone-outgoing", inquiry.next_action_at)
        ]
    if inquiry.stage == Inquiry.Stage.NEW:
        return [_need(inquiry, Urgency.SOON, inquiry.next_action, "New", "phone-incoming", inquiry.next_action_at)]
    return []


def _offer_ends(card: Card, now: datetime.datetime) -> list[Need]:
    """An opening held for less than a day more, or just expired: call before it goes to someone else."""
    ends = offers.lapses_at(card.inquiry)
    if ends is None or ends - now > OFFER_SHOWN_WITHIN:
        return []
    title = "Offer expiring" if ends > now else "Offer expired"
    detail = f"{card.inquiry.program}, held through {card.inquiry.offer_lapses_on:%a, %b %-d}"
    return [_need(card.inquiry, Urgency.TODAY, title, detail, "calendar-x", ends)]


def _interim_overdue(card: Card, now: datetime.datetime) -> list[Need]:
    """An overdue legal duty also goes to those who take over inquiries, not only to the desk that answers calls."""
    late = [clock for clock in card.priority.clocks if clock.duty != priority.ADMIT and clock.is_late(now)]
    return [
        _need(card.inquiry, Urgency.NOW, clock.duty, f"{card.priority.label} · overdue", "clock-alert", clock.due_at)
        for clock in late
    ]


def _assigned(card: Card, staff_member: StaffMember, since: intake_steps.Followed | None) -> list[Need]:
    """An inquiry that is waiting for this person's next step."""
    step = intake_steps.next_step(card.inquiry, staff_member=staff_member, since=since or intake_steps.Followed())
    if step is None or not step.url:
        return []
    urgent = card.inquiry.danger_signs or card.is_late
    return [
        Need(
            urgency=Urgency.NOW if card.inquiry.danger_signs else Urgency.TODAY if urgent else Urgency.SOON,
            title=step.button,
            detail="Assigned to you" + (f" · {card.priority.label}" if card.priority.label else ""),
            url=step.url,
            button=step.label,
            icon="route",
            due=card.clock.due_at if card.clock else card.inquiry.next_action_at,
            client_name=card.inquiry.person_name,
            kind="Intake",
        )
    ]


def _draft(inquiry: Inquiry) -> Need:
    return Need(
        urgency=Urgency.TODAY,
        title="Finish recording a call",
        detail="Draft saved",
        url=address("cases:inquiry_edit", inquiry.pk),
        button="Finish",
        icon="pencil",
        due=inquiry.taken_at,
        client_name=inquiry.person_name,
        kind="Inquiries",
    )


def _need(
    inquiry: Inquiry, urgency: Urgency, title: str, detail: str, icon: str, due: datetime.datetime | None
) -> Need:
    return Need(
        urgency=urgency,
        title=title,
        detail=detail,
        url=address("cases:inquiry", inquiry.pk),
        button="Open",
        icon=icon,
        due=due,
        client_name=inquiry.person_name,
        kind="Inquiries",
    )

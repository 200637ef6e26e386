"""What the case record puts on somebody's Today: calls to answer, clocks that run, people to decide about."""

from __future__ import annotations

import datetime
from dataclasses import replace

from django.urls import reverse

from cases import (
    board,
    offers,
    priority,
    today_data_set,
    today_learning,
    today_medical,
    today_milestones,
    today_reviews,
    today_safety,
    way_through,
)
from cases.board import Card
from cases.models import Inquiry
from staff.access import Permission, can
from staff.models import StaffMember
from staff.needs import Need, Urgency

OFFER_SHOWN_WITHIN = datetime.timedelta(hours=24)
CLOCK_SHOWN_WITHIN = datetime.timedelta(hours=48)
SHOWN = 20


def needs(*, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    """Inquiries for who answers them, those assigned to them for a clinician, and what the returns to use ask for."""
    found: list[Need] = []
    if can(staff_member, Permission.INQUIRY_TAKE):
        cards = [card for column in board.columns(staff_member=staff_member, now=now) for card in column.cards]
        own = [card.inquiry for card in cards if card.inquiry.assigned_to_id == staff_member.pk]
        since = way_through.followed(own, staff_member=staff_member)
        whole_queue = can(staff_member, Permission.CLIENT_VIEW_ALL)
        for card in cards:
            found += _offer_ends(card, now)
            if card.inquiry.assigned_to_id == staff_member.pk:
                found += _interim_overdue(card, now)
                found += _assigned(card, staff_member, since.get(card.inquiry.pk))
            elif whole_queue or card.inquiry.taken_by_id == staff_member.pk:
                found += _queue(card, staff_member, now)
    # what is urgent is never cut off, neither by calls that can wait nor by others like it
    urgent = [need for need in found if need.urgency is Urgency.NOW]
    found = [need for need in found if need.urgency is not Urgency.NOW]
    found.sort(key=lambda need: need.urgency)
    return [
        *today_safety.needs(staff_member=staff_member, now=now),
        *urgent,
        *found[: max(0, SHOWN - len(urgent))],
        *today_medical.needs(staff_member=staff_member, now=now),
        *today_learning.needs(staff_member=staff_member, now=now),
        *today_reviews.needs(staff_member=staff_member, now=now),
        *today_milestones.needs(staff_member=staff_member, now=now),
        *today_data_set.needs(staff_member=staff_member, now=now),
    ]


def _queue(card: Card, staff_member: StaffMember, now: datetime.datetime) -> list[Need]:
    inquiry = card.inquiry
    if inquiry.is_draft:
        return [_draft(inquiry)] if inquiry.taken_by_id == staff_member.pk else []
    if inquiry.danger_signs and inquiry.stage == Inquiry.Stage.NEW:
        signs = ", ".join(Inquiry.DangerSign(sign).label for sign in inquiry.danger_signs)
        need = _need(card, Urgency.NOW, "Call back: danger sign", signs, "triangle-alert", inquiry.next_action_at)
        return [replace(need, is_danger=True)]
    clock = card.clock
    if clock is not None and clock.due_at - now <= CLOCK_SHOWN_WITHIN:
        urgency = Urgency.NOW if clock.is_late(now) else Urgency.TODAY
        return [_need(card, urgency, clock.duty, card.priority.label, "clock-alert", clock.due_at)]
    if _offer_ends(card, now):
        return []  # said already; hearing from them is the same call
    if card.is_due:
        asked = inquiry.get_stage_display()
        return [_need(card, Urgency.TODAY, inquiry.next_action, asked, "phone-outgoing", inquiry.next_action_at)]
    if inquiry.stage == Inquiry.Stage.NEW:
        return [_need(card, Urgency.SOON, inquiry.next_action, "New", "phone-incoming", inquiry.next_action_at)]
    return []


def _offer_ends(card: Card, now: datetime.datetime) -> list[Need]:
    """A place that is kept for less than a day, or was: call before it goes to somebody else."""
    ends = offers.lapses_at(card.inquiry)
    if ends is None or ends - now > OFFER_SHOWN_WITHIN:
        return []
    title = "The offered place lapses" if ends > now else "The offered place has lapsed"
    detail = f"{card.inquiry.program}, kept through {card.inquiry.offer_lapses_on:%a %-d %b}"
    return [_need(card, Urgency.TODAY, title, detail, "calendar-x", ends)]


def _interim_overdue(card: Card, now: datetime.datetime) -> list[Need]:
    """A duty of law that is late is told to whoever takes over, too, not only to the desk that answers calls."""
    late = [clock for clock in card.priority.clocks if clock.duty != priority.ADMIT and clock.is_late(now)]
    return [
        _need(card, Urgency.NOW, clock.duty, f"{card.priority.label} · overdue", "clock-alert", clock.due_at)
        for clock in late
    ]


def _assigned(card: Card, staff_member: StaffMember, since: way_through.Followed | None) -> list[Need]:
    """Somebody whose way in waits for this person's next step."""
    step = way_through.next_step(card.inquiry, staff_member=staff_member, since=since or way_through.Followed())
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
            kind="On their way in",
        )
    ]


def _draft(inquiry: Inquiry) -> Need:
    return Need(
        urgency=Urgency.TODAY,
        title="Finish writing down a call",
        detail="Kept as a draft",
        url=reverse("cases:inquiry_edit", args=[inquiry.pk]),
        button="Finish",
        icon="pencil",
        due=inquiry.taken_at,
        client_name=inquiry.person_name,
        kind="Inquiries",
    )


def _need(card: Card, urgency: Urgency, title: str, detail: str, icon: str, due: datetime.datetime | None) -> Need:
    return Need(
        urgency=urgency,
        title=title,
        detail=detail,
        url=reverse("cases:inquiry", args=[card.inquiry.pk]),
        button="Open",
        icon=icon,
        due=due,
        client_name=card.inquiry.person_name,
        kind="Inquiries",
    )

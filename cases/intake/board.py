"""The inquiry board: open inquiries by stage, most urgent first."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cases.models import Inquiry
from cases.models.intake import InquiryQuerySet
from staff.models import StaffMember
from staff.reading import Reading, reads, rows

from . import priority as queue

Stage = Inquiry.Stage

FORWARD = {
    Stage.NEW: Stage.CALLED_BACK,
    Stage.CALLED_BACK: Stage.SCREENING,
    Stage.SCREENING: Stage.OFFERED,
    Stage.OFFERED: Stage.WAITLIST,
}


@dataclass(frozen=True)
class Card:
    """One inquiry on the board."""

    inquiry: Inquiry
    priority: queue.Priority
    age: datetime.timedelta
    is_due: bool
    is_late: bool
    forward: Stage | None
    offer_lapsed: bool

    @property
    def clock(self) -> queue.Clock | None:
        """The legal duty that falls due first."""
        return self.priority.next_clock


@dataclass(frozen=True)
class Column:
    """One stage with its inquiries."""

    stage: Stage
    cards: list[Card]


@reads
def columns(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Column]]:
    """The open stages with their inquiries: by rank, then by due time, then oldest first."""
    waiting = yield from rows(_rows(staff_member).open().order_by("taken_at"))
    values = queue.limits(staff_member.clinic)
    today = now.astimezone(staff_member.clinic.zone).date()
    cards: dict[str, list[Card]] = {stage: [] for stage in Stage if stage not in Inquiry.CLOSED_STAGES}
    for inquiry in waiting:
        cards[inquiry.stage].append(_card(inquiry, values, now, today))
    for column in cards.values():
        column.sort(key=lambda card: (card.priority.rank, _due(card), card.inquiry.taken_at))
    return [Column(Stage(stage), held) for stage, held in cards.items()]


def moves(inquiry: Inquiry) -> list[Stage]:
    """Stages that a plain button may move this inquiry to."""
    if inquiry.stage == Stage.ADMITTED:
        return []
    return [stage for stage in Stage if stage not in (Stage.ADMITTED, inquiry.stage)]


def _rows(staff_member: StaffMember) -> InquiryQuerySet:
    return Inquiry.objects.visible_to(staff_member).select_related(
        "assigned_to", "client", "program", "taken_by", "clinic"
    )


def _card(inquiry: Inquiry, values: dict[str, int], now: datetime.datetime, today: datetime.date) -> Card:
    standing = queue.of(inquiry, values)
    clock = standing.next_clock
    late = (clock is not None and clock.is_late(now)) or (
        inquiry.next_action_at is not None and inquiry.next_action_at < now
    )
    return Card(
        inquiry=inquiry,
        priority=standing,
        age=now - inquiry.taken_at,
        is_due=inquiry.next_action_at is not None and inquiry.next_action_at <= now,
        is_late=late,
        forward=FORWARD.get(Stage(inquiry.stage)),
        offer_lapsed=inquiry.offer_lapses_on is not None and inquiry.offer_lapses_on < today,
    )


def _due(card: Card) -> datetime.datetime:
    moments = [card.inquiry.next_action_at, card.clock.due_at if card.clock else None]
    return min((each for each in moments if each), default=datetime.datetime.max.replace(tzinfo=datetime.UTC))

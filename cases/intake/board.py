"""The inquiry board: open inquiries by stage, most urgent first."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cases.models import Inquiry
from cases.models.intake import InquiryQuerySet
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows

from . import priority as queue

Stage = Inquiry.Stage
OPEN = [stage for stage in Stage if stage not in Inquiry.CLOSED_STAGES]
CARDS = 12  # of a stage on the board; behind them, whoever is in danger or due has a line
ON_A_PAGE = 50  # of one stage by itself
# All that says how urgent an inquiry is, and whose.
_URGENCY_FIELDS = (
    "stage", "taken_at", "danger_signs", "pregnant", "injects", "interim_services_at", "next_action_at",
    "offer_lapses_on", "given_name", "family_name", "next_action",
)  # fmt: skip
_TODAY_FIELDS = (*_URGENCY_FIELDS, "is_draft", "taken_by", "assigned_to", "client", "clinic", "program__name")

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
    overdue: str  # the duty whose time is over

    @property
    def is_pressing(self) -> bool:
        """Must not be missed: a danger, or something due by now."""
        return self.priority.rank == queue.Rank.DANGER or self.is_due or self.is_late or self.offer_lapsed

    @property
    def why(self) -> str:
        """Why it is pressing, in words; empty if it isn't."""
        danger = self.priority.label if self.priority.rank == queue.Rank.DANGER else ""
        due = (self.inquiry.next_action or "due") if self.is_due else ""
        overdue = f"{self.overdue}: overdue" if self.overdue else ""
        return ", ".join(filter(None, (danger, overdue, "the offer expired" if self.offer_lapsed else "", due)))

    @property
    def clock(self) -> queue.Clock | None:
        """The legal duty that falls due first."""
        return self.priority.next_clock


@dataclass(frozen=True)
class Column:
    """One stage with its inquiries, or with the most urgent of them."""

    stage: Stage
    cards: list[Card]
    pressing: list[Card] = field(default_factory=list)  # of those behind the cards, whoever is in danger or due
    total: int = 0

    @property
    def more(self) -> int:
        """How many are shown neither as a card nor as a line."""
        return self.total - len(self.cards) - len(self.pressing)


@reads
def columns(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Column]]:
    """The open stages with their inquiries: by rank, then by due time, then oldest first.

    Of each inquiry no more than a line of Today shows; `with_details` reads the rest for those that need it.
    """
    waiting = yield from rows(query(_on_today, by=staff_member))
    for inquiry in waiting:
        inquiry.clinic = staff_member.clinic
    cards = _by_stage(waiting, staff_member, now)
    return [Column(stage, cards[stage], total=len(cards[stage])) for stage in OPEN]


@reads
def shown(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Column]]:
    """The open stages with the most urgent inquiries of each, however many wait; no pressing one is left out."""
    cards = _by_stage((yield from rows(query(_open, by=staff_member))), staff_member, now)
    pressing = {stage: [card for card in cards[stage][CARDS:] if card.is_pressing] for stage in OPEN}
    found = yield from with_details([card for stage in OPEN for card in cards[stage][:CARDS]], staff_member)
    return [
        Column(
            stage,
            [found[card.inquiry.pk] for card in cards[stage][:CARDS] if card.inquiry.pk in found],
            pressing[stage],
            len(cards[stage]),
        )
        for stage in OPEN
    ]


@reads
def one_stage(*, stage: Stage, page: int, staff_member: StaffMember, now: datetime.datetime) -> Reading[Column]:
    """One stage by itself in the same order, so many inquiries a page; the last page for a number behind it."""
    cards = _by_stage((yield from rows(query(_of_stage, by=staff_member, stage=stage))), staff_member, now)
    start = starts_at(page, len(cards[stage]))
    found = yield from with_details(cards[stage][start : start + ON_A_PAGE], staff_member)
    return Column(stage, list(found.values()), total=len(cards[stage]))


def starts_at(page: int, total: int) -> int:
    """How many stand on the pages before it."""
    return (min(max(page, 1), max(1, -(-total // ON_A_PAGE))) - 1) * ON_A_PAGE


def with_details(cards: list[Card], staff_member: StaffMember) -> Reading[dict[int, Card]]:
    """The same cards, in the same order, with all of each inquiry that is still there."""
    found = yield from rows(query(_whole, by=staff_member, inquiries=[card.inquiry.pk for card in cards]))
    held = {inquiry.pk: inquiry for inquiry in found}
    return {card.inquiry.pk: replace(card, inquiry=held[card.inquiry.pk]) for card in cards if card.inquiry.pk in held}


def _by_stage(
    inquiries: Iterable[Inquiry], staff_member: StaffMember, now: datetime.datetime
) -> dict[Stage, list[Card]]:
    values = queue.limits(staff_member.clinic)
    today = now.astimezone(staff_member.clinic.zone).date()
    cards: dict[Stage, list[Card]] = {stage: [] for stage in OPEN}
    for inquiry in inquiries:
        cards[Stage(inquiry.stage)].append(_card(inquiry, values, now, today))
    for held in cards.values():
        held.sort(key=lambda card: (card.priority.rank, _due(card), card.inquiry.taken_at))
    return cards


def moves(inquiry: Inquiry) -> list[Stage]:
    """Stages that a plain button may move this inquiry to."""
    if inquiry.stage == Stage.ADMITTED:
        return []
    return [stage for stage in Stage if stage not in (Stage.ADMITTED, inquiry.stage)]


def _on_today(by: Any) -> InquiryQuerySet:
    visible = Inquiry.objects.visible_to(by).open().select_related("program")
    return visible.only(*_TODAY_FIELDS).order_by("taken_at")


def _open(by: Any) -> InquiryQuerySet:
    return Inquiry.objects.visible_to(by).open().only(*_URGENCY_FIELDS).order_by("taken_at")


def _of_stage(by: Any, stage: str) -> InquiryQuerySet:
    return Inquiry.objects.visible_to(by).filter(stage=stage).only(*_URGENCY_FIELDS).order_by("taken_at")


def _whole(by: Any, inquiries: Any) -> InquiryQuerySet:
    visible = Inquiry.objects.visible_to(by).filter(IsOneOf("pk", inquiries))
    return visible.select_related("assigned_to", "client", "program", "taken_by", "clinic")


def _card(inquiry: Inquiry, values: dict[str, int], now: datetime.datetime, today: datetime.date) -> Card:
    standing = queue.of(inquiry, values)
    clock = standing.next_clock
    overdue = clock.duty if clock is not None and clock.is_late(now) else ""
    late = bool(overdue) or (inquiry.next_action_at is not None and inquiry.next_action_at < now)
    return Card(
        inquiry=inquiry,
        priority=standing,
        age=now - inquiry.taken_at,
        is_due=inquiry.next_action_at is not None and inquiry.next_action_at <= now,
        is_late=late,
        forward=FORWARD.get(Stage(inquiry.stage)),
        offer_lapsed=inquiry.offer_lapses_on is not None and inquiry.offer_lapses_on < today,
        overdue=overdue,
    )


def _due(card: Card) -> datetime.datetime:
    moments = [card.inquiry.next_action_at, card.clock.due_at if card.clock else None]
    return min((each for each in moments if each), default=datetime.datetime.max.replace(tzinfo=datetime.UTC))

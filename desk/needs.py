"""Everything that needs attention today, collected from every app on each request."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

import appointments.today
import cases.panels.today
import counseling.panels.today
import groups.today
import privacy.today
import referrals.held_today
import referrals.other_help.today
import referrals.overtaken
import referrals.today
import reminders.today
import staff.today
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, each, reads

SOURCES = (
    cases.panels.today.needs,
    counseling.panels.today.needs,
    groups.today.needs,
    referrals.today.needs,
    referrals.other_help.today.needs,
    referrals.held_today.needs,
    referrals.overtaken.needs,
    appointments.today.needs,
    reminders.today.needs,
    privacy.today.needs,
    staff.today.needs,
)
FARTHEST = datetime.datetime.max.replace(tzinfo=datetime.UTC)


SHOWN = 25  # no one reads a longer list, unless they ask for the rest


@dataclass(frozen=True)
class DatedNeed:
    """A need with its due date in words."""

    need: Need
    due_text: str
    is_late: bool


@dataclass(frozen=True)
class NeedGroup:
    """Needs of one urgency under one heading; `more` counts those not shown."""

    urgency: Urgency
    heading: str
    needs: list[DatedNeed]
    more: int

    @property
    def total(self) -> int:
        """Shown or not."""
        return len(self.needs) + self.more


HEADINGS = {Urgency.NOW: "Now", Urgency.TODAY: "Today", Urgency.SOON: "Soon"}


@reads
def needs_of(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """Everything that needs this person: by urgency, then danger first, then by due time."""
    found = yield from each(source.part(staff_member=staff_member, now=now) for source in SOURCES)
    return sorted((need for needs in found for need in needs), key=lambda need: _place(need, staff_member, now))


def _place(
    need: Need, staff_member: StaffMember, now: datetime.datetime
) -> tuple[int, bool, bool, datetime.datetime, str]:
    """Sort key: calls for help now, danger before chores, and danger without a date as danger now."""
    due = now if need.is_danger and need.due is None else _due(need, staff_member)
    return need.urgency, not need.first, not need.is_danger, due, need.title


@reads
def grouped_needs(
    *, staff_member: StaffMember, now: datetime.datetime, whole: bool = False
) -> Reading[list[NeedGroup]]:
    """The same under headings, without empty ones; chores past the first SHOWN only with `whole`.

    Needs for now, and anything someone may die of, are never cut off.
    """
    needs = yield from needs_of.part(staff_member=staff_member, now=now)
    groups = []
    for urgency in Urgency:
        own = [need for need in needs if need.urgency == urgency]
        if own:
            shown_at_most = len(own) if whole or urgency is Urgency.NOW else SHOWN
            listed = [need for place, need in enumerate(own) if place < shown_at_most or need.is_danger]
            shown = [_dated(need, staff_member, now) for need in listed]
            groups.append(NeedGroup(urgency, HEADINGS[urgency], shown, len(own) - len(shown)))
    return groups


def due_in_words(due: datetime.date, today: datetime.date) -> str:
    """“today”, “tomorrow”, “3 days late”, “Fri, Mar 6”."""
    days = (due - today).days
    if days < 0:
        return "since yesterday" if days == -1 else f"{-days} days late"
    return {0: "today", 1: "tomorrow"}.get(days, f"{due:%a, %b %-d}")


def _dated(need: Need, staff_member: StaffMember, now: datetime.datetime) -> DatedNeed:
    if need.due is None:
        return DatedNeed(need, "", is_late=False)
    zone = staff_member.clinic.zone
    moment = isinstance(need.due, datetime.datetime)
    local = need.due.astimezone(zone) if isinstance(need.due, datetime.datetime) else None
    day = local.date() if local else need.due
    words = due_in_words(day, timezone.localdate(now, zone))
    if local and words in {"today", "tomorrow"}:
        words += f" {local:%-I:%M %p}"
    return DatedNeed(
        need, words, is_late=_due(need, staff_member) < now if moment else day < timezone.localdate(now, zone)
    )


def _due(need: Need, staff_member: StaffMember) -> datetime.datetime:
    """The due time as one comparable moment; a day counts as its end, in the clinic's zone."""
    if need.due is None:
        return FARTHEST
    if isinstance(need.due, datetime.datetime):
        return need.due
    return datetime.datetime.combine(need.due, datetime.time.max, staff_member.clinic.zone)

"""A client's follow-up after the last discharge, as its page shows it: what was agreed, planned, done and said."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from appointments import calls_due, visits
from appointments.call_plan import DueCall, PlannedCall
from appointments.calls_due import FollowedUp
from appointments.codes import Outcome
from appointments.follow_up_windows import THIRTY, WindowStanding, standing
from appointments.models import ContinuingCareChoice, FollowUpCall
from cases.models import Client, ContactPoint
from cases.people import numbers_to_call
from staff.access import Permission, can
from staff.days import beginning_of
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

AHEAD = PAST = 4  # planned calls that are shown at once


@dataclass(frozen=True)
class ScheduleLine:
    """One planned call: who answered it, or how it stands."""

    due_on: datetime.date
    label: str
    state: str  # done, missed, due, ahead
    call: FollowUpCall | None = None


@dataclass(frozen=True)
class Schedule:
    """Planned calls: the last few and the next few, those before them, and those that come later."""

    shown: Sequence[ScheduleLine]
    earlier: Sequence[ScheduleLine]
    later: Sequence[ScheduleLine]


@dataclass(frozen=True)
class FollowUpPage:
    """All that the page shows."""

    followed: FollowedUp | None
    calls: Sequence[FollowUpCall]
    choices: Sequence[ContinuingCareChoice]
    window: WindowStanding | None
    today: datetime.date
    number: ContactPoint | None = None

    @property
    def due(self) -> DueCall | None:
        """The call that is to be made now."""
        if self.followed is None or self.followed.why_not:
            return None
        return next(iter(self.followed.plan.due(self.today)[-1:]), None)

    @property
    def next_call(self) -> PlannedCall | None:
        """The first one after today."""
        if self.followed is None or self.followed.why_not:
            return None
        return self.followed.plan.next_call(self.today)

    @property
    def days_left(self) -> int | None:
        """Days in which a visit still meets the open window."""
        return self.window.days_left(self.today) if self.window and self.window_ends else None

    @property
    def window_ends(self) -> datetime.date | None:
        """The last day of the open window."""
        if self.followed is None or not self.followed.is_followed_up or self.window is None:
            return None
        return self.window.ends_on(self.today)


@reads
def read(client: Client, *, staff_member: StaffMember) -> Reading[FollowUpPage]:
    """The page of one client."""
    today = timezone.localdate(timezone=client.clinic.zone)
    followed, number, calls, choices = yield from together(
        calls_due.of_client.part(client),
        numbers_to_call.of.part(client.pk, staff_member=staff_member),
        rows(
            query(
                lambda client, by: (
                    FollowUpCall.objects.visible_to(by)
                    .filter(client=client)
                    .select_related("by")
                    .order_by("-at", "-pk")
                ),
                client=client,
                by=staff_member,
            )
        ),
        rows(
            query(
                lambda client, by: (
                    ContinuingCareChoice.objects.visible_to(by)
                    .filter(client=client)
                    .select_related("by")
                    .order_by("-at", "-pk")
                ),
                client=client,
                by=staff_member,
            )
        ),
    )
    if followed is None:
        return FollowUpPage(None, calls, choices, None, today)
    window = yield from window_of.part(followed)
    own = [each for each in calls if each.episode_id == followed.episode.pk]
    own_choices = [each for each in choices if each.episode_id == followed.episode.pk]
    return FollowUpPage(followed, own, own_choices, window, today, number)


def after_discharge(*, client: Client, staff_member: StaffMember) -> str:
    """The page on which calls are agreed with the client, if any will follow (settings.AFTER_DISCHARGE)."""
    if not can(staff_member, Permission.FOLLOW_UP_VIEW) or not can(staff_member, Permission.FOLLOW_UP_RECORD):
        return ""
    followed = calls_due.of_client(client)
    if followed is None or followed.why_not:
        return ""
    return f"{reverse('appointments:follow_up', args=[client.pk])}#agreed"


@reads
def window_of(followed: FollowedUp) -> Reading[WindowStanding | None]:
    """The windows for a visit after residential or hospital care, if that was the last care or shortly before it."""
    stay = followed.high_intensity_stay(followed.plan.discharged_on - datetime.timedelta(days=THIRTY))
    if stay is None or stay.discharged_on is None:
        return None
    client = followed.client
    begin = beginning_of(stay.discharged_on, client.clinic.zone)
    seen = yield from visits.since.part(clients=[client.pk], since=begin)
    days = [timezone.localdate(at, client.clinic.zone) for at in seen.get(client.pk, [])]
    return standing(discharged_on=stay.discharged_on, visits=days)


def schedule(page: FollowUpPage) -> Schedule:
    """The planned calls, each with the call that answered it."""
    if page.followed is None:
        return Schedule([], [], [])
    plan, zone = page.followed.plan, page.followed.client.clinic.zone
    planned = plan.calls(page.today)
    early = datetime.timedelta(days=plan.numbers.early_days)
    answered: dict[datetime.date, FollowUpCall] = {}
    covered: datetime.date | None = None
    for call in sorted(page.calls, key=lambda each: (each.at, each.pk)):
        if call.outcome != Outcome.REACHED:
            continue
        until = timezone.localdate(call.at, zone) + early
        mine = [each.due_on for each in planned if each.due_on <= until and (covered is None or each.due_on > covered)]
        if mine:
            answered[mine[-1]] = call
        covered = until
    due = page.due
    lines = [
        ScheduleLine(
            each.due_on, str(each.kind.label), _state(each, answered, covered, due, page), answered.get(each.due_on)
        )
        for each in planned
    ]
    ahead = [line for line in lines if line.state == "ahead"]
    past = [line for line in lines if line.state != "ahead"]
    return Schedule([*past[-PAST:], *ahead[:AHEAD]], past[:-PAST], ahead[AHEAD:])


def _state(
    each: PlannedCall,
    answered: dict[datetime.date, FollowUpCall],
    covered: datetime.date | None,
    due: DueCall | None,
    page: FollowUpPage,
) -> str:
    if each.due_on in answered:
        return "done"
    if due is not None and each.due_on == due.due_on:
        return "due"
    if each.due_on > page.today:
        return "covered" if covered is not None and each.due_on <= covered and not _agreed(each, page) else "ahead"
    return "missed"


def _agreed(each: PlannedCall, page: FollowUpPage) -> bool:
    return page.followed is not None and each.due_on == page.followed.plan.agreed_on

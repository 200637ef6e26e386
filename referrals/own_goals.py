"""Goals that clients set for themselves, and a calendar of the meetings they went to: kind words, and no streaks."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, cast

from django.apps import apps
from django.db.models import F
from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows
from staff.refusals import Refusal

from .models import OwnGoal
from .models.own_goal import MOST_A_DAY, MOST_DAYS, WEEK

WEEKS_SHOWN = 14  # 90 days, and the rest of their first and last week


class NotAGoal(Refusal):
    sentence = "Enter how many meetings, and a week or up to 366 days."


class TooMany(Refusal):
    """More than three meetings a day."""

    def __init__(self, days: int) -> None:
        span = "a week" if days == WEEK else f"in {days} days"
        super().__init__(f"Enter up to {MOST_A_DAY * days} meetings {span}. That is {MOST_A_DAY} a day.")


class PutAway(Refusal):
    sentence = "This goal was already put away."


@dataclass(frozen=True)
class Day:
    """One day of the calendar. `visits` is None outside the goal's days and ahead."""

    on: datetime.date
    visits: int | None

    @property
    def state(self) -> str:
        """How the picture draws it: “there”, “outside” of the goal, or only a day."""
        return "outside" if self.visits is None else "there" if self.visits else "day"

    @property
    def words(self) -> str:
        """For who can't see the picture."""
        if not self.visits:
            return f"{self.on:%b %-d}"
        return f"{self.on:%b %-d}: {self.visits} {'meeting' if self.visits == 1 else 'meetings'}"


@dataclass(frozen=True)
class Picture:
    """A goal with its calendar, weeks from Sunday, the latest last."""

    goal: OwnGoal
    weeks: list[list[Day]]
    went: int  # since it began
    this_week: int
    words: str
    before: tuple[str, ...] = ()  # what it was before it was changed, the latest first


def set_goal(
    *, client: Client, meetings: int, days: int, by: StaffMember, begins_on: datetime.date | None = None
) -> OwnGoal:
    """Record a goal in the client's own words of number: `days` is 7 for one a week.

    One that they have already stays the one goal, as when a form is sent twice. Raises NotAGoal, TooMany.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    _check(client, meetings, days, begins_on)
    said = {"meetings": meetings, "days": days, "begins_on": begins_on or client.today}
    with act("referrals.set_own_goal", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        goal = OwnGoal.objects.current().filter(client=client, **said).first()
        if goal is not None:
            entry.nothing_changed()
        else:
            goal = OwnGoal.objects.create(client=client, set_at=timezone.now(), set_by=by, **said)
        entry.about(goal)
    return goal


def change(
    *, goal: OwnGoal, meetings: int, days: int, by: StaffMember, begins_on: datetime.date | None = None
) -> OwnGoal:
    """Make it another goal, as the client says now. What it was stays in its history.

    Raises NotAGoal, TooMany, PutAway.
    """
    demand(by, Permission.REFERRAL_MAKE, goal.client)
    _check(goal.client, meetings, days, begins_on)
    with act("referrals.change_own_goal", by=by, client=goal.client) as entry:
        row = OwnGoal.objects.select_for_update(of=("self",), no_key=True).get(pk=goal.pk)
        if row.put_away_on is not None:
            raise PutAway
        said = (meetings, days, begins_on or row.begins_on)
        if said == (row.meetings, row.days, row.begins_on):
            entry.nothing_changed()
            return row
        row.meetings, row.days, row.begins_on = said
        row.save(update_fields=["meetings", "days", "begins_on"])
        entry.about(row)
    return row


def put_away(*, goal: OwnGoal, by: StaffMember) -> OwnGoal:
    """The client has no more use for it. What they did stays. Raises PutAway."""
    demand(by, Permission.REFERRAL_MAKE, goal.client)
    with act("referrals.put_own_goal_away", by=by, client=goal.client) as entry:
        day = max(goal.client.today, goal.begins_on)
        if not OwnGoal.objects.current().filter(pk=goal.pk).update(put_away_on=day):
            raise PutAway
        goal.put_away_on = day
        entry.about(goal)
    return goal


@reads
def pictures(*, client: Client, staff_member: StaffMember, visited: Iterable[datetime.date]) -> Reading[list[Picture]]:
    """All goals of a client that the reader may see, those of now first, with what they were before. Two statements."""
    goals = yield from rows(
        query(
            lambda client, by: OwnGoal.objects.visible_to(by).filter(client=client).order_by(_now_first, "-begins_on"),
            client=client,
            by=staff_member,
        )
    )
    if not goals:
        return []
    rows_of = apps.get_model("referrals", "OwnGoalEvent")._default_manager
    seen = yield from rows(
        rows_of.filter(IsOneOf("pgh_obj", [goal.pk for goal in goals])).order_by("pgh_obj", "pgh_id")
    )
    history: dict[int, list[_Kept]] = defaultdict(list)
    for event in cast("list[_Kept]", seen):
        history[event.pgh_obj_id].append(event)
    days = list(visited)
    return [replace(picture(goal, days, client.today), before=_before(history[goal.pk], client)) for goal in goals]


class _Kept(Protocol):
    """A goal as it was after a change: a row of its history."""

    pgh_obj_id: int
    pgh_created_at: datetime.datetime
    meetings: int
    days: int


_now_first = F("put_away_on").desc(nulls_first=True)


def _before(events: Sequence[_Kept], client: Client) -> tuple[str, ...]:
    """Each goal that it was, by its history, and until when."""
    found = []
    for event, after in pairwise(events):
        if (event.meetings, event.days) != (after.meetings, after.days):
            was = OwnGoal(meetings=event.meetings, days=event.days)
            found.append(f"{was}, until {timezone.localdate(after.pgh_created_at, client.clinic.zone):%b %-d, %Y}")
    return tuple(reversed(found))


def _check(client: Client, meetings: int, days: int, begins_on: datetime.date | None) -> None:
    if not (meetings >= 1 and WEEK <= days <= MOST_DAYS):
        raise NotAGoal
    if meetings > MOST_A_DAY * days:
        raise TooMany(days)
    check_possible(client, begins_on, ahead=MOST_DAYS)


def picture(goal: OwnGoal, visited: Iterable[datetime.date], today: datetime.date) -> Picture:
    """The calendar of a goal from the days of visits: what was done, and nothing about what was not."""
    counted = Counter(visited)
    last = min(today, goal.ends_on or today, goal.put_away_on or today)
    went = sum(times for day, times in counted.items() if goal.begins_on <= day <= last)
    sunday = _sunday(last)
    this_week = sum(times for day, times in counted.items() if max(sunday, goal.begins_on) <= day <= last)
    first = max(_sunday(goal.begins_on), sunday - datetime.timedelta(weeks=WEEKS_SHOWN - 1))
    weeks = []
    for number in range((sunday - first).days // WEEK + 1 if last >= goal.begins_on else 0):
        days = (first + datetime.timedelta(weeks=number, days=day) for day in range(WEEK))
        weeks.append([Day(day, counted[day] if goal.begins_on <= day <= last else None) for day in days])
    return Picture(goal, weeks, went, this_week, _words(goal, went, this_week, today))


def _words(goal: OwnGoal, went: int, this_week: int, today: datetime.date) -> str:
    if today < goal.begins_on:
        return f"Begins {goal.begins_on:%b %-d}."
    is_over = goal.put_away_on is not None or (goal.ends_on or today) < today
    done = this_week if goal.is_weekly and not is_over else went
    meetings = "meeting" if done == 1 else "meetings"
    when = "in that time" if is_over else "this week" if goal.is_weekly else "so far"
    if done >= goal.meetings and not (is_over and goal.is_weekly):
        return f"{done} {meetings} {when}: what they set out to do."
    if done:
        return f"{done} {meetings} {when}. Each of them counts."
    if is_over:
        return "It was theirs for a time."
    if went:  # a week that is still quiet takes nothing from the weeks before it
        return f"{went} {'meeting' if went == 1 else 'meetings'} so far. The week is still open."
    return "Any day is a good day to begin."


def _sunday(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.isoweekday() % WEEK)

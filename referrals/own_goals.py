"""Goals that clients set for themselves, and a calendar of the meetings they went to: kind words, and no streaks."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from .models import OwnGoal
from .models.own_goal import MOST_DAYS, WEEK

WEEKS_SHOWN = 14  # 90 days, and the rest of their first and last week


class NotAGoal(Refusal):
    sentence = "Enter how many meetings, and a week or up to 366 days."


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


def set_goal(
    *, client: Client, meetings: int, days: int, by: StaffMember, begins_on: datetime.date | None = None
) -> OwnGoal:
    """Record a goal in the client's own words of number: `days` is 7 for one a week. Raises NotAGoal."""
    demand(by, Permission.REFERRAL_MAKE, client)
    if not (1 <= meetings <= 3 * MOST_DAYS and WEEK <= days <= MOST_DAYS):
        raise NotAGoal
    check_possible(client, begins_on, ahead=MOST_DAYS)
    with act("referrals.set_own_goal", by=by, client=client) as entry:
        goal = OwnGoal.objects.create(
            client=client,
            meetings=meetings,
            days=days,
            begins_on=begins_on or client.today,
            set_at=timezone.now(),
            set_by=by,
        )
        entry.about(goal)
    return goal


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


def picture(goal: OwnGoal, visited: Iterable[datetime.date], today: datetime.date) -> Picture:
    """The calendar of a goal from the days of visits: what was done, and nothing about what was not."""
    counted = Counter(visited)
    last = min(today, goal.ends_on or today)
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
    done, aim = (this_week, goal.meetings) if goal.is_weekly else (went, goal.meetings)
    meetings = "meeting" if done == 1 else "meetings"
    when = "this week" if goal.is_weekly else "so far"
    if done >= aim:
        return f"{done} {meetings} {when}: what they set out to do."
    if done:
        return f"{done} {meetings} {when}. Each of them counts."
    return "Any day is a good day to begin."


def _sunday(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.isoweekday() % WEEK)

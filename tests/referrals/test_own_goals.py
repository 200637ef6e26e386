"""Goals of one's own: progress follows from visits, and nothing is broken by a day without one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import own_goals
from referrals.models import OwnGoal
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal

from .conftest import NEW_YORK

BEGUN = datetime.date(2026, 3, 3)  # a Tuesday
NOW = datetime.datetime(2026, 3, 12, 10, tzinfo=NEW_YORK)
UNKIND = ("missed", "broken", "fail", "streak", "behind", "late", "only", "lost")


def day(number: int) -> datetime.date:
    return datetime.date(2026, 3, number)


def drawn(meetings: int, days: int, visited: list[datetime.date], today: datetime.date) -> own_goals.Picture:
    return own_goals.picture(OwnGoal(meetings=meetings, days=days, begins_on=BEGUN), visited, today)


def test_ninety_in_ninety_counts_meetings_and_not_days_in_a_row() -> None:
    found = drawn(90, 90, [day(2), day(3), day(3), day(9)], day(12))
    assert (found.went, found.this_week) == (3, 1)  # the day before it began is none of it
    assert [len(week) for week in found.weeks] == [7, 7]
    assert found.weeks[0][0].on == day(1)  # a Sunday
    assert [each.visits for each in found.weeks[0]] == [None, None, 2, 0, 0, 0, 0]
    assert found.weeks[0][2].words == "Mar 3: 2 meetings"
    assert found.words == "3 meetings so far. Each of them counts."


def test_two_a_week_begin_anew_each_week() -> None:
    assert drawn(2, 7, [day(3), day(5)], day(7)).words == "2 meetings this week: what they set out to do."
    assert drawn(2, 7, [day(3), day(5)], day(8)).words == "Any day is a good day to begin."


def test_it_ends_with_its_last_day_and_the_calendar_stays_within_a_season() -> None:
    over = drawn(90, 90, [BEGUN + datetime.timedelta(days=n) for n in range(200)], BEGUN + datetime.timedelta(days=199))
    assert over.went == 90
    long = drawn(2, 7, [], BEGUN + datetime.timedelta(days=366))
    assert len(long.weeks) == own_goals.WEEKS_SHOWN
    assert drawn(2, 7, [], BEGUN - datetime.timedelta(days=1)).weeks == []


@pytest.mark.parametrize("went", [0, 1, 2, 90])
@pytest.mark.parametrize(("meetings", "days"), [(90, 90), (2, 7)])
def test_the_words_are_kind_whatever_was_done(meetings: int, days: int, went: int) -> None:
    words = drawn(meetings, days, [day(9)] * went, day(12)).words.lower()
    assert not [each for each in UNKIND if each in words]


def test_on_the_page_from_setting_it_to_putting_it_away(
    client_record: Client, counselor: StaffMember, signed_in: Callable[..., Browser]
) -> None:
    with time_machine.travel(NOW, tick=False):
        browser, args = signed_in(counselor), [client_record.pk]
        said = {"goal-meetings": "2", "goal-days": "7", "goal-begins_on": ""}
        assert browser.post(reverse("referrals:own_goal", args=args), said).status_code == 302
        page = browser.get(reverse("referrals:client_referrals", args=args)).content.decode()
        assert "2 meetings a week" in page
        assert "Any day is a good day to begin." in page
        goal = OwnGoal.objects.get()
        for _ in range(2):  # pressed twice: the second is told so
            browser.post(reverse("referrals:own_goal_away", args=[*args, goal.pk]))
        goal.refresh_from_db()
        assert goal.put_away_on == NOW.date()
        assert "2 meetings a week" not in browser.get(reverse("referrals:client_referrals", args=args)).content.decode()
        with pytest.raises(own_goals.PutAway):
            own_goals.put_away(goal=goal, by=counselor)


def test_nobody_else_and_nothing_absurd(
    client_record: Client, counselor: StaffMember, make_staff: Any, other_clinic: Any
) -> None:
    with pytest.raises(NotPermitted):
        own_goals.set_goal(client=client_record, meetings=2, days=7, by=make_staff(clinic=other_clinic))
    for meetings, days in ((0, 7), (2, 6), (2, 367), (2000, 90)):
        with pytest.raises(Refusal):
            own_goals.set_goal(client=client_record, meetings=meetings, days=days, by=counselor)
    goal = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    for wrong in ({"meetings": 0}, {"days": 1}, {"put_away_on": goal.begins_on - datetime.timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OwnGoal.objects.update(**wrong)

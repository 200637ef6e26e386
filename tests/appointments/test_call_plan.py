"""Which calls are planned after a discharge, and what is due of them."""

from __future__ import annotations

import datetime

from appointments.call_plan import CallKind, CallNumbers, CallPlan, planned
from appointments.codes import Pace

MAY_1 = datetime.date(2026, 5, 1)


def day(number: int) -> datetime.date:
    return MAY_1 + datetime.timedelta(days=number)


def plan(**facts: object) -> CallPlan:
    return CallPlan(**{"discharged_on": MAY_1, "high_intensity": False, "numbers": CallNumbers()} | facts)  # type: ignore[arg-type]


def test_the_whole_plan_weekly_twice_a_month_monthly_and_a_checkup_each_quarter() -> None:
    calls = planned(MAY_1, Pace.FULL)
    days = [each.due_on for each in calls]
    assert days == sorted(set(days))
    assert days[:9] == [day(3), day(7), day(14), day(21), day(30), day(35), day(42), day(49), day(56)]
    assert calls[0].kind == CallKind.FIRST
    assert calls[4].kind == CallKind.THIRTY
    twice = [each for each in days if day(56) < each <= datetime.date(2027, 5, 1)]
    assert twice[:5] == [
        datetime.date(2026, 7, 16), datetime.date(2026, 8, 1), datetime.date(2026, 8, 16), datetime.date(2026, 9, 1),
        datetime.date(2026, 9, 16),
    ]  # fmt: skip
    assert len(twice) == 20
    assert days[29:] == [datetime.date(2027 + (4 + m) // 12, (4 + m) % 12 + 1, 1) for m in range(1, 13)]
    checkups = [each.due_on for each in calls if each.kind == CallKind.CHECKUP]
    assert checkups == [datetime.date(2026 + (4 + m) // 12, (4 + m) % 12 + 1, 1) for m in range(3, 25, 3)]


def test_the_first_call_comes_within_a_day_after_residential_care() -> None:
    assert planned(MAY_1, high_intensity=True)[0].due_on == day(1)


def test_months_are_the_calendars_also_from_feb_29() -> None:
    days = [each.due_on for each in planned(datetime.date(2028, 2, 29), Pace.CHECKUPS)]
    assert days[0] == datetime.date(2028, 5, 29)
    assert datetime.date(2029, 2, 28) in days
    assert planned(datetime.date(2026, 11, 30), Pace.CHECKUPS)[0].due_on == datetime.date(2027, 2, 28)


def test_once_a_month_checkups_only_and_no_calls() -> None:
    assert [each.due_on for each in planned(MAY_1, Pace.MONTHLY)][:4] == [
        day(3), day(30), datetime.date(2026, 7, 1), datetime.date(2026, 8, 1),
    ]  # fmt: skip
    assert {each.kind for each in planned(MAY_1, Pace.CHECKUPS)} == {CallKind.CHECKUP}
    assert planned(MAY_1, Pace.NONE) == []


def test_only_the_newest_unanswered_call_is_still_to_be_made() -> None:
    assert plan().due(day(2)) == []
    due = plan().due(day(15))
    assert [(each.due_on, each.is_missed) for each in due] == [(day(3), True), (day(7), True), (day(14), False)]


def test_a_reached_call_answers_what_was_due_and_the_next_three_days() -> None:
    assert plan(reached_on=day(4)).due(day(7)) == []
    assert [each.due_on for each in plan(reached_on=day(3)).due(day(7))] == [day(7)]


def test_a_day_set_in_the_last_call_replaces_what_was_planned_before_it() -> None:
    own = plan(reached_on=day(7), agreed_on=day(18), agreed_in=day(7))
    assert own.due(day(17)) == []
    assert [(each.due_on, each.kind) for each in own.due(day(18))] == [(day(18), CallKind.AGREED)]
    assert [each.due_on for each in own.open(day(18))][:2] == [day(18), day(21)]
    soon = plan(reached_on=day(7), agreed_on=day(8), agreed_in=day(7))
    assert [each.due_on for each in soon.due(day(8))] == [day(8)]


def test_what_the_client_agrees_to_changes_the_rest_and_ends_it() -> None:
    fewer = plan(choices=((day(40), Pace.MONTHLY),), reached_on=day(21))
    assert [each.due_on for each in fewer.due(day(41))] == [day(30)]  # in both plans
    assert [each.due_on for each in fewer.open(day(41))][1] == datetime.date(2026, 7, 1)
    assert plan(choices=((day(40), Pace.NONE),)).due(day(41)) == []
    again = plan(choices=((day(10), Pace.NONE), (day(50), Pace.FULL)))
    assert [each.due_on for each in again.due(day(60))] == [day(3), day(7), day(56)]


def test_a_day_set_before_the_client_wanted_no_more_calls_is_not_kept() -> None:
    ended = plan(choices=((day(10), Pace.NONE),), reached_on=day(7), agreed_on=day(14), agreed_in=day(7))
    assert ended.due(day(20)) == []
    asked = plan(choices=((day(10), Pace.NONE),), reached_on=day(12), agreed_on=day(20), agreed_in=day(12))
    assert [each.due_on for each in asked.due(day(20))] == [day(20)]

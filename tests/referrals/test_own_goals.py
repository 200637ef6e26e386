"""Goals of one's own: progress follows from visits, and nothing is broken by a day without one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import involvement, own_goals
from referrals.models import OwnGoal
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests.places import NEW_YORK

from ..ownership import as_owner

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
    assert drawn(2, 7, [day(3), day(5)], day(8)).words == "2 meetings so far. The week is still open."
    assert drawn(2, 7, [], day(8)).words == "Any day is a good day to begin."


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
        page = browser.get(reverse("referrals:client_referrals", args=args)).content.decode()
        assert "Put away (1)" in page
        assert "Put this goal away" not in page
        with pytest.raises(own_goals.PutAway):
            own_goals.put_away(goal=goal, by=counselor)


def test_a_form_sent_twice_is_one_goal(
    client_record: Client, counselor: StaffMember, signed_in: Callable[..., Browser]
) -> None:
    with time_machine.travel(NOW, tick=False):
        browser, url = signed_in(counselor), reverse("referrals:own_goal", args=[client_record.pk])
        said = {"goal-meetings": "2", "goal-days": "7", "goal-begins_on": ""}
        for _ in range(2):
            assert browser.post(url, said).status_code == 302
        goal = OwnGoal.objects.get()
        assert AuditEntry.objects.filter(act="referrals.set_own_goal").count() == 1
        browser.post(url, said | {"goal-days": "30"})  # another goal is another
        assert OwnGoal.objects.count() == 2
        own_goals.put_away(goal=goal, by=counselor)
        browser.post(url, said)  # and so is one that they take up again
        assert OwnGoal.objects.count() == 3


@pytest.mark.parametrize(("meetings", "days"), [(90, 90), (21, 7), (2, 7), (90, 30), (270, 90)])
def test_three_a_day_are_a_goal(client_record: Client, counselor: StaffMember, meetings: int, days: int) -> None:
    own_goals.set_goal(client=client_record, meetings=meetings, days=days, by=counselor)
    with pytest.raises(own_goals.TooMany):
        own_goals.set_goal(client=client_record, meetings=3 * days + 1, days=days, by=counselor)


def test_more_than_three_a_day_is_said_with_what_can_be(
    client_record: Client, counselor: StaffMember, signed_in: Callable[..., Browser]
) -> None:
    browser, args = signed_in(counselor), [client_record.pk]
    said = {"goal-meetings": "366", "goal-days": "7", "goal-begins_on": ""}
    page = browser.post(reverse("referrals:own_goal", args=args), said)
    assert page.context["goal_form"].errors["meetings"] == ["Enter up to 21 meetings a week. That is 3 a day."]
    goal = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    said = {f"goal{goal.pk}-meetings": "91", f"goal{goal.pk}-days": "30"}
    page = browser.post(reverse("referrals:own_goal_change", args=[*args, goal.pk]), said)
    assert "Enter up to 90 meetings in 30 days. That is 3 a day." in page.content.decode()
    for wrong in ({"meetings": 22}, {"meetings": 0}):
        with pytest.raises(IntegrityError, match="own_goal_plausible"), transaction.atomic():
            OwnGoal.objects.update(**wrong)


def test_a_change_keeps_what_it_was_and_what_was_done(
    client_record: Client, counselor: StaffMember, signed_in: Callable[..., Browser]
) -> None:
    with time_machine.travel(NOW, tick=False):
        goal = own_goals.set_goal(client=client_record, meetings=90, days=90, begins_on=BEGUN, by=counselor)
        browser, args = signed_in(counselor), [client_record.pk]
        url, page_of = (
            reverse("referrals:own_goal_change", args=[*args, goal.pk]),
            reverse("referrals:client_referrals", args=args),
        )
        assert "Before:" not in browser.get(page_of).content.decode()
        refused = browser.post(url, {f"goal{goal.pk}-meetings": "0", f"goal{goal.pk}-days": "7"}).content.decode()
        assert "greater than or equal to 1" in refused
        assert 'value="0"' in refused
        said = {f"goal{goal.pk}-meetings": "2", f"goal{goal.pk}-days": "7", f"goal{goal.pk}-begins_on": ""}
        assert browser.post(url, said).status_code == 302
        goal.refresh_from_db()
        assert (goal.meetings, goal.days, goal.begins_on) == (2, 7, BEGUN)  # the day stays unless another is said
        page = browser.get(page_of).content.decode()
        assert "Before: 90 meetings in 90 days, until " in page  # the day is the database's own
        before = AuditEntry.objects.count()
        own_goals.change(goal=goal, meetings=2, days=7, by=counselor)  # the same again is nothing
        assert AuditEntry.objects.count() == before
        own_goals.put_away(goal=goal, by=counselor)
        with pytest.raises(own_goals.PutAway):
            own_goals.change(goal=goal, meetings=3, days=7, by=counselor)
        page = browser.get(page_of).content.decode()
        assert "Put away (1)" in page
        assert "Mar 3, 2026 to Mar 12, 2026" in " ".join(page.split())


def test_a_goal_put_away_counts_to_its_last_day_and_is_no_loss() -> None:
    kept = OwnGoal(meetings=2, days=7, begins_on=BEGUN, put_away_on=day(9))
    found = own_goals.picture(kept, [day(3), day(9), day(10)], day(30))
    assert (found.went, found.words) == (2, "2 meetings in that time. Each of them counts.")
    assert own_goals.picture(kept, [], day(30)).words == "It was theirs for a time."
    over = drawn(30, 30, [day(3)], BEGUN + datetime.timedelta(days=40))
    assert over.words == "1 meeting in that time. Each of them counts."


@pytest.mark.parametrize("name", ["own_goal_change", "own_goal_away"])
def test_a_goal_of_somebody_else_is_not_there(
    name: str,
    client_record: Client,
    counselor: StaffMember,
    make_client: Callable[..., Client],
    make_staff: Any,
    other_clinic: Any,
    signed_in: Callable[..., Browser],
) -> None:
    goal = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    said = {f"goal{goal.pk}-meetings": "5", f"goal{goal.pk}-days": "7"}
    strangers = (make_staff(clinic=other_clinic), make_staff(role="counselor"))
    for stranger in strangers:  # of another clinic; of this one, outside the care team
        answer = signed_in(stranger).post(reverse(f"referrals:{name}", args=[client_record.pk, goal.pk]), said)
        assert answer.status_code == 404
    # nor by the address of another client, whom the counselor sees
    another = make_client(counselor=counselor)
    assert signed_in(counselor).post(reverse(f"referrals:{name}", args=[another.pk, goal.pk]), said).status_code == 404
    goal.refresh_from_db()
    assert (goal.meetings, goal.put_away_on) == (2, None)


def test_ninety_in_ninety_as_it_was_asked_becomes_a_goal(client_record: Client, counselor: StaffMember) -> None:
    """By the migration, from the first answer that said so to the first that did not."""
    goals = import_module("referrals.migrations.0009_ninety_in_ninety_is_a_goal").GOALS.sql
    for said in (3, 9, 20, 30):
        involvement.record(client=client_record, on=day(said), by=counselor)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE referrals_involvement ADD ninety_in_ninety boolean NOT NULL DEFAULT false")
        cursor.execute(
            'UPDATE referrals_involvement SET ninety_in_ninety = true WHERE "on" IN (%s, %s, %s)',
            [day(3), day(9), day(30)],
        )
        for _ in range(2):  # a goal that is on record already is not made again
            cursor.execute(goals)
    found = OwnGoal.objects.order_by("begins_on").values_list("meetings", "days", "begins_on", "put_away_on", "set_by")
    assert list(found) == [(90, 90, day(3), day(20), counselor.pk), (90, 90, day(30), None, counselor.pk)]


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

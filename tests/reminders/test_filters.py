"""The filters above reminders, over rows of two clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from reminders import outbox
from reminders.models import Kind, Reminder
from reminders.status_text import may_see_kind
from staff.access import ROLES, Permission
from staff.models import Clinic, StaffMember
from tests import factories

from .conftest import reachable

SignIn = Callable[[StaffMember], Browser]


@pytest.fixture
def made(schedule: Callable[..., Reminder], other_clinic: Clinic, time_machine: Any) -> dict[str, Reminder]:
    time_machine.move_to(datetime.datetime(2026, 3, 11, 16, tzinfo=datetime.UTC), tick=False)
    now = timezone.now()
    due = {name: now + datetime.timedelta(hours=hours) for name, hours in (("soon", 1), ("days", 72), ("weeks", 480))}
    made = {name: schedule(at) for name, at in due.items()}
    theirs = factories.StaffMemberFactory(clinic=other_clinic)
    stranger = factories.ClientFactory(clinic=other_clinic, counselor=theirs)
    reachable(stranger, theirs, "stranger@person.example")
    for name, at in due.items():
        outbox.schedule(
            kind=Kind.CLIENT_APPOINTMENT,
            client_or_staff=stranger,
            due_at=at,
            dedupe_key=f"theirs:{name}",
            context={"day": "Sunday, Mar 8", "time": "10:00 AM"},
        )
    outbox.cancel(dedupe_key=made["weeks"].dedupe_key, reason="Moved")
    return made


def shown(desk: Browser, **asked: Any) -> set[int]:
    answer = desk.get(reverse("reminders:reminders"), asked)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["page"].rows}


def test_each_filter_narrows_the_own_clinics_reminders_only(
    made: dict[str, Reminder], supervisor: StaffMember, signed_in: SignIn, time_machine: Any
) -> None:
    desk = signed_in(supervisor)
    soon, days, weeks = (made[name].pk for name in ("soon", "days", "weeks"))
    assert shown(desk) == {soon, days, weeks}
    assert shown(desk, state=Reminder.State.PENDING) == {soon, days}
    assert shown(desk, due="today") == {soon}
    assert shown(desk, due="week") == {soon, days}
    assert shown(desk, due="overdue") == set()
    assert shown(desk, kind=Kind.CLIENT_APPOINTMENT) == {soon, days, weeks}
    assert shown(desk, kind=next(kind for kind in Kind.values if kind != Kind.CLIENT_APPOINTMENT)) == set()
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=2), tick=False)
    assert shown(signed_in(supervisor), due="overdue") == {soon}


@pytest.mark.parametrize(("name", "wrong"), [("state", "²"), ("due", "9" * 5000), ("kind", "x")])
def test_a_bad_value_is_said_and_the_others_still_narrow(
    made: dict[str, Reminder], supervisor: StaffMember, signed_in: SignIn, name: str, wrong: str
) -> None:
    desk = signed_in(supervisor)
    assert shown(desk, **{name: wrong}) == {each.pk for each in made.values()}
    other = {"due": "today"} if name != "due" else {"state": Reminder.State.CANCELLED}
    assert shown(desk, **{name: wrong}, **other) == {made["soon" if name != "due" else "weeks"].pk}
    page = desk.get(reverse("reminders:reminders"), {name: wrong}).content.decode()
    assert "is not one of the available choices" in page


def test_whoever_may_not_see_what_it_is_about_cannot_ask_for_it_either(
    made: dict[str, Reminder], make_staff: Callable[..., StaffMember], signed_in: SignIn
) -> None:
    blind = [
        role
        for role, permissions in ROLES.items()
        if Permission.REMINDER_VIEW in permissions and not may_see_kind(make_staff(role))
    ]
    for role in blind:
        desk = signed_in(make_staff(role))
        kind = next(each for each in Kind.values if each != Kind.CLIENT_APPOINTMENT)
        assert shown(desk, kind=kind) == shown(desk), role
        assert 'name="kind"' not in desk.get(reverse("reminders:reminders")).content.decode(), role

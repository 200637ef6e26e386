"""What matters more goes first where a client may get one message a day and three a week."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine

from reminders import together
from reminders.delivery import claim_due
from reminders.kinds import Kind
from reminders.models import Reminder, StaffTask

from .conftest import utc
from .passes import fresh, one_pass
from .test_upcoming import foreseen

Put = Callable[..., Reminder]
DAY = datetime.timedelta(days=1)
SUNDAY = utc(2026, 3, 8, 14)  # 10:00 in New York, on the day its clocks go forward
VISIT = utc(2026, 3, 10, 12, 30)  # Tuesday 8:30


@pytest.fixture
def two_that_week(put: Put) -> None:
    """One on Wednesday and one on Thursday: the week has room for one more."""
    for at in (utc(2026, 3, 4, 15), utc(2026, 3, 5, 15)):
        with time_machine.travel(at - DAY, tick=False):
            put(f"before:{at:%a}", at, Kind.CLIENT_MEETING_FOLLOWUP)
        assert one_pass(at) == ["sent"]


@pytest.mark.usefixtures("two_that_week")
@pytest.mark.parametrize("kind", [Kind.CLIENT_BOOKED, Kind.CLIENT_MEETING_FOLLOWUP])
def test_the_last_place_of_a_week_is_kept_for_the_visit(put: Put, kind: Kind) -> None:
    visit = put("visit", utc(2026, 3, 9, 12, 30), not_after=VISIT)
    other = put("other", SUNDAY, kind)
    with time_machine.travel(SUNDAY, tick=False):
        ahead = foreseen()
    assert one_pass(SUNDAY) == ["pending"]
    assert (fresh(other).due_at, other.reason) == (
        utc(2026, 3, 9, 12),
        "a more important message would come too late",
    )
    assert one_pass(utc(2026, 3, 9, 12)) == ["pending"]  # the visit's is not due yet
    assert one_pass(utc(2026, 3, 9, 12, 30)) == ["sent"]
    assert fresh(visit).sent_at == utc(2026, 3, 9, 12, 30)
    assert ahead["visit"].held == ""
    assert ahead["visit"].at == visit.sent_at
    assert one_pass(utc(2026, 3, 11, 12)) == ["sent"]  # Wednesday: its week has room again
    assert (fresh(other).sent_at, ahead["other"].at) == (utc(2026, 3, 11, 12), utc(2026, 3, 11, 12))
    assert not StaffTask.objects.exists()


@pytest.mark.usefixtures("two_that_week")
def test_it_yields_to_nothing_that_can_wait(put: Put) -> None:
    put("visit", utc(2026, 3, 9, 12, 30), not_after=VISIT + 3 * DAY)
    put("other", SUNDAY, Kind.CLIENT_MEETING_FOLLOWUP)
    assert one_pass(SUNDAY) == ["sent"]


@pytest.mark.usefixtures("two_that_week")
def test_what_could_not_go_out_anyway_holds_up_nothing(put: Put) -> None:
    put("earlier", utc(2026, 3, 6, 15), Kind.CLIENT_MEETING_FOLLOWUP)
    assert one_pass(utc(2026, 3, 6, 15)) == ["sent"]  # the third of the week
    put("visit", utc(2026, 3, 9, 12, 30), not_after=VISIT)
    put("other", SUNDAY, Kind.CLIENT_MEETING_FOLLOWUP)
    assert one_pass(SUNDAY) == ["pending"]
    assert Reminder.objects.get(dedupe_key="other").reason == "limit of one message a day, three a week"


def test_of_two_that_are_due_at_once_a_move_goes_first(put: Put) -> None:
    ask = put("ask", SUNDAY, Kind.CLIENT_MEETING_FOLLOWUP)
    moved = put("moved", SUNDAY, Kind.CLIENT_MOVED, not_after=SUNDAY + datetime.timedelta(hours=6))
    together.deliver(claim_due(SUNDAY, 10), SUNDAY)
    assert (fresh(ask).state, fresh(moved).state) == ("pending", "sent")


def test_of_two_visits_the_sooner_one_is_told_of_first(put: Put) -> None:
    tomorrow = put("tomorrow", SUNDAY, not_after=SUNDAY + DAY)
    today = put("today", SUNDAY, not_after=SUNDAY + datetime.timedelta(hours=2))
    assert one_pass(SUNDAY) == ["pending", "sent"]
    assert (fresh(tomorrow).state, fresh(today).state) == ("pending", "sent")
    assert one_pass(utc(2026, 3, 9, 12)) == ["sent"]

"""The pages of the finder in the nights in which clocks change, at the very minute."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from referrals import finder, handout, off_the_map
from referrals.models import Meeting
from staff.models import StaffMember
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
SUNDAY = 0
SOON, ON_NOW = {"when": "soon"}, {"when": "now"}


@pytest.fixture
def at_minute(signed_in: Callable[[StaffMember], Browser], counselor: StaffMember) -> Callable[..., str]:
    """The text of the finder's results at a moment."""

    def asked(minute: str, **question: str) -> str:
        with time_machine.travel(datetime.datetime.fromisoformat(minute), tick=False):
            page = signed_in(counselor).get(reverse("referrals:finder"), question).content.decode()
        return " ".join(page[page.index('id="results"') :].split())

    return asked


@pytest.mark.parametrize(
    ("minute", "is_soon", "is_on", "says"),
    [
        ("2026-11-01T04:30Z", True, False, "In 60 min"),  # 12:30 EDT
        ("2026-11-01T05:35Z", True, True, "On now, until 1:30 AM EST"),  # 1:35 EDT
        ("2026-11-01T06:05Z", False, True, ""),  # 1:05 EST: 35 minutes after it began
        ("2026-11-01T06:37Z", False, False, ""),  # 1:37 EST: over
        ("2026-11-01T07:00Z", False, False, ""),
    ],
)
def test_the_hour_that_comes_twice(
    make_meeting: Make, at_minute: Callable[..., str], minute: str, is_soon: bool, is_on: bool, says: str
) -> None:
    make_meeting(name="Night owls", weekday=SUNDAY, start=datetime.time(1, 30), duration=60)
    assert ("Night owls" in at_minute(minute, **SOON)) == is_soon
    assert ("Night owls" in at_minute(minute, **ON_NOW)) == is_on
    listed = at_minute(minute)
    if says:
        assert says in listed
    else:  # that of next week
        assert "In 25 min" not in listed
        assert "On now, until" not in listed
        assert "Sunday" in listed


@pytest.mark.parametrize("minute", ["2026-03-08T06:20Z", "2026-03-08T06:50Z"])
def test_the_hour_that_is_left_out(make_meeting: Make, at_minute: Callable[..., str], minute: str) -> None:
    make_meeting(name="Four in the morning", weekday=SUNDAY, start=datetime.time(4, 15), duration=60)
    assert "Four in the morning" in at_minute(minute, **SOON)
    assert f"In {115 if minute.endswith('20Z') else 85} min" in at_minute(minute)


def test_a_meetings_own_page_and_the_handout_tell_the_next_time_that_is_ahead(
    make_meeting: Make, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    meeting = make_meeting(name="Night owls", weekday=SUNDAY, start=datetime.time(1, 30), duration=60)
    over = datetime.datetime(2026, 11, 1, 6, 37, tzinfo=datetime.UTC)
    in_a_week = datetime.datetime(2026, 11, 8, 6, 30, tzinfo=datetime.UTC)
    for now in (over, over.astimezone(NEW_YORK)):
        (listed,) = handout.meetings([meeting.pk], by=counselor, now=now)
        assert listed.next_start == in_a_week
    with time_machine.travel(over, tick=False):
        page = signed_in(counselor).get(reverse("referrals:meeting", args=[meeting.pk])).content.decode()
        sheet = signed_in(counselor).get(handout.address([meeting.pk])).content.decode()
    assert "On now" not in page
    assert "Nov 8" in page
    assert "Nov 8" in sheet


def test_what_is_off_the_map_is_asked_at_the_same_moment(make_meeting: Make) -> None:
    make_meeting(weekday=SUNDAY, start=datetime.time(1, 30), latitude=None, longitude=None, city="Albany", state="NY")
    over = datetime.datetime(2026, 11, 1, 6, 37, tzinfo=datetime.UTC)
    for now in (over, over.astimezone(NEW_YORK)):
        asked = off_the_map.unlocated(near="12207", within_km=5, now=now, among=Meeting.objects.all())
        assert [each.next_start for each in asked] == [datetime.datetime(2026, 11, 8, 6, 30, tzinfo=datetime.UTC)]
        early = finder.find(now=now, soon=True)
        assert not early.exists()

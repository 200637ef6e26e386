"""A meeting's time is said with its zone and, where the client's clock differs, on theirs: on every page."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from referrals import chart, clock_words, guide, referring, today
from referrals.models import Meeting, Referral
from staff.models import StaffMember
from tests.places import NEW_YORK

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
PACIFIC = "7:00 PM Pacific (9:00 PM Central for Robin)"


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def online(make_meeting: Callable[..., Meeting]) -> Meeting:
    """On Tuesdays at seven in the evening, Pacific time."""
    return make_meeting(
        name="Example online",
        attendance="online",
        time_zone="America/Los_Angeles",
        conference_url="https://zoom.us/j/1",
        latitude=None,
        longitude=None,
    )


@pytest.fixture
def central(client_record: Client) -> Client:
    """A client in Chicago, of a clinic in New York."""
    client_record.time_zone = "America/Chicago"
    client_record.save()
    return client_record


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


@pytest.mark.parametrize(
    ("there", "reader", "day", "weekly"),
    [
        ("America/New_York", "America/New_York", "Tue, Mar 3, 7:00 PM Eastern", "Tuesday 7:00 PM Eastern"),
        (
            "America/Los_Angeles",
            "America/New_York",
            "Tue, Mar 3, 7:00 PM Pacific (10:00 PM Eastern for Alex)",
            "Tuesday 7:00 PM Pacific (10:00 PM Eastern for Alex)",
        ),
        (
            "America/New_York",
            "Europe/London",
            "Tue, Mar 3, 7:00 PM Eastern (Wed, 12:00 AM London for Alex)",
            "Tuesday 7:00 PM Eastern (Wednesday 12:00 AM London for Alex)",
        ),
        ("America/New_York", "America/Detroit", "Tue, Mar 3, 7:00 PM Eastern", "Tuesday 7:00 PM Eastern"),
    ],
)
def test_in_words(there: str, reader: str, day: str, weekly: str) -> None:
    starts = datetime.datetime(2026, 3, 3, 19, 0, tzinfo=ZoneInfo(there)).astimezone(datetime.UTC)
    said = clock_words.said(starts, there=ZoneInfo(there), reader=ZoneInfo(reader), whose="Alex")
    assert (str(said), said.weekly) == (day, weekly)


def test_in_the_hour_that_comes_twice_the_clocks_own_name_is_enough() -> None:
    starts = datetime.datetime(2026, 11, 1, 6, 30, tzinfo=datetime.UTC)
    said = clock_words.said(starts, there=NEW_YORK, reader=NEW_YORK, whose="Alex")
    assert str(said) == "Sun, Nov 1, 1:30 AM EST"


def test_the_guide_says_both_clocks(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember, central: Client, online: Meeting
) -> None:
    desk = signed_in(counselor)
    choose = reverse("referrals:guide_stage", args=[central.pk, "choose"])
    listed = words(desk.get(choose, {"program": "aa"}))
    assert "Tue, Mar 3 7:00 PM Pacific 9:00 PM Central for Robin Example online" in listed
    referral = guide.choose(client=central, meeting=online, by=counselor)
    assert f"Tuesday {PACIFIC}" in words(desk.get(choose))
    assert f"Tuesday {PACIFIC}" in words(desk.get(reverse("referrals:guide_stage", args=[central.pk, "call"])))
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    day = words(desk.get(reverse("referrals:guide_stage", args=[central.pk, "day"])))
    assert f"Tuesday {PACIFIC}" in day
    assert f"Date set: Tue, Mar 3, {PACIFIC} ." in day


def test_a_plan_is_said_on_both_clocks_wherever_it_stands(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember, central: Client, online: Meeting
) -> None:
    desk = signed_in(counselor)
    referral = referring.offer(client=central, meeting=online, by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    planned = f"Tue, Mar 3, {PACIFIC}"
    page = words(desk.get(reverse("referrals:referral", args=[central.pk, referral.pk])))
    assert f"Planned for {planned}" in page
    assert f"· Tuesday {PACIFIC}" in page
    for address in (reverse("referrals:client_referrals", args=[central.pk]), reverse("referrals:referrals")):
        listed = words(desk.get(address))
        assert planned in listed
        assert f"Example online, Tuesday {PACIFIC}" in listed
    assert planned in words(desk.get(reverse("desk:chart", args=[central.pk])))
    beside = chart.beside_note(client=central, staff_member=counselor, now=MONDAY)
    assert beside is not None
    assert [each.promised_words for each in beside.context["planned"]] == [planned]  # type: ignore[attr-defined]
    [need] = today.needs(staff_member=counselor, now=datetime.datetime(2026, 3, 4, 11, tzinfo=NEW_YORK))
    assert need.detail.endswith(f"planned for {planned}")


def test_a_plan_without_a_meeting_is_on_the_clinics_clock(counselor: StaffMember, central: Client) -> None:
    referral = referring.offer(client=central, fellowship="smart", by=counselor)
    referring.plan(referral=referral, on=TUESDAY, time=datetime.time(19), by=counselor)
    planned = Referral.objects.with_state().get(pk=referral.pk)
    assert planned.promised_words == "Tue, Mar 3, 7:00 PM Eastern (6:00 PM Central for Robin)"
    assert planned.when_words == ""


def test_the_guide_lists_the_nearest_first_and_what_has_no_coordinates(
    signed_in: Callable[[StaffMember], Browser],
    counselor: StaffMember,
    client_record: Client,
    make_meeting: Callable[..., Meeting],
) -> None:
    client_record.postal_code = "12207"
    client_record.save()
    make_meeting(name="Example farther", latitude=42.75, longitude=-73.75, weekday=1, start=datetime.time(11))
    make_meeting(name="Example near", latitude=42.6586, longitude=-73.7475)
    make_meeting(name="Example unplaced", latitude=None, longitude=None, city="Albany", state="NY", street="1 Main St")
    page = words(
        signed_in(counselor).get(reverse("referrals:guide_stage", args=[client_record.pk, "choose"]), {"program": "aa"})
    )
    _, _, listed = page.partition("Within 25 miles of 12207, nearest first")
    near, farther, unknown = (listed.index(each) for each in ("Example near", "Example farther", "Distance not known"))
    assert near < farther < unknown < listed.index("Example unplaced")
    assert re.search(r"Example near .{0,80} 0\.\d mi", listed)
    assert "1 Main St, Albany" in listed


def test_the_finders_first_page_leads_to_what_has_no_coordinates(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    for number in range(26):
        make_meeting(name=f"Example {number}", city="Albany", state="NY")
    asked = {"near": "12207", "within": "25"}
    desk = signed_in(counselor)
    assert "Others may be near" not in words(desk.get(reverse("referrals:finder"), asked))
    make_meeting(name="Example unplaced", latitude=None, longitude=None, city="Albany", state="NY")
    first = desk.get(reverse("referrals:finder"), asked).content.decode()
    assert "Others may be near" in first
    assert "Example unplaced" not in first
    link = re.search(r'href="(\?[^"]+)#off-the-map"', first)
    assert link is not None
    last = desk.get(reverse("referrals:finder") + html.unescape(link[1])).content.decode()
    assert 'id="off-the-map"' in last
    assert "Example unplaced" in last

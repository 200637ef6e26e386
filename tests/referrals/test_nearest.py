"""The nearest first: exactly, by index, at any distance, under the policy that binds rows to clinics."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable

import pytest
from django.db import connection

from referrals import finder, matching, off_the_map
from referrals.models import Meeting, MeetingFeed, SameMeeting
from staff import clinic_scope
from staff.models import Clinic, StaffMember
from tests.ownership import as_owner
from tests.places import NEW_YORK
from tests.plans import leave_only, plan_of

Make = Callable[..., Meeting]
ALBANY = (42.6526, -73.7562)
TUESDAY_SIX = datetime.datetime(2026, 3, 3, 18, 0, tzinfo=NEW_YORK)


def names(found: object) -> list[str]:
    return [meeting.name for meeting in found]  # type: ignore[attr-defined]


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """An independent computation, in kilometers."""
    (a, b), (c, d) = (map(math.radians, each) for each in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def fill(feed: MeetingFeed, places: list[tuple[float, float]]) -> None:
    Meeting.objects.bulk_create(
        Meeting(
            feed=feed,
            external_id=f"m{number}",
            fellowship="aa",
            name=f"Example {number}",
            weekday=number % 7,
            start=datetime.time(number % 24, 30),
            time_zone="America/New_York",
            attendance="in_person",
            latitude=latitude,
            longitude=longitude,
            content_hash="x",
            imported_at=TUESDAY_SIX,
        )
        for number, (latitude, longitude) in enumerate(places)
    )


@pytest.mark.parametrize("start", [ALBANY, (64.8, -147.7), (-33.9, 151.2), (52.0, 179.9), (0.0, 0.0), (89.5, 10.0)])
def test_they_are_in_order_of_the_exact_distance_everywhere(feed: MeetingFeed, start: tuple[float, float]) -> None:
    chance = random.Random(13)
    fill(feed, [(chance.uniform(-89, 89), chance.uniform(-180, 180)) for _ in range(400)])
    found = list(finder.find(near=start, now=TUESDAY_SIX))
    expected = sorted(haversine(start, (each.latitude, each.longitude)) for each in found)
    assert len(found) == 400
    assert [each.distance_km for each in found] == pytest.approx(expected, abs=1e-6)
    assert [each.distance_km for each in finder.find(near=start, now=TUESDAY_SIX)[5:8]] == pytest.approx(expected[5:8])


def test_a_mile_east_is_nearer_than_a_mile_and_a_half_north_though_it_is_more_degrees(make_meeting: Make) -> None:
    make_meeting(name="north", latitude=ALBANY[0] + 0.022)  # 2.45 km
    make_meeting(name="east", longitude=ALBANY[1] + 0.025)  # 2.04 km, and more degrees
    assert names(finder.find(near=ALBANY, now=TUESDAY_SIX)) == ["east", "north"]


def test_across_the_date_line_the_short_way_counts(make_meeting: Make) -> None:
    make_meeting(name="across", latitude=52.0, longitude=-179.9)
    make_meeting(name="this side", latitude=52.0, longitude=178.0)
    assert names(finder.find(near=(52.0, 179.9), now=TUESDAY_SIX)) == ["across", "this side"]
    assert names(finder.find(near=(52.0, 179.9), within_km=20, now=TUESDAY_SIX)) == ["across"]


def test_in_one_place_the_soonest_is_first_and_what_has_no_distance_is_last(make_meeting: Make) -> None:
    make_meeting(name="unknown", latitude=None, longitude=None)
    make_meeting(name="tomorrow", weekday=3)
    make_meeting(name="tonight")
    make_meeting(name="nearly here, in ten minutes", latitude=ALBANY[0] + 0.001, start=datetime.time(18, 10))
    make_meeting(name="by appointment", weekday=None, start=None)
    assert names(finder.find(near=ALBANY, now=TUESDAY_SIX)) == [
        *("tonight", "tomorrow", "by appointment", "nearly here, in ten minutes", "unknown"),
    ]
    soonest = finder.find(near=ALBANY, now=TUESDAY_SIX, order=finder.SOONEST)
    assert names(soonest)[:2] == ["nearly here, in ten minutes", "tonight"]


def test_orders_that_make_no_sense() -> None:
    with pytest.raises(ValueError):
        finder.find(now=TUESDAY_SIX, order=finder.NEAREST)
    with pytest.raises(ValueError):
        finder.find(near=ALBANY, now=TUESDAY_SIX, order="best")


def test_the_nearest_are_read_off_the_index_under_the_policy(
    clinic: Clinic, feed: MeetingFeed, counselor: StaffMember
) -> None:
    places = [(42 + n / 10_000, -73.0) for n in range(5000)]
    random.Random(5).shuffle(places)  # in order along one line, the index splits a page for nearly each of them
    fill(feed, places)
    other = MeetingFeed.objects.create(clinic=clinic, name="Another list of the same", fellowship="aa")
    fill(other, places)
    matching.match_for(clinics=[clinic.pk], at=TUESDAY_SIX)
    assert SameMeeting.objects.count() > 4000
    with as_owner(), connection.cursor() as cursor:  # as autovacuum does after an import
        cursor.execute("ANALYZE referrals_meeting, referrals_meetingfeed, referrals_samemeeting")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("onward_app",)  # whom policies bind
    with clinic_scope.only(clinic.pk):
        among = Meeting.objects.visible_to(counselor).leads_for(counselor)
        for question in ({}, {"program": "aa"}, {"online": False}, {"among": among.filter(name__startswith="E")}):
            plan = plan_of(finder.find(**{"near": ALBANY, "now": TUESDAY_SIX, "among": among, **question})[:25])  # type: ignore[arg-type]
            assert "Index Scan using meeting_by_position" in plan, plan
            assert 'Order By: ("position" <->' in plan, plan
            assert "of_clinic" in plan, plan


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("meeting_by_week_minute", {"soon": True}),
        ("meeting_by_week_minute", {"in_progress": True}),
        ("meeting_by_week_minute", {"weekday": 2}),
        ("meeting_by_latitude", {"near": ALBANY, "within_km": 5, "order": finder.SOONEST}),
        ("meeting_medication", {"medication": True}),
        ("meeting_by_words", {"words": "lutheran"}),
    ],
)
def test_other_questions_have_an_index_under_the_policy(
    clinic: Clinic, feed: MeetingFeed, counselor: StaffMember, index: str, question: dict[str, object]
) -> None:
    fill(feed, [(40 + n / 100, -73.0) for n in range(500)])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('meeting_by_words')")  # as autovacuum does
    leave_only(index, Meeting)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_meeting")
    with clinic_scope.only(clinic.pk):
        among = Meeting.objects.visible_to(counselor).leads_for(counselor)
        plan = plan_of(finder.find(now=TUESDAY_SIX, among=among, **question).order_by())  # type: ignore[arg-type]
    assert f"on {index}" in plan or f"using {index}" in plan, plan
    assert "Index Cond" in plan, plan


def test_those_without_coordinates_have_an_index_under_the_policy(
    clinic: Clinic, feed: MeetingFeed, counselor: StaffMember
) -> None:
    """The finder's first page asks whether there are any: not by looking through all that are online."""
    fill(feed, [(40 + n / 100, -73.0) for n in range(500)])
    leave_only("meeting_off_the_map", Meeting)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_meeting")
    with clinic_scope.only(clinic.pk):
        among = Meeting.objects.visible_to(counselor).leads_for(counselor)
        found = off_the_map.unlocated(near=ALBANY, within_km=40, now=TUESDAY_SIX, among=among)
        plan = plan_of(found.order_by()[:1])
    assert "meeting_off_the_map" in plan, plan

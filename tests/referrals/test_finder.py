"""Finding the next meeting that suits: order, grace, midnight, the clock's changes, distance."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals import finder
from referrals.models import Meeting, MeetingFeed
from tests.ownership import as_owner
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
ALBANY = (42.6526, -73.7562)
TUESDAY_SIX = datetime.datetime(2026, 3, 3, 18, 0, tzinfo=NEW_YORK)


def names(found: object) -> list[str]:
    return [meeting.name for meeting in found]  # type: ignore[attr-defined]


def test_soonest_first_wrapping_the_week(make_meeting: Make) -> None:
    make_meeting(name="Monday", weekday=1)
    make_meeting(name="tonight", weekday=2)
    make_meeting(name="noon today, so next week", weekday=2, start=datetime.time(12))
    make_meeting(name="tomorrow", weekday=3)
    make_meeting(name="by appointment", weekday=None, start=None)
    found = list(finder.find(now=TUESDAY_SIX))
    assert names(found) == ["tonight", "tomorrow", "Monday", "noon today, so next week", "by appointment"]
    assert found[0].next_start == datetime.datetime(2026, 3, 3, 19, 0, tzinfo=NEW_YORK)
    assert found[3].next_start == datetime.datetime(2026, 3, 10, 12, 0, tzinfo=NEW_YORK)  # summer time by then
    assert found[4].next_start is None


def test_ten_minutes_of_grace(make_meeting: Make) -> None:
    make_meeting(start=datetime.time(17, 50))
    at = datetime.datetime(2026, 3, 3, 17, 50, tzinfo=NEW_YORK)
    assert finder.find(now=TUESDAY_SIX)[0].next_start == at
    later = TUESDAY_SIX + datetime.timedelta(seconds=1)
    assert finder.find(now=later)[0].next_start == at + datetime.timedelta(days=7)


def test_grace_reaches_back_over_midnight(make_meeting: Make) -> None:
    make_meeting(weekday=2, start=datetime.time(23, 55))
    just_after = datetime.datetime(2026, 3, 4, 0, 3, tzinfo=NEW_YORK)
    assert finder.find(now=just_after)[0].next_start == datetime.datetime(2026, 3, 3, 23, 55, tzinfo=NEW_YORK)


def test_a_midnight_meeting_is_not_lost(make_meeting: Make) -> None:
    make_meeting(weekday=3, start=datetime.time(0, 0))
    found = finder.find(now=TUESDAY_SIX)[0]
    assert found.next_start == datetime.datetime(2026, 3, 4, 0, 0, tzinfo=NEW_YORK)
    assert finder.find(now=TUESDAY_SIX, weekday=3).count() == 1
    assert finder.find(now=TUESDAY_SIX, weekday=3, after=datetime.time(0)).count() == 1


@pytest.mark.parametrize(
    ("now", "weekday", "start", "expected"),
    [
        # clocks forward on March 8, 2026: 02:30 does not exist, the meeting is at 03:30 by the new clock
        ("2026-03-08T00:30-05:00", 0, (2, 30), "2026-03-08T07:30+00:00"),
        ("2026-03-07T20:00-05:00", 0, (10, 0), "2026-03-08T14:00+00:00"),
        # clocks back on November 1, 2026: 01:30 comes twice, the meeting is at the first
        ("2026-11-01T00:30-04:00", 0, (1, 30), "2026-11-01T05:30+00:00"),
        ("2026-10-31T20:00-04:00", 0, (10, 0), "2026-11-01T15:00+00:00"),
        ("2026-10-28T20:00-04:00", 3, (19, 0), "2026-11-05T00:00+00:00"),
    ],
)
def test_through_changes_of_the_clock(
    make_meeting: Make, now: str, weekday: int, start: tuple[int, int], expected: str
) -> None:
    make_meeting(weekday=weekday, start=datetime.time(*start))
    found = finder.find(now=datetime.datetime.fromisoformat(now))[0]
    assert found.next_start == datetime.datetime.fromisoformat(expected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    now=st.datetimes(
        min_value=datetime.datetime(2025, 1, 1),
        max_value=datetime.datetime(2027, 1, 1),
        timezones=st.just(datetime.UTC),
    ),
    weekday=st.integers(0, 6),
    start=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["America/New_York", "Pacific/Honolulu", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_the_next_start_is_within_a_week_on_the_right_day(
    make_meeting: Make, now: datetime.datetime, weekday: int, start: datetime.time, zone: str
) -> None:
    with as_owner():
        Meeting.objects.all().delete()
    make_meeting(weekday=weekday, start=start, time_zone=zone)
    found = finder.find(now=now)[0].next_start
    assert now - finder.GRACE <= found <= now + datetime.timedelta(days=7, hours=2)
    local = found.astimezone(ZoneInfo(zone))
    assert local.isoweekday() % 7 == weekday
    if not 1 <= start.hour <= 3:  # the hours in which clocks change
        assert local.time() == start


def test_the_day_is_the_viewers(make_meeting: Make) -> None:
    make_meeting(name="Honolulu, Tuesday evening", weekday=2, start=datetime.time(20), time_zone="Pacific/Honolulu")
    assert names(finder.find(now=TUESDAY_SIX, weekday=3)) == ["Honolulu, Tuesday evening"]  # 1 a.m. in New York
    assert names(finder.find(now=TUESDAY_SIX, weekday=2)) == []
    utc = TUESDAY_SIX.astimezone(datetime.UTC)
    assert names(finder.find(now=utc, weekday=2)) == ["Honolulu, Tuesday evening"]  # nobody's clock: its own
    with timezone.override("America/New_York"):
        assert names(finder.find(now=utc, weekday=3)) == ["Honolulu, Tuesday evening"]
    for hours, day in ((-5, 3), (-7, 2), (+5, 3)):
        fixed = datetime.timezone(datetime.timedelta(hours=hours))
        assert names(finder.find(now=TUESDAY_SIX.astimezone(fixed), weekday=day)) == ["Honolulu, Tuesday evening"]


def test_after(make_meeting: Make) -> None:
    for hour in (12, 18, 20):
        make_meeting(name=f"{hour}", start=datetime.time(hour))
    assert names(finder.find(now=TUESDAY_SIX, weekday=2, after=datetime.time(18))) == ["18", "20"]


def test_every_type_must_be_there(make_meeting: Make, feed: MeetingFeed) -> None:
    make_meeting(name="women, open", types=["O", "W"])
    make_meeting(name="open", types=["O"])
    make_meeting(name="NA women, open", types=["O", "W"], fellowship="na")
    assert set(names(finder.find(now=TUESDAY_SIX, types=("O", "W")))) == {"women, open", "NA women, open"}
    assert names(finder.find(now=TUESDAY_SIX, types=("O", "W"), program="AA")) == ["women, open"]
    assert names(finder.find(now=TUESDAY_SIX, types=("na:W",))) == ["NA women, open"]


def test_needs_cross_fellowships(make_meeting: Make) -> None:
    make_meeting(name="AA newcomers", types=["BE"])
    make_meeting(name="NA beginners", types=["BEG"], fellowship="na")
    make_meeting(name="neither")
    assert set(names(finder.find(now=TUESDAY_SIX, needs=["newcomers"]))) == {"AA newcomers", "NA beginners"}


def test_hybrid_is_not_excluded_either_way(make_meeting: Make) -> None:
    for attendance in ("in_person", "online", "hybrid", "inactive"):
        make_meeting(name=attendance, attendance=attendance)
    assert set(names(finder.find(now=TUESDAY_SIX))) == {"in_person", "online", "hybrid"}
    assert set(names(finder.find(now=TUESDAY_SIX, online=True))) == {"online", "hybrid"}
    assert set(names(finder.find(now=TUESDAY_SIX, online=False))) == {"in_person", "hybrid"}


def test_distance_only_for_places(make_meeting: Make) -> None:
    make_meeting(name="here")
    make_meeting(name="exactly north", latitude=42.6526 + 0.0899, longitude=-73.7562)
    make_meeting(name="exactly east, on the same latitude", longitude=-73.7562 + 0.1)
    make_meeting(name="far", latitude=40.7, longitude=-74.0)
    make_meeting(name="online", attendance="online")
    make_meeting(name="nowhere", latitude=None, longitude=None)
    found = {meeting.name: meeting.distance_km for meeting in finder.find(near=ALBANY, now=TUESDAY_SIX)}
    assert "online" not in found
    assert found["here"] == pytest.approx(0, abs=0.001)
    assert found["exactly north"] == pytest.approx(10.0, abs=0.01)
    assert found["exactly east, on the same latitude"] == pytest.approx(8.18, abs=0.01)
    assert found["nowhere"] is None
    near = finder.find(near=ALBANY, within_km=9, now=TUESDAY_SIX)
    assert set(names(near)) == {"here", "exactly east, on the same latitude"}
    asked = {m.name: m.distance_km for m in finder.find(near=ALBANY, within_km=9, online=True, now=TUESDAY_SIX)}
    assert asked == {"online": None}


def test_near_a_zip_code(make_meeting: Make) -> None:
    make_meeting()
    assert finder.find(near="12207", within_km=5, now=TUESDAY_SIX).count() == 1
    assert finder.find(near="42.65, -73.75", within_km=5, now=TUESDAY_SIX).count() == 1
    for nowhere in ("00000", "Albany", "1220", "1,2,3", "95,0"):
        with pytest.raises(finder.UnknownPlace):
            finder.find(near=nowhere, now=TUESDAY_SIX)


def test_retired_meetings_and_feeds_out_of_use_are_not_found(make_meeting: Make, feed: MeetingFeed) -> None:
    make_meeting(retired_at=TUESDAY_SIX)
    assert finder.find(now=TUESDAY_SIX).count() == 0
    make_meeting()
    assert finder.find(now=TUESDAY_SIX).count() == 1
    MeetingFeed.objects.update(is_active=False)
    assert finder.find(now=TUESDAY_SIX).count() == 0


def test_one_query(make_meeting: Make) -> None:
    for _ in range(30):
        make_meeting()
    with CaptureQueriesContext(connection) as caught:
        assert len(finder.find(near=ALBANY, within_km=50, weekday=2, now=TUESDAY_SIX, types=()).order_by("pk")) == 30
    assert len(caught) == 1


@pytest.mark.parametrize("wrong", [{"weekday": 7}, {"program": "nobody"}, {"needs": ["gold"]}])
def test_wrong_questions(db: None, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        finder.find(now=TUESDAY_SIX, **wrong)  # type: ignore[arg-type]


def test_five_thousand_meetings_in_one_query(feed: MeetingFeed) -> None:
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
            latitude=42.0 + number % 100 / 50,
            longitude=-74.0 + number // 100 / 50,
            content_hash="x",
            imported_at=TUESDAY_SIX,
        )
        for number in range(5000)
    )
    with CaptureQueriesContext(connection) as caught:
        found = list(finder.find(near=ALBANY, within_km=20, weekday=2, after=datetime.time(18), now=TUESDAY_SIX))
    assert len(caught) == 1
    assert found
    assert all(meeting.distance_km <= 20 for meeting in found)
    assert float(caught[0]["time"]) < 0.5

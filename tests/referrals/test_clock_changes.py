"""Next starts and what is on, in the weeks in which clocks change: to the instant, in five places."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals import clock_words, finder
from referrals.models import Meeting, MeetingFeed
from referrals.week_windows import SLACK, WEEK, first, starting_in
from staff import time_zones
from tests.ownership import as_owner

Make = Callable[..., Meeting]
NEW_YORK, LONDON, SYDNEY = "America/New_York", "Europe/London", "Australia/Sydney"
PHOENIX, LORD_HOWE, HAVANA = "America/Phoenix", "Australia/Lord_Howe", "America/Havana"
SATURDAY, SUNDAY = 6, 0


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def on_each_clock(moment: datetime.datetime, zone: str) -> list[datetime.datetime]:
    """The same moment as a worker and as a page has it: Python reckons with the second by the wall."""
    return [moment, moment.astimezone(ZoneInfo(zone))]


def next_start(**question: object) -> datetime.datetime:
    return finder.find(**question)[0].next_start  # type: ignore[arg-type,no-any-return]


@pytest.mark.parametrize(
    ("zone", "weekday", "start", "now", "expected"),
    [
        # New York: at 06:00Z on November 1, 2026, 2:00 EDT becomes 1:00 EST
        (NEW_YORK, SUNDAY, (1, 30), "2026-11-01T04:00Z", "2026-11-01T05:30Z"),
        (NEW_YORK, SUNDAY, (1, 30), "2026-11-01T05:40Z", "2026-11-01T05:30Z"),  # ten minutes of grace
        (NEW_YORK, SUNDAY, (1, 30), "2026-11-01T05:40:01Z", "2026-11-08T06:30Z"),
        (NEW_YORK, SUNDAY, (1, 30), "2026-11-01T06:20Z", "2026-11-08T06:30Z"),  # the clock shows 1:20 once more
        (NEW_YORK, SUNDAY, (1, 30), "2026-11-01T06:35Z", "2026-11-08T06:30Z"),
        (NEW_YORK, SUNDAY, (1, 0), "2026-11-01T05:00Z", "2026-11-01T05:00Z"),
        (NEW_YORK, SUNDAY, (2, 0), "2026-11-01T05:30Z", "2026-11-01T07:00Z"),
        (NEW_YORK, SUNDAY, (1, 30), "2026-10-26T12:00Z", "2026-11-01T05:30Z"),
        # and at 07:00Z on March 8, 2026, 2:00 EST becomes 3:00 EDT: 2:30 is half an hour later
        (NEW_YORK, SUNDAY, (2, 30), "2026-03-08T05:00Z", "2026-03-08T07:30Z"),
        (NEW_YORK, SUNDAY, (3, 0), "2026-03-08T05:00Z", "2026-03-08T07:00Z"),
        (NEW_YORK, SUNDAY, (2, 30), "2026-03-08T07:41Z", "2026-03-15T06:30Z"),
        (NEW_YORK, SATURDAY, (19, 0), "2026-03-08T05:00Z", "2026-03-14T23:00Z"),
        # London: at 01:00Z on October 25, 2026, 2:00 BST becomes 1:00 GMT
        (LONDON, SUNDAY, (1, 30), "2026-10-24T20:00Z", "2026-10-25T00:30Z"),
        (LONDON, SUNDAY, (1, 30), "2026-10-25T01:15Z", "2026-11-01T01:30Z"),
        (LONDON, SUNDAY, (1, 30), "2026-10-25T01:35Z", "2026-11-01T01:30Z"),
        (LONDON, SUNDAY, (1, 30), "2026-03-28T20:00Z", "2026-03-29T01:30Z"),  # 1:30 does not come: 2:30 BST
        # Sydney: at 16:00Z on April 4, 2026, 3:00 AEDT becomes 2:00 AEST
        (SYDNEY, SUNDAY, (2, 30), "2026-04-04T12:00Z", "2026-04-04T15:30Z"),
        (SYDNEY, SUNDAY, (2, 30), "2026-04-04T16:15Z", "2026-04-11T16:30Z"),
        (SYDNEY, SUNDAY, (2, 30), "2026-10-03T12:00Z", "2026-10-03T16:30Z"),  # does not come: 3:30 AEDT
        # Lord Howe: half an hour
        (LORD_HOWE, SUNDAY, (1, 45), "2026-04-04T10:00Z", "2026-04-04T14:45Z"),
        (LORD_HOWE, SUNDAY, (1, 45), "2026-04-04T15:05Z", "2026-04-11T15:15Z"),
        # Havana: at 05:00Z on November 1, 2026, 1:00 becomes 0:00 of the same day
        (HAVANA, SUNDAY, (0, 30), "2026-11-01T03:00Z", "2026-11-01T04:30Z"),
        (HAVANA, SUNDAY, (0, 30), "2026-11-01T05:10Z", "2026-11-08T05:30Z"),
        # Phoenix changes nothing
        (PHOENIX, SUNDAY, (1, 30), "2026-11-01T08:00Z", "2026-11-01T08:30Z"),
        (PHOENIX, SUNDAY, (2, 30), "2026-03-08T09:00Z", "2026-03-08T09:30Z"),
        (PHOENIX, SUNDAY, (1, 30), "2026-11-01T08:41Z", "2026-11-08T08:30Z"),
    ],
)
def test_the_next_start_to_the_instant(
    make_meeting: Make, zone: str, weekday: int, start: tuple[int, int], now: str, expected: str
) -> None:
    make_meeting(weekday=weekday, start=datetime.time(*start), time_zone=zone)
    assert [next_start(now=each) for each in on_each_clock(at(now), zone)] == [at(expected)] * 2


def first_moment(day: datetime.date, start: datetime.time, zone: ZoneInfo) -> datetime.datetime:
    """When a wall clock first shows a time on a day; a time that is left out counts from midnight's offset on."""
    return datetime.datetime.combine(day, start.replace(fold=0), zone).astimezone(datetime.UTC)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    now=st.sampled_from(["2026-11-01", "2026-10-25", "2026-04-04", "2026-03-08", "2026-03-29", "2026-10-04"]).flatmap(
        lambda day: st.integers(-36 * 60, 36 * 60).map(
            lambda minutes: at(f"{day}T00:00Z") + datetime.timedelta(minutes=minutes)
        )
    ),
    weekday=st.integers(0, 6),
    start=st.builds(datetime.time, st.integers(0, 4), st.sampled_from([0, 1, 29, 30, 59])),
    zone=st.sampled_from([NEW_YORK, LONDON, SYDNEY, PHOENIX, LORD_HOWE, HAVANA, "Europe/Dublin"]),
)
def test_it_is_the_first_that_a_calendar_of_all_days_has(
    make_meeting: Make, now: datetime.datetime, weekday: int, start: datetime.time, zone: str
) -> None:
    with as_owner():
        Meeting.objects.all().delete()
    make_meeting(weekday=weekday, start=start, time_zone=zone)
    since, clock = now - finder.GRACE, ZoneInfo(zone)
    days = [since.astimezone(clock).date() + datetime.timedelta(days=each) for each in range(-1, 10)]
    held = [first_moment(day, start, clock) for day in days if day.isoweekday() % 7 == weekday]
    first = min(each for each in held if each >= since)
    assert [next_start(now=each) for each in on_each_clock(now, zone)] == [first] * 2


@pytest.mark.parametrize(
    ("zone", "start", "minutes", "now", "is_on"),
    [
        (NEW_YORK, (1, 30), 60, "2026-11-01T05:29Z", False),
        (NEW_YORK, (1, 30), 60, "2026-11-01T05:30Z", True),
        (NEW_YORK, (1, 30), 60, "2026-11-01T06:29Z", True),  # 1:29 for the second time
        (NEW_YORK, (1, 30), 60, "2026-11-01T06:30Z", False),  # 1:30 for the second time: over, not beginning
        (NEW_YORK, (1, 30), 60, "2026-11-01T06:45Z", False),
        (NEW_YORK, (1, 30), None, "2026-11-01T06:29Z", True),  # an hour where the list says nothing
        (NEW_YORK, (1, 30), None, "2026-11-01T06:31Z", False),
        (NEW_YORK, (2, 30), 60, "2026-03-08T07:45Z", True),
        (NEW_YORK, (1, 30), 90, "2026-03-08T07:45Z", True),  # 1:30 to 4:00 by the clock, an hour and a half
        (NEW_YORK, (1, 30), 90, "2026-03-08T08:00Z", False),
        (LONDON, (1, 30), 90, "2026-10-25T01:59Z", True),
        (LONDON, (1, 30), 90, "2026-10-25T02:00Z", False),
        (SYDNEY, (2, 30), 60, "2026-04-04T16:15Z", True),
        (SYDNEY, (2, 30), 60, "2026-04-04T16:45Z", False),
        (PHOENIX, (1, 30), 60, "2026-11-01T09:29Z", True),
        (PHOENIX, (1, 30), 60, "2026-11-01T09:30Z", False),
        (NEW_YORK, (23, 30), 600, "2026-11-02T14:29Z", True),  # Sunday night into Monday
        (NEW_YORK, (23, 30), 600, "2026-11-02T14:30Z", False),
    ],
)
def test_what_is_on_lasts_its_minutes_whatever_the_clock_does(
    make_meeting: Make, zone: str, start: tuple[int, int], minutes: int | None, now: str, is_on: bool
) -> None:
    make_meeting(weekday=SUNDAY, start=datetime.time(*start), duration=minutes, time_zone=zone)
    for each in on_each_clock(at(now), zone):
        found = list(finder.find(now=each, in_progress=True))
        assert bool(found) == is_on
        if found:
            assert found[0].next_start <= at(now)
            assert found[0].next_start > at(now) - datetime.timedelta(minutes=minutes or 60)


@pytest.mark.parametrize(
    ("zone", "start", "now", "is_soon"),
    [
        # two hours ahead, and ten minutes back, are hours that pass
        (NEW_YORK, (3, 0), "2026-11-01T05:59Z", False),  # 1:59 EDT, an hour and a minute by the wall
        (NEW_YORK, (3, 0), "2026-11-01T06:00Z", True),
        (NEW_YORK, (1, 30), "2026-11-01T06:05Z", False),  # 1:05 for the second time: it began 35 minutes ago
        (NEW_YORK, (1, 30), "2026-11-01T05:40Z", True),
        (NEW_YORK, (4, 15), "2026-03-08T06:14Z", False),
        (NEW_YORK, (4, 15), "2026-03-08T06:15Z", True),  # 1:15 EST, three hours by the wall
        (NEW_YORK, (4, 15), "2026-03-08T06:50Z", True),
        (LONDON, (3, 0), "2026-10-25T00:59Z", False),
        (LONDON, (3, 0), "2026-10-25T01:00Z", True),
        (LONDON, (3, 15), "2026-03-29T00:20Z", True),
        (SYDNEY, (4, 0), "2026-04-04T15:59Z", False),
        (SYDNEY, (4, 0), "2026-04-04T16:00Z", True),
        (LORD_HOWE, (3, 30), "2026-04-04T14:59Z", False),
        (LORD_HOWE, (3, 30), "2026-04-04T15:00Z", True),
        (PHOENIX, (4, 15), "2026-03-08T09:14Z", False),
        (PHOENIX, (4, 15), "2026-03-08T09:15Z", True),
    ],
)
def test_soon_is_two_hours_whatever_the_clock_does(
    make_meeting: Make, zone: str, start: tuple[int, int], now: str, is_soon: bool
) -> None:
    make_meeting(weekday=SUNDAY, start=datetime.time(*start), duration=60, time_zone=zone)
    for each in on_each_clock(at(now), zone):
        assert finder.find(now=each, soon=True).exists() == is_soon


@pytest.mark.parametrize(
    ("start", "zone", "now", "minutes_ahead", "has_begun"),
    [
        ("2026-11-01T05:30Z", NEW_YORK, "2026-11-01T05:05Z", 25, False),
        ("2026-11-01T05:30Z", NEW_YORK, "2026-11-01T06:05Z", 0, True),  # 1:05 for the second time
        ("2026-11-01T05:30Z", NEW_YORK, "2026-11-01T06:37Z", 0, True),
        ("2026-11-01T08:00Z", NEW_YORK, "2026-11-01T05:59Z", 0, False),  # 3:00 EST at 1:59 EDT
        ("2026-03-08T08:15Z", NEW_YORK, "2026-03-08T06:50Z", 85, False),  # 4:15 EDT at 1:50 EST
        ("2026-10-25T00:30Z", LONDON, "2026-10-25T01:05Z", 0, True),
        ("2026-04-04T15:30Z", SYDNEY, "2026-04-04T16:05Z", 0, True),
        ("2026-11-01T08:30Z", PHOENIX, "2026-11-01T08:05Z", 25, False),
    ],
)
def test_the_words_count_minutes_that_pass(
    start: str, zone: str, now: str, minutes_ahead: int, has_begun: bool
) -> None:
    clock = ZoneInfo(zone)
    for begins in on_each_clock(at(start), zone):
        for each in on_each_clock(at(now), zone):
            told = clock_words.when(begins, minutes=60, there=clock, reader=clock, now=each)
            assert (told.minutes_ahead, told.has_begun) == (minutes_ahead, has_begun)
            assert told.ends.astimezone(datetime.UTC) == at(start) + datetime.timedelta(hours=1)


def test_days_and_parts_of_the_day_hold_through_the_change(make_meeting: Make) -> None:
    """The reader is in New York, on the Sunday that has 25 hours."""
    make_meeting(name="11:30 PM", weekday=SUNDAY, start=datetime.time(23, 30))
    make_meeting(name="1:30 AM", weekday=SUNDAY, start=datetime.time(1, 30))
    make_meeting(name="Phoenix 9:30 PM", weekday=SUNDAY, start=datetime.time(21, 30), time_zone=PHOENIX)  # 11:30 PM
    make_meeting(name="Phoenix 10:30 PM", weekday=SUNDAY, start=datetime.time(22, 30), time_zone=PHOENIX)  # Monday

    def found(**question: object) -> set[str]:
        now, zone = at("2026-10-31T12:00Z"), ZoneInfo(NEW_YORK)
        return {each.name for each in finder.find(now=now, zone=zone, **question)}  # type: ignore[arg-type]

    assert found(weekday=SUNDAY) == {"11:30 PM", "1:30 AM", "Phoenix 9:30 PM"}
    assert found(weekday=1) == {"Phoenix 10:30 PM"}
    assert found(weekday=SUNDAY, parts=["night"]) == {"11:30 PM", "1:30 AM", "Phoenix 9:30 PM"}
    assert found(parts=["morning", "afternoon", "evening"]) == set()


def when(start: str, zone: str, reader: str, *, minutes: int = 60, now: str = "2026-10-31T12:00Z") -> clock_words.When:
    return clock_words.when(at(start), minutes=minutes, there=ZoneInfo(zone), reader=ZoneInfo(reader), now=at(now))


def test_each_time_is_on_the_meetings_clock_and_on_that_of_who_goes_if_it_differs() -> None:
    seven = when("2026-11-04T00:00Z", NEW_YORK, "America/Chicago")
    assert (seven.begins_at, seven.reader_at, seven.ends_at) == ("7:00 PM Eastern", "6:00 PM Central", "8:00 PM")
    assert seven.is_elsewhere
    same = when("2026-11-04T00:00Z", NEW_YORK, "America/Detroit")
    assert (same.begins_at, same.is_elsewhere) == ("7:00 PM", False)
    phoenix = when("2026-11-04T02:00Z", PHOENIX, "America/Denver")  # the same clock in winter
    assert (phoenix.begins_at, phoenix.is_elsewhere) == ("7:00 PM", False)
    summer = when("2026-07-08T02:00Z", PHOENIX, "America/Denver")
    assert (summer.begins_at, summer.reader_at) == ("7:00 PM Arizona", "8:00 PM Mountain")
    london = when("2026-11-04T01:00Z", LONDON, NEW_YORK)
    assert (london.begins_at, london.reader_at) == ("1:00 AM London", "Wednesday there, 8:00 PM Eastern")
    assert london.day == "Tuesday"  # that of who goes


def test_in_the_hour_that_comes_twice_the_clock_is_named() -> None:
    night = when("2026-11-01T05:30Z", NEW_YORK, NEW_YORK)
    assert (night.begins_at, night.ends_at) == ("1:30 AM EDT", "1:30 AM EST")
    assert when("2026-11-01T07:30Z", NEW_YORK, NEW_YORK).begins_at == "2:30 AM"
    assert when("2026-03-08T07:30Z", NEW_YORK, NEW_YORK).begins_at == "3:30 AM"


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2026-01-14", "2026-04-05", "2026-07-15", "2026-11-01"])
def test_the_index_of_the_week_is_never_an_hour_off(day: str) -> None:
    """In every zone: what starts in a stretch is among what the index gives for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, referrals_week_minute(3::smallint, '12:00', name),"
            " referrals_next_start(3::smallint, '12:00', name, %s::timestamptz) FROM unnest(%s::text[]) AS name",
            [f"{day}T00:00Z", sorted(time_zones.places())],
        )
        rows = cursor.fetchall()
    assert len(rows) > 400
    for name, minute, starts in rows:
        off = (int(starts.timestamp() // 60) - minute + WEEK // 2) % WEEK - WEEK // 2
        assert abs(off) <= SLACK, name


@pytest.mark.parametrize("day", ["2026-01-14", "2026-03-07", "2026-04-04", "2026-10-24", "2026-10-31"])
def test_what_starts_in_a_stretch_is_found_by_a_look_at_the_clock(feed: MeetingFeed, day: str) -> None:
    """Each hour of the week from one date line to the other: none is lost, none too many, in any stretch."""
    zones = [NEW_YORK, LONDON, SYDNEY, LORD_HOWE, HAVANA, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"]
    Meeting.objects.bulk_create(
        Meeting(
            feed=feed,
            external_id=f"{zone} {weekday} {hour}",
            fellowship="aa",
            name=zone,
            weekday=weekday,
            start=datetime.time(hour, 30 * (hour % 2)),
            time_zone=zone,
            attendance="in_person",
            content_hash="x",
            imported_at=at("2026-01-01T00:00Z"),
        )
        for zone in zones
        for weekday in range(7)
        for hour in range(24)
    )
    now = at(f"{day}T20:00Z")
    starts = {each.pk: each.next_start for each in finder.find(now=now)}
    assert len(starts) == len(zones) * 7 * 24
    for ahead, length in ((-1, 2), (0, 1), (3, 9), (10, 30), (5, 90), (20, 100), (0, 8 * 24)):
        begins = now + datetime.timedelta(hours=ahead)
        stretch = (begins, begins + datetime.timedelta(hours=length))
        twice = (stretch[1] + datetime.timedelta(hours=30), stretch[1] + datetime.timedelta(hours=50))
        for stretches in ([stretch], [twice, stretch]):
            wanted = {pk for pk, start in starts.items() if any(low <= start < high for low, high in stretches)}
            found = starting_in(finder.find(now=now), stretches)
            assert {each.pk for each in found} == wanted
            assert wanted


def test_the_first_of_several_stretches() -> None:
    hour = datetime.timedelta(hours=1)
    noon = at("2026-03-03T12:00Z")
    stretches = [(noon + 24 * hour, noon + 27 * hour), (noon - hour, noon + 2 * hour)]
    assert first(stretches, hour, since=noon) == [(noon, noon + hour)]
    assert first(stretches, 3 * hour, since=noon) == [(noon, noon + 2 * hour), (noon + 24 * hour, noon + 25 * hour)]
    assert first(stretches, 99 * hour, since=noon) == [(noon, noon + 2 * hour), (noon + 24 * hour, noon + 27 * hour)]
    assert first(stretches, hour, since=noon + 9 * hour) == [(noon + 24 * hour, noon + 25 * hour)]

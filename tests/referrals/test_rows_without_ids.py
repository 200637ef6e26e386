"""Lists without ids: a meeting is recognized by what it is, not by its place in the list."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from referrals import feeds
from referrals.models import ImportRun, Meeting, MeetingFeed

AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
LATER = AT + datetime.timedelta(days=1)
WEEK = range(1, 6)


def hour(day: int | list[int], **fields: Any) -> dict[str, Any]:
    return {
        "name": "Happy Hour",
        "day": day,
        "time": "17:30",
        "formatted_address": "1 Main St, Albany, NY 12207, USA",
        **fields,
    }


def counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    return (run.created, run.updated, run.unchanged, run.retired, run.rejected)


def read(feed: MeetingFeed, listed: list[dict[str, Any]]) -> ImportRun:
    return feeds.import_feed(feed=feed, payload=json.dumps(listed).encode(), at=LATER, confirm_drop=True)


def days_of(feed: MeetingFeed) -> dict[int, int | None]:
    """The weekday of each meeting that is listed, by its number."""
    return dict(feed.meetings.filter(retired_at=None).values_list("pk", "weekday"))


def test_one_that_drops_out_moves_no_other(feed: MeetingFeed) -> None:
    read(feed, [hour(day) for day in WEEK])
    before = days_of(feed)
    run = read(feed, [hour(day, notes="New: use the side door") for day in WEEK if day != 1])
    assert (counts(run), run.renamed) == ((0, 4, 0, 1, 0), 0)
    assert days_of(feed) == {pk: day for pk, day in before.items() if day != 1}


def test_in_another_order_and_written_otherwise_nothing_changes(feed: MeetingFeed) -> None:
    read(feed, [hour(day) for day in WEEK])
    before = list(feed.meetings.order_by("pk").values())
    assert counts(read(feed, [hour(day) for day in reversed(WEEK)])) == (0, 0, 5, 0, 0)
    assert counts(read(feed, [hour([2, 1, 3]), hour([5, 4])])) == (0, 0, 5, 0, 0)
    assert [row | {"row_hash": ""} for row in feed.meetings.order_by("pk").values()] == [
        row | {"row_hash": ""} for row in before
    ]


def test_a_rejected_row_keeps_those_of_its_name(feed: MeetingFeed) -> None:
    read(feed, [*(hour(day) for day in WEEK), hour(3, name="Other")])
    before = days_of(feed)
    other = feed.meetings.get(name="Other").pk
    broken = hour(1, time="after work")
    run = feeds.import_feed(feed=feed, payload=[broken, *(hour(day) for day in WEEK if day != 1)], at=LATER)
    assert (counts(run), run.kept, run.unidentified) == ((0, 0, 4, 1, 1), 1, 0)
    assert days_of(feed) == {pk: day for pk, day in before.items() if pk != other}


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"time": "18:00"}, 3),  # another hour of that day
        ({"formatted_address": "9 Elm St, Albany, NY 12207, USA"}, 3),  # another church
        ({"conference_url": "https://zoom.us/j/5"}, 3),
    ],
)
def test_one_that_moves_stays_the_same_meeting(feed: MeetingFeed, changed: dict[str, str], row: int) -> None:
    read(feed, [hour(day) for day in WEEK])
    before = days_of(feed)
    run = read(feed, [hour(day, **(changed if day == row else {})) for day in WEEK if day != 1])
    assert counts(run) == (0, 1, 3, 1, 0)
    assert days_of(feed) == {pk: day for pk, day in before.items() if day != 1}


def test_the_only_one_of_its_name_may_move_to_another_day(feed: MeetingFeed) -> None:
    read(feed, [hour(2, name="Sunrise"), *(hour(day) for day in WEEK)])
    sunrise = feed.meetings.get(name="Sunrise").pk
    run = read(feed, [hour(4, name="Sunrise"), *(hour(day) for day in (2, 3, 4, 5, 6))])
    assert (counts(run), run.renamed) == ((1, 1, 4, 1, 0), 1)
    assert feed.meetings.get(pk=sunrise).weekday == 4
    monday = feed.meetings.get(name="Happy Hour", weekday=1)
    assert monday.retired_at == LATER  # it did not become Saturday's: the others of its name stayed


def test_two_that_are_the_same_in_all_are_two(feed: MeetingFeed) -> None:
    twins = [hour(1, notes="upstairs"), hour(1, notes="downstairs")]
    first = read(feed, twins)
    assert first.created == 2
    assert [each["sentence"] for each in first.remarks if "probably a duplicate" in each["sentence"]]
    assert not [each for each in first.remarks if "already has the ID" in each["sentence"]]
    assert counts(read(feed, [*twins, hour(2)])) == (1, 0, 2, 0, 0)


def test_what_was_listed_by_its_place_is_carried_over(feed: MeetingFeed) -> None:
    """As an earlier release numbered them: by name, and by their place among those of one name."""
    listed = [
        *(hour(day) for day in WEEK),
        hour([1, 3], name="Two Days"),
        hour(2, name="Twins", notes="upstairs"),
        hour(2, name="Twins", notes="downstairs"),
        hour(3, name="Moved", time="9:00"),
        hour(3, name="Señal 22"),
    ]
    read(feed, listed)
    ids = {
        ("Happy Hour", 1, ""): "happy-hour",
        **{("Happy Hour", day, ""): f"happy-hour-{day}" for day in WEEK if day != 1},
        ("Two Days", 1, ""): "two-days@1",
        ("Two Days", 3, ""): "two-days@3",
        ("Twins", 2, "upstairs"): "twins",
        ("Twins", 2, "downstairs"): "twins-2",
        ("Moved", 3, ""): "moved",
        ("Señal 22", 3, ""): "se-al-22",
    }
    assert feed.meetings.count() == len(ids)
    for meeting in feed.meetings.all():
        external_id = ids[meeting.name, meeting.weekday, meeting.notes]
        Meeting.objects.filter(pk=meeting.pk).update(external_id=external_id, row_hash="")
    monday = feed.meetings.get(name="Happy Hour", weekday=1).pk
    said = dict(feed.meetings.values_list("pk", "notes"))
    before = days_of(feed)
    listed[-2]["time"] = "10:00"
    del listed[0]
    run = read(feed, listed)
    assert (run.created, run.renamed, run.retired) == (0, 10, 1)
    assert days_of(feed) == {pk: day for pk, day in before.items() if pk != monday}
    assert dict(feed.meetings.values_list("pk", "notes")) == said
    assert counts(read(feed, [*listed, hour(6, name="New")])) == (1, 0, 10, 0, 0)


def test_a_list_that_begins_to_give_ids_keeps_its_meetings(feed: MeetingFeed) -> None:
    read(feed, [hour(day) for day in WEEK])
    before = days_of(feed)
    run = read(feed, [hour(day, slug=f"happy-hour-{day}") for day in WEEK])
    assert (counts(run), run.renamed) == ((0, 5, 0, 0, 0), 5)
    assert days_of(feed) == before

"""Feeds as nobody should publish them end in a report, row by row, and never in an error.

`make test` imports a few of them; ONWARD_FUZZ=1000 makes it a thousand, ONWARD_FUZZ_SEED another thousand.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection, transaction

from referrals import feeds
from referrals.models import Meeting, MeetingFeed
from staff.models import Clinic
from tests.referrals.test_import import AT, rows

from . import COUNT, SEED, hostile


def listed(feed: MeetingFeed) -> set[int]:
    return set(feed.meetings.current().values_list("pk", flat=True))


def lost_unasked(feed: MeetingFeed, payload: Any) -> list[str]:
    """What an import that nobody confirmed took off the list and did not report, or took although it is too much."""
    before = listed(feed)
    run = feeds.import_feed(feed=feed, payload=payload, at=AT)
    lost = before - listed(feed)
    if len(lost) != run.retired or (run.error and lost):
        return [f"{len(lost)} meetings are gone, {run.retired} are reported {run.error}"]
    if len(lost) > 1 and len(lost) * 4 >= len(before):
        return [f"{len(lost)} of {len(before)} went without a question"]
    return []


@pytest.mark.parametrize("bmlt", [False, True], ids=["meeting-guide", "bmlt"])
def test_no_feed_ends_in_an_error(clinic: Clinic, bmlt: bool) -> None:
    kind = MeetingFeed.Format.BMLT if bmlt else MeetingFeed.Format.MEETING_GUIDE
    feed = MeetingFeed.objects.create(clinic=clinic, name="Hostile", fellowship="na" if bmlt else "aa", format=kind)
    faults, used = [], 0
    for number in range(COUNT or 40):
        payload = hostile.feed(random.Random(f"{SEED} feed {bmlt} {number}"), bmlt=bmlt)
        try:
            with transaction.atomic():
                faults += [f"{number}: {lost}" for lost in lost_unasked(feed, payload)]
                run = feeds.import_feed(feed=feed, payload=payload, at=AT, confirm_drop=True)
                connection.check_constraints()
        except Exception as error:
            faults.append(f"{number}: {type(error).__name__}: {str(error)[:300]}")
        else:
            used += not run.error
    assert not faults, "\n".join(faults)
    assert used > number / 3, "most of the feeds have something that can be read"


def test_what_a_hostile_feed_says_is_no_more_than_an_addition(clinic: Clinic) -> None:
    """Whatever comes after it, a good list is there again after the next good import."""
    feed = MeetingFeed.objects.create(clinic=clinic, name="Hostile", fellowship="aa")
    feeds.import_feed(feed=feed, payload=rows(20), at=AT)
    most = 20
    for number in range(COUNT or 20):
        payload = hostile.feed(random.Random(f"{SEED} between {number}"), bmlt=False)
        assert lost_unasked(feed, payload) == []
        left = feed.meetings.current().count()
        assert left * 4 > most * 3 or left == most - 1, "one after the other they take no more than one alone"
        most = max(most, left)
    feeds.import_feed(feed=feed, payload=rows(20), at=AT, confirm_drop=True)
    current = Meeting.objects.current().filter(external_id__in=[f"e{n}" for n in range(20)], name__startswith="Example")
    assert current.count() == 20
